// SPDX-License-Identifier: GPL-2.0-only
import { findMinimal, loadPatch, type PatchReader } from '@pfo-workbench/compare'
import { oracles } from '@pfo-workbench/oracle'
import { toMinimalJson, toMinimalText } from '@pfo-workbench/report'
import { suggestion } from '@pfo-workbench/input'
import { join } from 'node:path'
import { withEngine } from './engine.ts'
import { isPatchFile as isKernelPatch } from './kernel/c-engine.ts'
import type { KernelOptions } from './kernel/kernel-options.ts'
import { UsageError } from './errors.ts'
import { checkWritable, putReport } from './output.ts'
import { watched } from './progress.ts'
import { chooseScenarios } from './scenarios.ts'
import { patchFolder, shippedPatchIds } from './shipped.ts'
import { checkShipped, checkSwallowed, isPatchFile } from './variants.ts'

export interface MinimalArguments extends KernelOptions {
  readonly patches: readonly string[]
  readonly allow?: readonly string[]
  readonly scenario?: readonly string[]
  readonly format: 'text' | 'json'
  readonly output?: string
  readonly jobs?: number
  readonly cache: boolean
}

function checkOracles(ids: readonly string[]): void {
  const known: string[] = oracles.map(({ id }) => id)
  for (const id of ids) {
    if (known.includes(id)) continue
    checkSwallowed('--allow', id)
    const hint = suggestion(id, known)
    throw new UsageError(`there is no oracle "${id}".${hint} There are ${known.join(', ')}`)
  }
}

/** Shipped patches by id, and patch files; all shipped ones without any. */
function choosePatches(
  words: readonly string[],
  reader: PatchReader,
  isForModels: boolean,
): ReturnType<typeof loadPatch>[] {
  if (!isForModels) {
    const missing = words.find((word) => !isKernelPatch(word))
    if (words.length > 0 && missing === undefined) return words.map((word) => loadPatch(word, reader))
    throw new UsageError(
      missing === undefined
        ? 'no patch is named to choose from. Accepted with --kernel: patch files'
        : `there is no patch file ${missing}. Accepted with --kernel: patch files`,
    )
  }
  return (words.length === 0 ? shippedPatchIds() : words).map((word) => {
    if (isPatchFile(word)) return loadPatch(word, reader)
    checkShipped(word, 'ids of shipped patches ("pfo list patches" names them), or patch files')
    return loadPatch(join(patchFolder, `${word}.patch`), reader)
  })
}

/** `pfo minimal`. Returns the exit code: 1 if there is no stack that leaves no finding. */
export async function minimalCommand(args: MinimalArguments): Promise<number> {
  const scenarios = chooseScenarios(args.scenario)
  const allowed = args.allow ?? []
  checkOracles(allowed)
  const result = await withEngine(args, args.patches, async (engine) => {
    const patches = choosePatches(args.patches, engine, args.kernel === undefined)
    if (args.output !== undefined) await checkWritable(args.output)
    const jobs = args.jobs === undefined ? {} : { jobs: args.jobs }
    return watched({ cache: args.cache, counted: 'stacks' }, async (watch) =>
      findMinimal({ engine, patches, scenarios, allowed, ...jobs, ...watch }),
    )
  })
  await putReport(args.format === 'json' ? toMinimalJson(result) : toMinimalText(result), args.output)
  return result.minimal.length > 0 ? 0 : 1
}
