// SPDX-License-Identifier: GPL-2.0-only
import { counted } from '@pfo-workbench/wording'
import { printable } from './printable.ts'
import { wrapped } from './text/lines.ts'

/** A finding that only one of two runs has. */
export interface OneSidedFinding {
  /** The run that has the finding: `C`, `models`. */
  readonly side: string
  /** The name of the finding. */
  readonly finding: string
  /** Reason why only this run has the finding; null if unknown. */
  readonly reason: string | null
}

/**
 * Lists the findings that only one of two runs of a scenario has.
 *
 * @param names - the names of the two runs
 * @param findings - number of findings of each run; used only if there are no differences
 */
export function toFindingsDiffText(
  scenario: string,
  names: readonly [string, string],
  findings: number,
  differences: readonly OneSidedFinding[],
): string {
  if (differences.length === 0) {
    const same = `${names.join(' and ')} have the same ${counted(findings, 'finding')} in ${scenario}.`
    return `${wrapped('', printable(same))}\n`
  }
  const lines = differences.map(({ side, finding, reason }) =>
    wrapped('  ', printable(`${side}: ${finding}${reason === null ? '' : ` (${reason})`}`)),
  )
  return `${['Findings of only one of the two:', ...lines].join('\n')}\n`
}
