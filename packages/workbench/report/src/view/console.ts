// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff'

/** One line of a console, held against another console. */
export interface ConsoleLine {
  readonly line: string
  readonly status: 'same' | 'added' | 'removed'
}

/** Aligns a variant's console with the unpatched kernel's. */
export function consoleDiff(before: readonly string[], after: readonly string[]): ConsoleLine[] {
  return diffArrays([...before], [...after]).flatMap(({ value, added, removed }) =>
    value.map((line): ConsoleLine => ({ line, status: added ? 'added' : removed ? 'removed' : 'same' })),
  )
}

/** The lines that a variant prints and the unpatched kernel does not. */
export function newLines(before: readonly string[], after: readonly string[]): string[] {
  return consoleDiff(before, after).flatMap(({ line, status }) => (status === 'added' ? [line] : []))
}
