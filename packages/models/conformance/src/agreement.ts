// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayComparison } from './compare.ts'
import {
  cLeftOutFunctions,
  countingFunctions,
  leftOutFunctions,
  notCompared,
  type NotComparedId,
} from './not-compared.ts'
import type { NotReplayed } from './recording.ts'

/** Maximum number of differences printed per replay. All are counted. */
const maxShown = 20

/**
 * The table of agreement: one row per recording, then both sides of each difference, then the reasons for facts that
 * are not compared.
 *
 * @param comparisons - in order of the rows
 * @param notReplayed - recordings without a replay; each counts as a difference
 * @param inC - true if the replays ran on the kernel's own C; this adds the functions ignored there, and the number of
 * compared facts per recording
 */
export function formatAgreement(
  comparisons: readonly ReplayComparison[],
  notReplayed: readonly NotReplayed[] = [],
  inC = false,
): string {
  const rows = comparisons.map((one) => [
    one.variant,
    one.scenario,
    String(one.compared),
    String(one.agreed),
    String(one.differences.length),
  ])
  const failed = notReplayed.map((one) => [one.variant, one.scenario, '-', '-', 'not replayed'])
  const total = [
    'total',
    `${comparisons.length} recordings`,
    sum(comparisons, 'compared'),
    sum(comparisons, 'agreed'),
  ]
  const differing = comparisons.reduce((count, one) => count + one.differences.length, 0)
  const header = ['variant', 'scenario', 'compared', 'agreed', 'differing']
  return [
    ...table([header, ...rows, ...failed, [...total, String(differing)]]),
    ...unorderedLines(comparisons),
    ...(inC ? leftOutByRecording(comparisons) : []),
    ...comparisons.flatMap(differenceLines),
    ...notReplayed.flatMap(({ variant, scenario, reason }) => [
      '',
      `${variant}/${scenario}: not replayed: ${reason}`,
    ]),
    '',
    'Not compared, with the reason (and the number in these recordings):',
    ...notComparedLines(comparisons),
    '',
    'Functions ignored in call chains on both sides, with the reason:',
    ...leftOutLines(inC),
    '',
  ].join('\n')
}

/** True if all compared facts agree, and all recordings were replayed. */
export function allAgree(
  comparisons: readonly ReplayComparison[],
  notReplayed: readonly NotReplayed[] = [],
): boolean {
  return notReplayed.length === 0 && comparisons.every(({ differences }) => differences.length === 0)
}

function sum(comparisons: readonly ReplayComparison[], field: 'compared' | 'agreed'): string {
  return String(comparisons.reduce((total, one) => total + one[field], 0))
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const isNumber = (column: number): boolean => column >= 2
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return isNumber(column) ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
}

/** The differences of one replay, with both sides. */
export function differenceLines(comparison: ReplayComparison): string[] {
  const { variant, scenario, differences } = comparison
  if (differences.length === 0) return []
  const hidden = differences.length - maxShown
  return [
    '',
    `${variant}/${scenario}: ${differences.length} of ${comparison.compared} facts differ`,
    ...differences
      .slice(0, maxShown)
      .flatMap(({ kind, where, recorded, replayed }) => [
        `  ${kind}, ${where}`,
        `    recorded: ${recorded}`,
        `    replayed: ${replayed}`,
      ]),
    ...(hidden > 0 ? [`  and ${hidden} more`] : []),
  ]
}

/** Per recording: the number of facts, the number compared, and the reasons for the rest. */
function leftOutByRecording(comparisons: readonly ReplayComparison[]): string[] {
  return [
    '',
    'Facts in each recording, facts compared, and facts left out by reason:',
    ...comparisons.map(({ variant, scenario, inFile, compared, skipped }) => {
      const reasons = [...skipped].map(([id, count]) => `${id} ${String(count)}`).join(', ')
      return `  ${variant}/${scenario}: ${String(inFile)} facts, ${String(compared)} compared; ${reasons || 'nothing left out'}`
    }),
  ]
}

/** The number of facts compared without their order, because a worker may run at any time. */
function unorderedLines(comparisons: readonly ReplayComparison[]): string[] {
  const steps = comparisons.reduce((total, { unordered }) => total + unordered.steps, 0)
  const facts = comparisons.reduce((total, { unordered }) => total + unordered.facts, 0)
  if (steps === 0) return []
  return [
    '',
    `${String(facts)} of these facts are compared without their order: in ${String(steps)} step(s) a worker may run before, during or after the task`,
    'that queued its work, and a recording shows only one of these orders. Each event and the state after the step are compared.',
  ]
}

function notComparedLines(comparisons: readonly ReplayComparison[]): string[] {
  return (Object.keys(notCompared) as NotComparedId[]).flatMap((id) => {
    const count = comparisons.reduce((total, { skipped }) => total + (skipped.get(id) ?? 0), 0)
    const { what, why } = notCompared[id]
    return count === 0 ? [] : [`  ${what} (${count})`, `    ${why}`]
  })
}

function leftOutLines(inC: boolean): string[] {
  return [...leftOutFunctions, countingFunctions, ...(inC ? cLeftOutFunctions : [])].flatMap(
    ({ why, functions }) => [`  ${functions.join(' ')}`, `    ${why}`],
  )
}
