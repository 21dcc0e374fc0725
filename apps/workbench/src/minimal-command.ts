// SPDX-License-Identifier: GPL-2.0-only
import { countLeft, findMinimal, type FoundStack, type Stack } from '@pfo-workbench/compare'
import { oracles } from '@pfo-workbench/oracle'
import { toMinimalJson, toMinimalText, toTriedLine } from '@pfo-workbench/report'
import { suggestion } from '@pfo-workbench/input'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'
import { withEngine } from './engine.ts'
import { isCEngine } from './kernel/is-c-engine.ts'
import type { KernelOptions } from './kernel/kernel-options.ts'
import { UsageError } from './usage-error.ts'
import { checkWritable, writeReport } from './output.ts'
import { withProgress, type PlayedText } from './progress.ts'
import { chooseScenarios } from './scenarios.ts'
import { shippedPatchIds } from './shipped.ts'
import { checkSwallowed, patchesOfArguments } from './variants.ts'

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

/**
 * Reports a stack if it leaves fewer findings than all earlier stacks. Once a stack leaves no findings, reports only
 * stacks that leave none either and have fewer patches.
 */
function betterLine(): PlayedText<FoundStack> {
  let best: readonly [left: number, patches: number] = [Number.POSITIVE_INFINITY, 0]
  return (stack, columns) => {
    const left = countLeft(stack.left)
    const isBetter = left < best[0] || (left === 0 && stack.patches.length < best[1])
    if (!isBetter) return null
    best = [left, stack.patches.length]
    return toTriedLine(stack, columns)
  }
}

/**
 * The patches that the arguments stand for. Without arguments: the shipped patches; on a kernel tree, the shipped
 * proposals that fit.
 */
async function candidatesOf(
  patchArguments: readonly string[],
  engine: Engine<PatchSeries>,
): Promise<readonly Stack['patches'][number][]> {
  if (patchArguments.length > 0) return patchesOfArguments(patchArguments, { engine })
  if (isCEngine(engine)) {
    const { portedStacks } = await import('./kernel/port-command.ts')
    return (await portedStacks(engine)).flatMap(({ patches }) => patches)
  }
  return patchesOfArguments(shippedPatchIds(), { engine })
}

/** `pfo minimal`. Returns the exit code: 1 if no stack was found that leaves no finding. */
export async function minimalCommand(args: MinimalArguments): Promise<number> {
  const scenarios = chooseScenarios(args.scenario)
  const allowed = args.allow ?? []
  checkOracles(allowed)
  if (args.output !== undefined) await checkWritable(args.output)
  const result = await withEngine(args, args.patches, async (engine) => {
    const patches = await candidatesOf(args.patches, engine)
    const jobs = args.jobs === undefined ? {} : { jobs: args.jobs }
    return withProgress({ cache: args.cache, counted: 'stacks', playedText: betterLine() }, async (watch) =>
      findMinimal({ engine, patches, scenarios, allowed, ...jobs, ...watch }),
    )
  })
  await writeReport(args.format === 'json' ? toMinimalJson(result) : toMinimalText(result), args.output)
  return result.minimal.length > 0 ? 0 : 1
}
