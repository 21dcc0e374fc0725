// SPDX-License-Identifier: GPL-2.0-only
import { counted } from '@pfo-workbench/wording'
import type { ErrorPlace } from '../error-place.ts'

/**
 * One hunk of a diff. Line numbers are counted from 1. If a side is empty, the diff gives the number of the line before
 * the hunk; this record has the number of the line after it.
 */
export interface Hunk {
  readonly oldStart: number
  readonly oldLines: number
  readonly newStart: number
  readonly newLines: number
  /** The text after the second `@@`: usually the first line of the function in which the hunk begins. */
  readonly section: string
  /** The lines, each with its leading ` `, `+`, `-` or `\`. */
  readonly lines: readonly string[]
  /** Line number of the hunk's `@@` line in the source. */
  readonly line: number
}

const header = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)$/

/**
 * Reads the hunks that start at `start`, with the line counts of their headers.
 *
 * @param lines - the text that contains the diff
 * @param start - index of the first line after the file's header
 * @returns the hunks and the index of the line after the last one
 * @throws PatchError `malformed`
 */
export function readHunks(
  lines: readonly string[],
  start: number,
  place: ErrorPlace,
): { hunks: Hunk[]; next: number } {
  const hunks: Hunk[] = []
  let next = start
  while (/^@@/.test(lines[next] ?? '')) {
    const hunk = readHunk(lines, next, place)
    hunks.push(hunk)
    next += 1 + hunk.lines.length
  }
  return { hunks, next }
}

function readHunk(lines: readonly string[], start: number, place: ErrorPlace): Hunk {
  const head = header.exec(lines[start] ?? '')
  if (head === null) {
    throw place.error(
      'malformed',
      start,
      `'${(lines[start] ?? '').slice(0, 60)}' is not a hunk header. Accepted: '@@ -line,count +line,count @@', as git diff -u writes it.`,
    )
  }
  const [, oldStart, oldLines = '1', newStart, newLines = '1', section = ''] = head
  const promised = { old: Number(oldLines), new: Number(newLines) }
  // For an empty side, the header has the number of the line before it.
  const first = (named: string | undefined, count: number): number => Number(named) + (count === 0 ? 1 : 0)
  return {
    oldStart: first(oldStart, promised.old),
    oldLines: promised.old,
    newStart: first(newStart, promised.new),
    newLines: promised.new,
    section: section.trim(),
    // Mailers drop the blank of an empty context line.
    lines: lines
      .slice(start + 1, hunkEnd(lines, start, promised, place))
      .map((line) => (line === '' ? ' ' : line)),
    line: place.line(start),
  }
}

/** Numbers of lines of a hunk in the old and in the new file. */
interface Counts {
  readonly old: number
  readonly new: number
}

/**
 * Finds the line after a hunk by counting lines.
 *
 * @throws PatchError `malformed` if the hunk has fewer or more lines than its header says, or none
 */
function hunkEnd(lines: readonly string[], start: number, promised: Counts, place: ErrorPlace): number {
  let seen = { old: 0, new: 0 }
  let index = start + 1
  while (seen.old < promised.old || seen.new < promised.new) {
    const line = lines[index]
    const mark = line === '' && index < lines.length - 1 ? ' ' : line?.[0]
    if (mark === ' ') seen = { old: seen.old + 1, new: seen.new + 1 }
    else if (mark === '-') seen.old++
    else if (mark === '+') seen.new++
    else if (mark !== '\\') break
    if (seen.old > promised.old || seen.new > promised.new) break
    index++
  }
  if (promised.old + promised.new === 0)
    throw place.error('malformed', start, 'the hunk is empty. Accepted: hunks that change a line.')
  if (seen.old !== promised.old || seen.new !== promised.new) {
    const found = `the text has ${String(seen.old)} and ${String(seen.new)} before it ends or other text begins`
    throw wrongCount(place, start, promised, found)
  }
  while (lines[index]?.startsWith('\\') === true) index++
  const following = lines[index] ?? ''
  // A blank line or a signature after the last hunk is not part of it.
  if (/^[ +-]/.test(following) && !/^(?:--(?:-| ?$)|\s*$)/.test(following)) {
    throw wrongCount(place, start, promised, `more follow: '${following.slice(0, 60)}'`)
  }
  return index
}

function wrongCount(place: ErrorPlace, index: number, promised: Counts, found: string): Error {
  const promise = `${counted(promised.old, 'old line')} and ${counted(promised.new, 'new line')}`
  const why = place.flowed
    ? "The mail was sent with format=flowed, and its mailer wrapped or joined lines: ask the author to send it with git send-email, or take it from the author's branch."
    : 'Accepted: unchanged hunks; mailers wrap lines and editors remove blanks, so use the unchanged output of git format-patch.'
  return place.error('malformed', index, `the hunk's header promises ${promise}, but ${found}. ${why}`)
}
