// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import type { ReportOptions } from './options.ts'
import { printableData } from './printable.ts'
import { findings } from './text/findings.ts'
import { unexercisedLines } from './text/unexercised.ts'
import { interactionLines } from './text/interactions.ts'
import { wrapped } from './text/lines.ts'
import { textStyleOf, type TextStyle } from './text/text-style.ts'
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
import { toComparisonView, type ComparisonView } from './wording/comparison-view.ts'

/** Lists the variants that could not be judged, with reasons, and the changed statements that never ran. */
function reasons(comparison: ComparisonView, brief: boolean, columns: number): string[] {
  return comparison.variants.flatMap((variant) => {
    const { id, status, reason } = variant
    if (reason !== undefined) {
      return [[wrapped('', `${id}: ${status}`, columns), ...reasonLines(reason, columns)].join('\n')]
    }
    // In brief mode, the ranking already says how many changed statements never ran.
    const idle = id === comparison.baseline ? null : exerciseText(variant)
    if (idle === null || status !== 'ok' || brief) return []
    const lines = unexercisedLines(variant, columns)
    return [[wrapped('', `${id}: ${idle}`, columns), ...lines].join('\n')]
  })
}

/** Says how the kernel was compiled, which of its functions are assumed, and which scenarios were left out. */
function basis(comparison: ComparisonView, columns: number): string {
  const compiled = madeWith(comparison)
  const assumed = assumedFunctions(comparison)
  return [
    ...(compiled === null ? [] : [wrapped('Compiled: ', `${compiled}.`, columns)]),
    ...(assumed.length === 0
      ? []
      : [
          wrapped(
            'Assumed: ',
            `${assumed.join(', ')}; these functions were called; they return a fixed value and do nothing else.`,
            columns,
          ),
        ]),
    ...leftOutTexts(comparison).map((text) => wrapped('', text, columns)),
  ].join('\n')
}

function interactions(comparison: ComparisonView, { colors, columns }: TextStyle): string {
  const lines = interactionLines(comparison, columns)
  if (lines.length === 0) return ''
  return [colors.bold(wrapped('', 'INTERACTIONS between the patches of a stack', columns)), ...lines].join(
    '\n',
  )
}

function changes(comparison: ComparisonView, { colors, columns }: TextStyle): string {
  const lines = changeLines(comparison, namer(comparison)).map((line) => wrapped('  ', line, columns))
  return lines.length === 0 ? '' : [colors.bold(wrapped('', changesTitle, columns)), ...lines].join('\n')
}

/**
 * Shows the comparison on one screen: the recommendation for each variant, with reasons. The text contains no control
 * characters except for colours. With `full`, `toFullText` shows everything instead.
 *
 * @param comparison - the comparison to show
 * @param options - `color`, `columns`, `full`, `kernelOption`, `patchArguments`, `commands`
 */
export function toText(comparison: Comparison, options: ReportOptions = {}): string {
  if (options.full === true) return toFullText(comparison, options)
  const { colors, columns } = textStyleOf(options)
  const shown = printableData(comparison)
  return shown.variants.length === 2
    ? oneVariant(shown, columns, colors, options)
    : overview(shown, columns, colors, options)
}

/** The ranking with numbers; if they do not fit, the ranking with reasons. */
const rankingOf = (comparison: ComparisonView, look: TextStyle): string =>
  ranking(comparison, look) ?? numberedRanking(comparison, look)

/**
 * Shows the whole comparison for a terminal: the ranking, the matrix, the interactions of patches, and every finding
 * with its evidence. If the detailed matrix does not fit, lists kinds of findings instead of single findings. The text
 * contains no control characters except for colours.
 *
 * @param comparison - the comparison to show
 * @param options - `color`, `columns`
 */
export function toFullText(comparison: Comparison, options: ReportOptions = {}): string {
  const look = textStyleOf(options)
  const { columns } = look
  const shown = printableData(toComparisonView(comparison))
  const { variants, scenarios, kernel, oracles } = shown
  const title = `Linux ${kernel}: ${counted(variants.length, 'variant')} x ${counted(scenarios.length, 'scenario')}`
  const judged = wrapped(
    'Judged: ',
    `${oracles.map((oracle) => oracle.id).join(', ')}; no other checks.`,
    columns,
  )
  // No variant could be played, so only the ranking and the reasons remain.
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
