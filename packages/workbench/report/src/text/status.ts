// SPDX-License-Identifier: GPL-2.0-only
import type picocolors from 'picocolors'
import type { KindStatus } from '../view/similar-findings.ts'

export type Colors = ReturnType<typeof picocolors.createColors>

/** Sign of each status, in front of variants and counts. */
export const sign: Readonly<Record<KindStatus, string>> = {
  introduced: '+',
  revealed: '^',
  fixed: '-',
  eased: '~',
  'not-reached': '/',
  kept: '=',
}

export function paint(colors: Colors, status: KindStatus, text: string): string {
  if (status === 'introduced') return colors.red(text)
  return status === 'fixed' ? colors.green(text) : text
}
