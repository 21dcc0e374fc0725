// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseSeries, type PatchSeries } from '@pfo-workbench/patch'
import type { Stack } from '@pfo-workbench/run'
import { runInSandbox, type InstalledPackage, type JobResult } from '@pfo-workbench/variant'
import { afterAll, beforeAll } from 'vitest'
import { modelPaths, type ModelVariant, VariantBuilder } from '../src/index.ts'

/** Two small model packages: `vio` imports `of`, and both have a function of the same name. */
export const sources: Record<string, string> = {
  'packages/models/of/src/index.ts': `export * from './base.ts'\nexport { chain } from './chain.ts'\nexport * from './limits.ts'\n`,
  'packages/models/of/src/limits.ts': `/** How many. */\nexport const limit: number = 3\n`,
  'packages/models/of/src/chain.ts': `interface Call {
  readonly name: string
  readonly up: Call | null
}
declare const __pfoCall: Call | null

/** The call chain, innermost first. */
export const chain: () => string = () => {
  const names: string[] = []
  for (let call = __pfoCall; call !== null; call = call.up) names.push(call.name)
  return names.join(' < ')
}
`,
  'packages/models/of/src/base.ts': `import { chain } from './chain.ts'
import { limit } from './limits.ts'
export class device_node {
  name = 'node'
  count = 1
}

function put(node: device_node): string {
  node.count--
  return chain()
}

export function of_node_get(node: device_node): number {
  if (node.count >= limit) return -1
  node.count++
  return node.count
}

export function of_node_put(node: device_node): string {
  return put(node)
}

export function never_called(node: device_node): void {
  node.count = 0
}
`,
  'packages/models/vio/src/index.ts': `import { chain, device_node, of_node_get, of_node_put } from '@pfo-workbench/of'

function put(node: device_node): string {
  return of_node_put(node)
}

export function vio_release(): string {
  return put(new device_node())
}

export function vio_get(): string {
  const node = new device_node()
  of_node_get(node)
  return [of_node_get(node), of_node_get(node), chain()].join()
}
`,
}

/** Entry module of a variant's program. */
const entry = `import { vio_get, vio_release } from '@pfo-workbench/vio'

export function play(job: string): string {
  return job === 'release' ? vio_release() : vio_get()
}
`

/** The fixture on disk, with the options for a builder. */
export interface Fixture {
  readonly root: string
  readonly models: InstalledPackage[]
  readonly entry: string
  remove(): void
}

export function makeFixture(): Fixture {
  const root = mkdtempSync(join(tmpdir(), 'pfo-test-'))
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const [path, text] of Object.entries(sources)) write(path, text)
  return {
    root,
    models: ['of', 'vio'].map((name) => ({
      name: `@pfo-workbench/${name}`,
      dir: join(root, 'packages/models', name),
    })),
    entry,
    remove: () => {
      rmSync(root, { recursive: true })
    },
  }
}

/** Returns the diff that makes `changes` to the sources, in git's format. */
export function diffOf(changes: Record<string, (text: string) => string | null>): string {
  const root = mkdtempSync(join(tmpdir(), 'pfo-diff-'))
  try {
    for (const [side, path, text] of Object.entries(changes).flatMap(([path, change]) => {
      const before = sources[path]
      return [
        ['a', path, before],
        ['b', path, change(before ?? '')],
      ] as const
    })) {
      mkdirSync(dirname(join(root, side, path)), { recursive: true })
      if (text !== undefined && text !== null) writeFileSync(join(root, side, path), text)
    }
    execFileSync('git', ['diff', '--no-index', '--no-prefix', 'a', 'b'], { cwd: root, stdio: 'pipe' })
    throw new Error('the change changes nothing')
  } catch (fault) {
    if (fault instanceof Error && 'status' in fault && fault.status === 1)
      return String((fault as unknown as { stdout: Buffer }).stdout)
    throw fault
  } finally {
    rmSync(root, { recursive: true })
  }
}

export const base = 'packages/models/of/src/base.ts'

/** A change that replaces `from`, which must be present. */
export const replacing =
  (from: string, to: string) =>
  (text: string): string => {
    if (!text.includes(from)) throw new Error(`no '${from}' in the source`)
    return text.replace(from, to)
  }

export const seriesOf = (id: string, changes: Parameters<typeof diffOf>[0]): PatchSeries =>
  parseSeries(diffOf(changes), { source: `${id}.patch`, paths: modelPaths })

export const specOf = (...series: [id: string, PatchSeries][]): Stack<PatchSeries> => ({
  id: series.map(([id]) => id).join('+'),
  title: 'a title',
  patches: series.map(([id, one]) => ({ id, series: one })),
})

/** Results of the variant for the given jobs. */
export async function play(variant: ModelVariant, ...jobs: string[]): Promise<JobResult[]> {
  const results: JobResult[] = []
  for await (const result of runInSandbox(variant.bundle ?? '', jobs)) results.push(result)
  return results
}

/** A builder with its own fixture for the tests of one file. */
export interface Workshop {
  readonly fixture: Fixture
  readonly builder: VariantBuilder
  /** Builds a variant of one patch that makes these changes. */
  build(id: string, changes: Parameters<typeof diffOf>[0]): Promise<ModelVariant>
}

/** Creates a builder before the tests of a file and removes it after them. */
export function useWorkshop(): Workshop {
  const fixture = makeFixture()
  let builder: VariantBuilder | null = null
  beforeAll(async () => {
    builder = await VariantBuilder.create(fixture)
  })
  afterAll(async () => {
    await builder?.dispose()
    fixture.remove()
  })
  return {
    fixture,
    get builder() {
      if (builder === null) throw new Error('there is no builder before the tests begin')
      return builder
    },
    async build(id, changes) {
      return this.builder.build(specOf([id, seriesOf(id, changes)]))
    },
  }
}
