// SPDX-License-Identifier: GPL-2.0-only
import type { PatchDiff } from '@pfo-workbench/compare'

/** The hunks of a diff, each with its heading. */
function hunksOf({ text }: PatchDiff): string[][] {
  const hunks: string[][] = []
  for (const line of text.split('\n')) {
    if (/^@@ /.test(line)) hunks.push([line])
    else if (/^(?:diff |--- |index )/.test(line)) hunks.push([])
    else if (/^[ +\-\\]/.test(line)) hunks.at(-1)?.push(line)
  }
  return hunks.filter(([first]) => first?.startsWith('@@') === true)
}

/**
 * The hunk that problems have to do with: the first that calls or defines one of these functions, at best in a changed line; or else the one that adds most.
 *
 * @param functions - of the call chain, innermost first
 * @param most - how many lines are shown; what is left out is marked
 */
export function quotedHunk(
  diffs: readonly PatchDiff[],
  functions: readonly string[],
  most: number,
): string[] {
  const all = diffs.flatMap(hunksOf)
  const calls = (line: string): boolean => functions.some((name) => line.includes(`${name}(`))
  const named =
    all.find((hunk) => hunk.some((line) => /^[+-]/.test(line) && calls(line))) ??
    all.find((hunk) => hunk.some(calls))
  const added = (hunk: readonly string[]): number => hunk.filter((line) => line.startsWith('+')).length
  const [largest] = all.toSorted((a, b) => added(b) - added(a))
  const hunk = named ?? largest
  if (hunk === undefined) return []
  const changed = hunk.findIndex((line, at) => at > 0 && /^[+-]/.test(line))
  // What is changed has to be seen: unchanged lines above it may go.
  const skipped = Math.max(0, changed - 2)
  const [heading = '', ...lines] = hunk
  const shown = lines.slice(skipped, skipped + most - 1)
  const quoted = [heading, ...shown].map((line) => `> ${line}`)
  return skipped + shown.length < lines.length || skipped > 0 ? [...quoted, '[...]'] : quoted
}
