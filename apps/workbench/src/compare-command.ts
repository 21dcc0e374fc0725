// SPDX-License-Identifier: GPL-2.0-only
import {
  unpatchedId,
  compare,
  loadStacks,
  type Comparison,
  type Stack,
  type Tally,
  type VariantSummary,
} from '@pfo-workbench/compare'
import { reports, toPlayedLine, type ReportFormat, type ReportOptions } from '@pfo-workbench/report'
import { formatsWithStories } from '@pfo-workbench/report/format-names'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'
import type { FailOn } from './choices.ts'
import { withEngine } from './engine.ts'
import { isCEngine } from './kernel/is-c-engine.ts'
import { kernelOptionsToSuggest, type KernelOptions } from './kernel/kernel-options.ts'
import { checkWritable, writeReport, showReport, wantsColor } from './output.ts'
import { withProgress } from './progress.ts'
import { chooseScenarios } from './scenarios.ts'
import { checkHint } from './check/check-hint.ts'
import { shellWords } from './shell.ts'
import { defaultStacksFile } from './shipped.ts'
import { formatStderrLine } from './stderr-line.ts'
import { stacksOf } from './variants.ts'
import { workbenchVersion } from './workbench-version.ts'

export interface CompareArguments extends KernelOptions {
  readonly patches: readonly string[]
  readonly series?: string
  readonly scenario?: readonly string[]
  readonly format: ReportFormat
  readonly output?: string
  readonly full?: boolean
  readonly each?: boolean
  readonly jobs?: number
  readonly cache: boolean
  readonly failOn: FailOn
}

/** The stacks to compare. */
interface ChosenStacks {
  readonly stacks: readonly Stack[]
  /** The command-line arguments that name the stacks, by stack id. */
  readonly patchArguments: ReadonlyMap<string, string>
}

/**
 * Collects the stacks of the series file and of the arguments. Without either, uses the shipped series of the models;
 * on a kernel tree, uses each shipped proposal that fits.
 */
async function chooseStacks(
  { patches, series, revert = false, each = false }: CompareArguments,
  engine: Engine<PatchSeries>,
): Promise<ChosenStacks> {
  const named: Stack[] = []
  const patchArguments = new Map<string, string>()
  for (const argument of patches) {
    const stacks = await stacksOf(argument, { engine, each, say })
    // An argument that stands for several stacks does not name one of them.
    const [only] = stacks
    if (stacks.length === 1 && only !== undefined) patchArguments.set(only.id, shellWords([argument]))
    named.push(...stacks)
  }
  const patched = named
    // The unpatched kernel is always part of the comparison.
    .filter(({ id }) => id !== unpatchedId)
    .map((stack) => (revert ? { ...stack, title: `Revert "${stack.title}"` } : stack))
  if (series !== undefined) return { stacks: [...loadStacks(series, engine), ...patched], patchArguments }
  if (patches.length > 0) return { stacks: patched, patchArguments }
  const stacks = isCEngine(engine)
    ? await (await import('./kernel/port-command.ts')).portedStacks(engine)
    : loadStacks(defaultStacksFile, engine)
  return { stacks, patchArguments }
}

function say(message: string): void {
  process.stderr.write(formatStderrLine(message))
}

/** Display options: the width of the terminal, and colours if it supports them. */
export function screenFor({
  output,
  full = false,
}: Pick<CompareArguments, 'output' | 'full'>): Pick<ReportOptions, 'color' | 'columns' | 'full'> {
  const isScreen = output === undefined
  return {
    color: isScreen && wantsColor(process.stdout, process.env),
    full,
    ...(isScreen && process.stdout.isTTY ? { columns: process.stdout.columns } : {}),
  }
}

/** The command that reproduces the comparison. Reports print it. */
function commandOf(args: CompareArguments): string {
  const { patches, series, scenario, each = false } = args
  return shellWords([
    'npx',
    'pfo',
    'compare',
    ...kernelOptionsToSuggest(args),
    ...patches,
    ...(each ? ['--each'] : []),
    ...(series === undefined ? [] : ['--series', series]),
    ...(scenario === undefined ? [] : ['--scenario', ...scenario]),
  ])
}

/** The part of a variant that decides the exit code. */
export type VariantOutcome = Pick<VariantSummary, 'id' | 'status' | keyof Tally>

/** The part of a comparison that decides the exit code. */
interface ComparisonOutcome extends Pick<Comparison, 'baseline' | 'cells'> {
  readonly variants: readonly VariantOutcome[]
}

/** Variants that could not be played in all scenarios. */
function incomplete({ baseline, variants }: ComparisonOutcome): VariantOutcome[] {
  return variants.filter(({ id, status }) => id !== baseline && status !== 'ok')
}

/** True if every patch is incomplete and has no run that ended before its time limit. False without patches. */
function isNothingKnown(comparison: ComparisonOutcome): boolean {
  const some = incomplete(comparison)
  const isUnknown = ({ id }: VariantOutcome): boolean =>
    !comparison.cells.some(({ variant, outcome }) => variant === id && outcome !== 'timeout')
  return some.length > 0 && some.length === comparison.variants.length - 1 && some.every(isUnknown)
}

/**
 * A remark for stderr about variants that the report does not fully cover. Users may overlook them in the report.
 *
 * @returns null if all variants were compared
 */
export function remarkOn(comparison: ComparisonOutcome): string | null {
  const some = incomplete(comparison)
  if (some.length === 0) return null
  if (isNothingKnown(comparison)) return 'none of the patches could be compared; the report says why'
  const names = some.map(({ id, status }) => `${id} (${status})`).join(', ')
  return `not compared, or not in all scenarios: ${names}; the report says why`
}

/**
 * The exit code of a comparison.
 *
 * @returns 2 if nothing is known about any of the patches, although there is a report with reasons; 1 if the condition
 * of `--fail-on` holds, where a variant that could not be judged meets every condition but `never`; otherwise 0
 */
export function exitCodeFor(comparison: ComparisonOutcome, failOn: FailOn): number {
  const variants = comparison.variants.filter(({ id }) => id !== comparison.baseline)
  if (isNothingKnown(comparison)) return 2
  /** A run that a missing function cut short cannot be judged. */
  const isCutShort = (id: string): boolean =>
    comparison.cells.some(({ variant, outcome }) => variant === id && outcome === 'unmodelled')
  const fails = ({ id, status, introduced, kept, revealed, notReached }: VariantOutcome): boolean =>
    status !== 'ok' ||
    introduced > 0 ||
    isCutShort(id) ||
    (failOn !== 'introduced' && revealed > 0) ||
    (failOn === 'any' && kept + notReached > 0)
  return failOn !== 'never' && variants.some(fails) ? 1 : 0
}

/** `pfo compare`: compares variants, and prints the report, a remark and a hint. Returns the exit code. */
export async function compareCommand(args: CompareArguments): Promise<number> {
  const scenarios = chooseScenarios(args.scenario)
  // git determines the version while the patches are played.
  const workbench = workbenchVersion()
  if (args.output !== undefined) await checkWritable(args.output)
  const { comparison, patchArguments } = await withEngine(args, args.patches, async (engine) => {
    const { stacks, patchArguments } = await chooseStacks(args, engine)
    const jobs = args.jobs === undefined ? {} : { jobs: args.jobs }
    const stories = formatsWithStories.includes(args.format)
    const comparison = await withProgress(
      { cache: args.cache, counted: 'runs', playedText: toPlayedLine },
      async (watch) => compare({ engine, stacks, scenarios, stories, ...jobs, ...watch }),
    )
    return { comparison, patchArguments }
  })
  const report = reports[args.format](comparison, {
    ...screenFor(args),
    commands: [commandOf(args)],
    ...(args.kernel === undefined ? {} : { kernelOption: shellWords(kernelOptionsToSuggest(args)) }),
    patchArguments,
    workbench: await workbench,
  })
  if (args.full === true) await showReport(report, args.output)
  else await writeReport(report, args.output)
  const remark = remarkOn(comparison)
  if (remark !== null) process.stderr.write(formatStderrLine(remark))
  const hint = args.kernel === undefined ? null : checkHint(comparison, args.kernel)
  if (hint !== null) process.stderr.write(formatStderrLine(hint))
  return exitCodeFor(comparison, args.failOn)
}
