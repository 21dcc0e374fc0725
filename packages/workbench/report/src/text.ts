// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { oracles } from '@pfo-workbench/oracle'
import picocolors from 'picocolors'
import { printableData } from './printable.ts'
import { findings } from './text/findings.ts'
import { wrapped } from './text/lines.ts'
import { matrix } from './text/matrix.ts'
import { ranking } from './text/ranking.ts'

/** How the text is to look. */
export interface TextOptions {
  readonly color: boolean
}

/** Why variants could not be judged. */
function reasons(comparison: Comparison): string[] {
  return comparison.variants.flatMap(({ id, status, reason, exercised }) => {
    if (reason !== undefined) {
      const lines = reason.split('\n').map((line) => wrapped('  ', line))
      return [`${wrapped('', `${id}: ${status}`)}\n${lines.join('\n')}`]
    }
    return exercised ? [] : [wrapped('', `${id}: none of its changed lines ran in any scenario`)]
  })
}

/**
 * The comparison for a terminal of 80 columns, without control characters but for colours: variants by rank, the table of
 * scenarios and variants, then every finding with its evidence.
 *
 * @param comparison - what to show
 * @param options - whether to use colour
 */
export function toText(comparison: Comparison, options: TextOptions): string {
  const colors = picocolors.createColors(options.color)
  const shown = printableData(comparison)
  const { variants, scenarios, kernel } = shown
  const title = `Linux ${kernel}: ${String(variants.length)} variants x ${String(scenarios.length)} scenarios`
  const legend = `Against ${shown.baseline}: + introduced, - fixed, = kept (findings by oracle)`
  const judged = wrapped(
    'Judged: ',
    `${oracles.map((oracle) => oracle.id).join(', ')}; nothing else is looked at.`,
  )
  const parts = [
    title,
    ranking(shown, colors),
    ...reasons(shown),
    legend,
    matrix(shown, colors),
    judged,
    findings(shown, colors),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
