// SPDX-License-Identifier: GPL-2.0-only
import {
  isShown,
  lifeOf,
  objectNameOf,
  objectsOf,
  type JudgedFinding,
  type LifeEvent,
} from '@pfo-workbench/compare'
import { examine, findingKey, type Finding } from '@pfo-workbench/oracle'
import type { RunRecord } from '@pfo-workbench/run'
import { diffArrays } from 'diff'
import type { ReportOptions } from './options.ts'
import type { NamedRun } from './named-run.ts'
import { printableLines } from './printable.ts'
import { sideBySide } from './text/columns.ts'
import { wrapped } from './text/lines.ts'
import { textStyleOf } from './text/text-style.ts'
import { chainText } from './view/chain.ts'
import { stepTitle } from './view/steps.ts'
import { lifeText } from './wording/life-text.ts'
import { findingName, judgedText, toEvidenceView, unpatchedText } from './wording/comparison-view.ts'

/** Formats an event as one or two unwrapped lines. `isProof` marks the evidence of the finding. */
function lines(event: LifeEvent, isProof: boolean): string[] {
  const { chain, count } = event
  const head = `${isProof ? '*' : ' '}${count === null ? '   ' : String(count).padStart(3)}  ${lifeText(event)}`
  return chain.length === 0 ? [head] : [head, `        ${chainText(chain)}`]
}

/** Number of functions of a call chain shown in a column of half the width. */
const shownInColumn = 4

function shortened(event: LifeEvent): LifeEvent {
  const { chain } = event
  return chain.length <= shownInColumn
    ? event
    : { ...event, chain: [...chain.slice(0, shownInColumn), { function: '...' }] }
}

const same = (a: LifeEvent, b: LifeEvent): boolean =>
  a.step === b.step &&
  lifeText(a) === lifeText(b) &&
  a.count === b.count &&
  chainText(a.chain) === chainText(b.chain)

/**
 * The events of one object in one run. `name` is the name of the run; `proofs` has the `seq` of each event that proves
 * the finding.
 */
interface Life {
  readonly name: string
  readonly events: readonly LifeEvent[]
  readonly proofs: ReadonlySet<number>
}

/**
 * Merges the events of two runs. Where both runs have different events, shows them side by side. Where only one run has
 * events, shows them under its name.
 */
function lifeLines(unpatched: Life, variant: Life, columns: number): string[] {
  const wide = (line: string): string => wrapped('', line, columns)
  const linesOf = (life: Life, events: readonly LifeEvent[]): string[] =>
    events.flatMap((event) => lines(event, life.proofs.has(event.seq)))
  const only = (life: Life, events: readonly LifeEvent[]): string[] =>
    events.length === 0 ? [] : ['', `only ${life.name}:`, ...linesOf(life, events).map(wide), '']
  const out: string[] = []
  let gone: LifeEvent[] = []
  const close = (come: readonly LifeEvent[]): void => {
    if (gone.length > 0 && come.length > 0) {
      const column = (life: Life, events: readonly LifeEvent[]): string[] => [
        `${life.name}:`,
        ...linesOf(life, events.map(shortened)),
      ]
      out.push('', ...sideBySide(column(unpatched, gone), column(variant, come), columns), '')
    } else out.push(...only(unpatched, gone), ...only(variant, come))
    gone = []
  }
  // diffArrays reports removed events before the added ones. Equal events are taken from the variant.
  for (const part of diffArrays([...unpatched.events], [...variant.events], { comparator: same })) {
    if (part.removed) gone = part.value
    else if (part.added) close(part.value)
    else {
      close([])
      out.push(...linesOf(variant, part.value).map(wide))
    }
  }
  close([])
  return out
}

/** Groups the events by step, each group under the step's title. */
function byStep(run: RunRecord, columns: number, make: (step: number) => string[]): string[] {
  return run.steps.flatMap(({ index, step }) => {
    const own = make(index)
    return own.length === 0 ? [] : ['', wrapped(`step ${String(index)}: `, stepTitle(step), columns), ...own]
  })
}

function evidenceLines({ evidence }: JudgedFinding, columns: number): string[] {
  return evidence
    .map(toEvidenceView)
    .flatMap(({ text, chain }) => [
      wrapped('  ', text, columns),
      wrapped('       ', chainText(chain), columns),
    ])
}

/** Describes the finding in a few lines: its name, place and message. */
function introduction(
  finding: JudgedFinding,
  scenario: string,
  { name }: NamedRun,
  columns: number,
): string[] {
  const { status, step } = finding
  const [message, before] = [judgedText(finding), unpatchedText(finding)]
  return [
    wrapped('', findingName(finding), columns),
    wrapped('  ', `${status} by ${name} in ${scenario}, step ${String(step)}: ${message}`, columns),
    ...(before === null || before === message ? [] : [wrapped('  ', `unpatched: ${before}`, columns)]),
  ]
}

/**
 * Explains a finding by the events of its object, on the unpatched kernel and on the variant. If the finding is not
 * about an object, shows its evidence instead.
 *
 * @param unpatched - the unpatched kernel's run, with all events
 * @param variant - the variant's run; pass `unpatched` to show the unpatched kernel alone
 * @param options - `columns`
 */
export function toExplainText(
  finding: JudgedFinding,
  scenario: string,
  unpatched: NamedRun,
  variant: NamedRun,
  options: Pick<ReportOptions, 'columns'> = {},
): string {
  const { columns } = textStyleOf(options)
  const { run: owner } = isShown(finding) ? variant : unpatched
  // Finds the finding again in this run: a run that records more events numbers them differently.
  const findingIn = (run: RunRecord): Finding | undefined =>
    examine(run).find((one) => findingKey(one) === findingKey(finding))
  const name = objectNameOf(owner, findingIn(owner) ?? finding)
  const head = introduction(finding, scenario, variant, columns)
  if (name === null) return printableLines([...head, '', ...evidenceLines(finding, columns), ''].join('\n'))
  const proofs = (run: RunRecord): ReadonlySet<number> =>
    new Set(findingIn(run)?.evidence.flatMap(({ seq }) => seq ?? []))
  const life = ({ name: who, run }: NamedRun): Life => {
    const object = objectsOf(run).get(name)
    return { name: who, events: object === undefined ? [] : lifeOf(run, object), proofs: proofs(run) }
  }
  const lives = [life(unpatched), life(variant)] as const
  const longer = unpatched.run.steps.length > variant.run.steps.length ? unpatched.run : variant.run
  const at = (one: Life, step: number): Life => ({
    ...one,
    events: one.events.filter((event) => event.step === step),
  })
  const body = byStep(longer, columns, (step) => lifeLines(at(lives[0], step), at(lives[1], step), columns))
  const note = `The life of ${name}: reference count, event, call chain with the innermost function first. The evidence is marked *.`
  const text = [...head, '', wrapped('', note, columns), ...body, ''].join('\n')
  return `${printableLines(text.replace(/\n{3,}/g, '\n\n').trimEnd())}\n`
}
