// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus } from '@pfo-workbench/compare'
import type picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

/** How a status is marked wherever one stands. */
export const sign: Readonly<Record<FindingStatus, string>> = { introduced: '+', fixed: '-', kept: '=' }

export function paint(colors: Colors, status: FindingStatus, text: string): string {
  if (status === 'introduced') return colors.red(text)
  return status === 'fixed' ? colors.green(text) : text
}
