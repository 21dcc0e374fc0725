// SPDX-License-Identifier: GPL-2.0-only

/** Splits `a < b < c (already released)` into the functions and the remark. */
export function splitChain(text: string): { chain: readonly string[]; remark: string } {
  const match = /^(.*?)(?: \((.*)\))?$/s.exec(text)
  return { chain: (match?.[1] ?? '').split(' < ').filter((name) => name !== ''), remark: match?.[2] ?? '' }
}
