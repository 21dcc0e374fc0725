// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, FindingStatus, JudgedFinding } from '@pfo-workbench/compare'
import type picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

/** How a status is marked wherever one stands. */
export const sign: Readonly<Record<FindingStatus, string>> = { introduced: '+', fixed: '-', kept: '=' }

/** Statuses in the order of what a reviewer has to know first. */
export const order: readonly FindingStatus[] = ['introduced', 'fixed', 'kept']

export function paint(colors: Colors, status: FindingStatus, text: string): string {
  if (status === 'introduced') return colors.red(text)
  return status === 'fixed' ? colors.green(text) : text
}

/** The findings of one variant in one scenario; null if it was not played. */
export function findingsIn(
  { cells }: Comparison,
  variant: string,
  scenario: string,
): readonly JudgedFinding[] | null {
  return cells.find((cell) => cell.variant === variant && cell.scenario === scenario)?.findings ?? null
}
