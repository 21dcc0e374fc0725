// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import picocolors from 'picocolors'
import type { ReportOptions } from './options.ts'
import { printableData } from './printable.ts'
import { findings } from './text/findings.ts'
import { interactionLines } from './text/interactions.ts'
import { counted, width, wrapped } from './text/lines.ts'
import { briefMatrix, detailedMatrix } from './text/matrix.ts'
import { oneVariant } from './text/one-variant.ts'
import { overview } from './text/overview.ts'
import { numberedRanking, ranking } from './text/ranking.ts'
import type { Colors } from './text/status.ts'
import { assumedFunctions, madeWith } from './view/made-with.ts'
import { exerciseText, neverRan } from './view/exercise.ts'
import { changeLines, changesTitle } from './view/changes.ts'
import { namer } from './view/names.ts'
import { tell, type ToldComparison } from './wording/told.ts'

/** Why variants could not be judged, and what of them never ran. */
function reasons(comparison: ToldComparison, brief: boolean): string[] {
  return comparison.variants.flatMap((variant) => {
    const { id, status, reason } = variant
    if (reason !== undefined) {
      const lines = reason.split('\n').map((line) => wrapped('  ', line))
      return [`${wrapped('', `${id}: ${status}`)}\n${lines.join('\n')}`]
    }
    // In brief the ranking says it.
    const idle = id === comparison.baseline ? null : exerciseText(variant)
    if (idle === null || status !== 'ok' || brief) return []
    const lines = neverRan(variant).map(({ file, line, statement, removed, never }) => {
      const why = never === undefined ? '' : ` (${never})`
      return wrapped(
        '  ',
        `${file}:${String(line)}: ${removed === true ? 'removed: ' : ''}${statement}${why}`,
      )
    })
    return [[wrapped('', `${id}: ${idle}`), ...lines].join('\n')]
  })
}

/** What the runs rest on: how the kernel was compiled, and which of its functions only pretend. */
function basis(comparison: ToldComparison): string {
  const compiled = madeWith(comparison)
  const assumed = assumedFunctions(comparison)
  return [
    ...(compiled === null ? [] : [wrapped('Compiled: ', `${compiled}.`)]),
    ...(assumed.length === 0
      ? []
      : [
          wrapped(
            'Assumed: ',
            `${assumed.join(', ')}; these functions were called, and only return a value.`,
          ),
        ]),
  ].join('\n')
}

function interactions(comparison: ToldComparison, colors: Colors): string {
  const lines = interactionLines(comparison, width)
  if (lines.length === 0) return ''
  return [colors.bold('INTERACTIONS: what patches of a stack do to each other'), ...lines].join('\n')
}

/** How wide a screen may be; what is narrower or wider is held to these. */
const [narrowest, widest] = [60, 200]
function changes(comparison: ToldComparison, colors: Colors): string {
  const lines = changeLines(comparison, namer(comparison)).map((line) => wrapped('  ', line))
  return lines.length === 0 ? '' : [colors.bold(changesTitle), ...lines].join('\n')
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
  const colors = picocolors.createColors(options.color ?? false)
  const columns = Math.min(widest, Math.max(narrowest, options.columns ?? width))
  const shown = printableData(comparison)
  return shown.variants.length === 2
    ? oneVariant(shown, columns, colors, options)
    : overview(shown, columns, colors, options)
}

/**
 * All of the comparison for a terminal of 80 columns, without control characters but for colours: variants by rank, the table of
 * scenarios and variants, what patches do to each other, then every finding with its evidence.
 *
 * @param comparison - what to show
 * @param options - `color`
 */
export function toFullText(comparison: Comparison, options: ReportOptions = {}): string {
  const colors = picocolors.createColors(options.color ?? false)
  const shown = printableData(tell(comparison))
  const { variants, scenarios, kernel, oracles } = shown
  const title = `Linux ${kernel}: ${counted(variants.length, 'variant')} x ${counted(scenarios.length, 'scenario')}`
  const judged = wrapped(
    'Judged: ',
    `${oracles.map((oracle) => oracle.id).join(', ')}; nothing else is looked at.`,
  )
  // Where nothing could be compared, that is all there is to say.
  if (!variants.some(({ id, status }) => status === 'ok' && id !== shown.baseline))
    return `${[title, ranking(shown, colors), ...reasons(shown, false)].join('\n\n')}\n`
  const detailed = detailedMatrix(shown, colors)
  const parts = [
    title,
    detailed === null ? numberedRanking(shown, colors) : ranking(shown, colors),
    ...reasons(shown, detailed === null),
    detailed ?? briefMatrix(shown, colors),
    judged,
    basis(shown),
    interactions(shown, colors),
    changes(shown, colors),
    findings(shown, detailed === null, colors),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
