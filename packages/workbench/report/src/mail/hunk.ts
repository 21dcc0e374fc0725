// SPDX-License-Identifier: GPL-2.0-only
import type { PatchDiff } from '@pfo-workbench/compare'

/** Splits a diff into hunks. Each hunk starts with its heading. */
function hunksOf({ text }: PatchDiff): string[][] {
  const hunks: string[][] = []
  for (const line of text.split('\n')) {
    if (/^@@ /.test(line)) hunks.push([line])
    else if (/^(?:diff |--- |index )/.test(line)) hunks.push([])
    else if (/^[ +\-\\]/.test(line)) hunks.at(-1)?.push(line)
  }
  return hunks.filter(([first]) => first?.startsWith('@@') === true)
}

/** True if one of the lines adds one of these statements. */
export function addsAny(lines: readonly string[], statements: readonly string[]): boolean {
  return lines.some((line) => line.startsWith('+') && statements.some((one) => line.includes(one)))
}

/**
 * Quotes the hunk that probably caused a problem. If some hunks add statements that ran, only these are considered. The
 * first choice is a hunk that changes a line with a call of one of the functions, then a hunk that contains such a
 * call, then the hunk that adds most lines. Empty if there is no hunk.
 *
 * @param functions - functions of the call chain, innermost first
 * @param maxLines - number of lines to show; omissions are marked
 * @param ran - changed statements that ran
 */
export function quotedHunk(
  diffs: readonly PatchDiff[],
  functions: readonly string[],
  maxLines: number,
  ran: readonly string[] = [],
): string[] {
  const hunks = diffs.flatMap(hunksOf)
  const those = hunks.filter((hunk) => addsAny(hunk, ran))
  const all = those.length > 0 ? those : hunks
  const calls = (line: string): boolean => functions.some((name) => line.includes(`${name}(`))
  const named =
    all.find((hunk) => hunk.some((line) => /^[+-]/.test(line) && calls(line))) ??
    all.find((hunk) => hunk.some(calls))
  const added = (hunk: readonly string[]): number => hunk.filter((line) => line.startsWith('+')).length
  const [largest] = all.toSorted((a, b) => added(b) - added(a))
  const hunk = named ?? largest
  if (hunk === undefined) return []
  const first = hunk.findIndex((line) => addsAny([line], ran))
  const changed = first > 0 ? first : hunk.findIndex((line, at) => at > 0 && /^[+-]/.test(line))
  // The changed lines must be visible. If the hunk is too long, drop all but one line of context above.
  const skipped = hunk.length <= maxLines ? 0 : Math.max(0, changed - 2)
  const [heading = '', ...lines] = hunk
  const shown = lines.slice(skipped, skipped + maxLines - 1)
  const quoted = shown.map((line) => `> ${line}`)
  const isCut = skipped + shown.length < lines.length
  return [`> ${heading}`, ...(skipped > 0 ? ['[...]'] : []), ...quoted, ...(isCut ? ['[...]'] : [])]
}
