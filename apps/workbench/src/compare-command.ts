// SPDX-License-Identifier: GPL-2.0-only
import {
  baselineId,
  compare,
  loadStacks,
  type Comparison,
  type Stack,
  type VariantSummary,
} from '@pfo-workbench/compare'
import { CEngine } from '@pfo-workbench/engine-c'
import { reports, toPlayedLine, type ReportFormat, type ReportOptions } from '@pfo-workbench/report'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'
import { withEngine } from './engine.ts'
import { kernelWords, type KernelOptions } from './kernel/kernel-options.ts'
import { portedStacks } from './kernel/ported.ts'
import { checkWritable, putReport, showReport, wantsColor } from './output.ts'
import { watched } from './progress.ts'
import { chooseScenarios } from './scenarios.ts'
import { checkHint } from './check/check-hint.ts'
import { shellWords } from './shell.ts'
import { defaultSeries } from './shipped.ts'
import { saidByPfo } from './text.ts'
import { stacksOf } from './variants.ts'
import { workbenchVersion } from './workbench-version.ts'

/** What `--fail-on` takes, the default first. */
export const failOnChoices = ['never', 'introduced', 'revealed', 'any'] as const

export type FailOn = (typeof failOnChoices)[number]

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

/** What is compared. */
interface ChosenStacks {
  readonly stacks: readonly Stack[]
  /** By id, the word of the command line that stands for a stack. */
  readonly words: ReadonlyMap<string, string>
}

/**
 * The stacks of the series file, if one is given, and those of the words. Without either, the shipped series of the models, or on
 * a kernel tree each shipped proposal that fits it.
 */
async function chooseStacks(
  { patches, series, revert = false, each = false }: CompareArguments,
  engine: Engine<PatchSeries>,
): Promise<ChosenStacks> {
  const named: Stack[] = []
  const words = new Map<string, string>()
  for (const word of patches) {
    const stacks = await stacksOf(word, { engine, each, say })
    // Of a word that stands for several there is none for one of them.
    const [only] = stacks
    if (stacks.length === 1 && only !== undefined) words.set(only.id, shellWords([word]))
    named.push(...stacks)
  }
  const patched = named
    // It is always compared with.
    .filter(({ id }) => id !== baselineId)
    .map((stack) => (revert ? { ...stack, title: `Revert "${stack.title}"` } : stack))
  if (series !== undefined) return { stacks: [...loadStacks(series, engine), ...patched], words }
  if (patches.length > 0) return { stacks: patched, words }
  const stacks = engine instanceof CEngine ? await portedStacks(engine) : loadStacks(defaultSeries, engine)
  return { stacks, words }
}

function say(message: string): void {
  process.stderr.write(saidByPfo(message))
}

/** How text is shown: as wide as the terminal, and with colours where that has them. */
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

/** The command that makes the same comparison again, for who reads the report. */
function commandOf(args: CompareArguments): string {
  const { patches, series, scenario, each = false } = args
  return shellWords([
    'npx',
    'pfo',
    'compare',
    ...kernelWords(args),
    ...patches,
    ...(each ? ['--each'] : []),
    ...(series === undefined ? [] : ['--series', series]),
    ...(scenario === undefined ? [] : ['--scenario', ...scenario]),
  ])
}

/** What decides how the command ends. */
type Outcome = Pick<Comparison, 'baseline' | 'variants' | 'cells'>

/** The variants of patches that could not be played, or not in all scenarios. */
function incomplete({ baseline, variants }: Outcome): VariantSummary[] {
  return variants.filter(({ id, status }) => id !== baseline && status !== 'ok')
}

/** Whether nothing at all is known of any patch: no run of one came to an end. */
function isNothingKnown(comparison: Outcome): boolean {
  const some = incomplete(comparison)
  const isUnknown = ({ id }: VariantSummary): boolean =>
    !comparison.cells.some(({ variant, outcome }) => variant === id && outcome !== 'timeout')
  return some.length > 0 && some.length === comparison.variants.length - 1 && some.every(isUnknown)
}

/**
 * What is said beside the report, which may be read by nobody: that there are variants of which it does not say all.
 *
 * @returns null if there are none
 */
export function remarkOn(comparison: Outcome): string | null {
  const some = incomplete(comparison)
  if (some.length === 0) return null
  if (isNothingKnown(comparison)) return 'none of the patches could be compared; the report says why'
  const names = some.map(({ id, status }) => `${id} (${status})`).join(', ')
  return `not compared, or not in all scenarios: ${names}; the report says why`
}

/**
 * The exit code that the outcome asks for.
 *
 * @returns 2 when nothing became known of any of the patches, although there is a report on why; 1 when the condition of
 * `--fail-on` holds, which a variant that could not be judged meets too; else 0
 */
export function exitCodeFor(comparison: Outcome, failOn: FailOn): number {
  const variants = comparison.variants.filter(({ id }) => id !== comparison.baseline)
  if (isNothingKnown(comparison)) return 2
  /** What was cut short by a function that the engine does not have cannot be judged. */
  const isCutShort = (id: string): boolean =>
    comparison.cells.some(({ variant, outcome }) => variant === id && outcome === 'unmodelled')
  const fails = ({ id, status, introduced, kept, revealed, notReached }: VariantSummary): boolean =>
    status !== 'ok' ||
    introduced > 0 ||
    isCutShort(id) ||
    (failOn !== 'introduced' && revealed > 0) ||
    (failOn === 'any' && kept + notReached > 0)
  return failOn !== 'never' && variants.some(fails) ? 1 : 0
}

/** `pfo compare`. Returns the exit code. */
export async function compareCommand(args: CompareArguments): Promise<number> {
  const scenarios = chooseScenarios(args.scenario)
  const { comparison, words } = await withEngine(args, args.patches, async (engine) => {
    if (args.output !== undefined) await checkWritable(args.output)
    const { stacks, words } = await chooseStacks(args, engine)
    const jobs = args.jobs === undefined ? {} : { jobs: args.jobs }
    const comparison = await watched(
      { cache: args.cache, counted: 'runs', playedText: toPlayedLine },
      async (watch) => compare({ engine, stacks, scenarios, ...jobs, ...watch }),
    )
    return { comparison, words }
  })
  const report = reports[args.format](comparison, {
    ...screenFor(args),
    commands: [commandOf(args)],
    ...(args.kernel === undefined ? {} : { kernelOption: shellWords(kernelWords(args)) }),
    words,
    workbench: workbenchVersion(),
  })
  if (args.full === true) await showReport(report, args.output)
  else await putReport(report, args.output)
  const remark = remarkOn(comparison)
  if (remark !== null) process.stderr.write(saidByPfo(remark))
  const hint = args.kernel === undefined ? null : checkHint(comparison, args.kernel)
  if (hint !== null) process.stderr.write(saidByPfo(hint))
  return exitCodeFor(comparison, args.failOn)
}
