// SPDX-License-Identifier: GPL-2.0-only
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take half a minute or more, slowest first. */
const slow = [
  'test/docs.test.ts',
  'packages/workbench/compare/test/examined-run.test.ts',
  'apps/workbench/test/interruption.test.ts',
  'apps/workbench/test/cache.test.ts',
  'test/packages.test.ts',
  'apps/workbench/test/stories.test.ts',
  'packages/workbench/compare/test/patches.test.ts',
  'test/no-effect/no-effect.test.ts',
  'test/bad-patches/bad-patches.test.ts',
  'packages/engines/models/test/shadow-stack-and-v8.test.ts',
]

function placeOf({ moduleId }: TestSpecification): number {
  const place = slow.findIndex((file) => moduleId.endsWith(`/${file}`))
  return place < 0 ? slow.length : place
}

/** Starts slow files first, so that no slow file runs alone at the end. */
export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b))
  }
}
