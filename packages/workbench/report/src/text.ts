// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import type { ReportOptions } from './options.ts'
import { printableData } from './printable.ts'
import { findings } from './text/findings.ts'
import { idleLines } from './text/idle.ts'
import { interactionLines } from './text/interactions.ts'
import { counted, wrapped } from './text/lines.ts'
import { lookOf, type Look } from './text/look.ts'
import { briefMatrix, detailedMatrix } from './text/matrix.ts'
import { oneVariant } from './text/one-variant.ts'
import { overview } from './text/overview/overview.ts'
import { numberedRanking, ranking } from './text/ranking.ts'
import { reasonLines } from './text/reason.ts'
import { leftOutTexts } from './view/left-out.ts'
import { assumedFunctions, madeWith } from './view/made-with.ts'
import { exerciseText } from './view/exercise.ts'
import { changeLines, changesTitle } from './view/changes.ts'
import { namer } from './view/names.ts'
import { tell, type ToldComparison } from './wording/told.ts'

/** Why variants could not be judged, and what of them never ran. */
function reasons(comparison: ToldComparison, brief: boolean, columns: number): string[] {
  return comparison.variants.flatMap((variant) => {
    const { id, status, reason } = variant
    if (reason !== undefined) {
      return [[wrapped('', `${id}: ${status}`, columns), ...reasonLines(reason, columns)].join('\n')]
    }
    // In brief the ranking says it.
    const idle = id === comparison.baseline ? null : exerciseText(variant)
    if (idle === null || status !== 'ok' || brief) return []
    const lines = idleLines(variant, columns)
    return [[wrapped('', `${id}: ${idle}`, columns), ...lines].join('\n')]
  })
}

/** What the runs rest on: how the kernel was compiled, and which of its functions only pretend. */
function basis(comparison: ToldComparison, columns: number): string {
  const compiled = madeWith(comparison)
  const assumed = assumedFunctions(comparison)
  return [
    ...(compiled === null ? [] : [wrapped('Compiled: ', `${compiled}.`, columns)]),
    ...(assumed.length === 0
      ? []
      : [
          wrapped(
            'Assumed: ',
            `${assumed.join(', ')}; these functions were called, and only return a value.`,
            columns,
          ),
        ]),
    ...leftOutTexts(comparison).map((text) => wrapped('', text, columns)),
  ].join('\n')
}

function interactions(comparison: ToldComparison, { colors, columns }: Look): string {
  const lines = interactionLines(comparison, columns)
  if (lines.length === 0) return ''
  return [
    colors.bold(wrapped('', 'INTERACTIONS: what patches of a stack do to each other', columns)),
    ...lines,
  ].join('\n')
}

function changes(comparison: ToldComparison, { colors, columns }: Look): string {
  const lines = changeLines(comparison, namer(comparison)).map((line) => wrapped('  ', line, columns))
  return lines.length === 0 ? '' : [colors.bold(wrapped('', changesTitle, columns)), ...lines].join('\n')
}

/**
 * The comparison on one screen: what to do with each variant, and why, without control characters but for colours. `full` gives
 * everything instead: see `toFullText`.
 *
 * @param comparison - what to show
 * @param options - `color`, `columns`, `full`
 */
export function toText(comparison: Comparison, options: ReportOptions = {}): string {
  if (options.full === true) return toFullText(comparison, options)
  const { colors, columns } = lookOf(options)
  const shown = printableData(comparison)
  return shown.variants.length === 2
    ? oneVariant(shown, columns, colors, options)
    : overview(shown, columns, colors, options)
}

/** With numbers where there is room for them, or else with reasons. */
const rankingOf = (comparison: ToldComparison, look: Look): string =>
  ranking(comparison, look) ?? numberedRanking(comparison, look)

/**
 * All of the comparison for a terminal, without control characters but for colours: variants by rank, the table of
 * scenarios and variants, what patches do to each other, then every finding with its evidence.
 *
 * @param comparison - what to show
 * @param options - `color`, `columns`
 */
export function toFullText(comparison: Comparison, options: ReportOptions = {}): string {
  const look = lookOf(options)
  const { columns } = look
  const shown = printableData(tell(comparison))
  const { variants, scenarios, kernel, oracles } = shown
  const title = `Linux ${kernel}: ${counted(variants.length, 'variant')} x ${counted(scenarios.length, 'scenario')}`
  const judged = wrapped(
    'Judged: ',
    `${oracles.map((oracle) => oracle.id).join(', ')}; nothing else is looked at.`,
    columns,
  )
  // Where nothing could be compared, that is all there is to say.
  if (!variants.some(({ id, status }) => status === 'ok' && id !== shown.baseline))
    return `${[title, rankingOf(shown, look), ...reasons(shown, false, columns)].join('\n\n')}\n`
  const detailed = detailedMatrix(shown, look)
  const parts = [
    title,
    detailed === null ? numberedRanking(shown, look) : rankingOf(shown, look),
    ...reasons(shown, detailed === null, columns),
    detailed ?? briefMatrix(shown, look),
    judged,
    basis(shown, columns),
    interactions(shown, look),
    changes(shown, look),
    findings(shown, detailed === null, look),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
