// SPDX-License-Identifier: GPL-2.0-only
import { parsePatch } from 'diff'
import type { Place } from './place.ts'

/** One hunk of a diff. Line numbers count from 1 and name the hunk's first line even when a side is empty. */
export interface Hunk {
  readonly oldStart: number
  readonly oldLines: number
  readonly newStart: number
  readonly newLines: number
  /** What follows the second `@@`: usually the function around the hunk. */
  readonly section: string
  /** With their ` `, `+`, `-` or `\` in front. */
  readonly lines: readonly string[]
  /** Where the hunk's `@@` line stands in the source. */
  readonly line: number
}

const header = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)$/

const plural = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? '' : 's'}`

/**
 * Reads the hunks that start at `start`, counting lines as their headers promise.
 *
 * @param lines - the text that holds the diff
 * @param start - index of the first line after the file's header
 * @returns the hunks and the index of the line after the last one
 * @throws PatchError `malformed`
 */
export function readHunks(
  lines: readonly string[],
  start: number,
  place: Place,
): { hunks: Hunk[]; next: number } {
  const hunks: Hunk[] = []
  let index = start
  while (/^@@/.test(lines[index] ?? '')) {
    const end = hunkEnd(lines, index, place)
    hunks.push(readHunk(lines.slice(index, end), place, index))
    index = end
  }
  return { hunks, next: index }
}

function hunkEnd(lines: readonly string[], start: number, place: Place): number {
  const head = header.exec(lines[start] ?? '')
  if (head === null) {
    throw place.error(
      'malformed',
      start,
      `'${(lines[start] ?? '').slice(0, 60)}' is no hunk header. Accepted: '@@ -line,count +line,count @@', as git diff -u writes it.`,
    )
  }
  const promised = { old: Number(head[2] ?? 1), new: Number(head[4] ?? 1) }
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
    const found = `the text has ${String(seen.old)} and ${String(seen.new)} before it ends or something else begins`
    throw wrongCount(place, start, promised, found)
  }
  while (lines[index]?.startsWith('\\') === true) index++
  const following = lines[index] ?? ''
  if (/^[ +-]/.test(following) && !/^--(?:-| ?$)/.test(following)) {
    throw wrongCount(place, start, promised, `more follow: '${following.slice(0, 60)}'`)
  }
  return index
}

function wrongCount(
  place: Place,
  index: number,
  promised: { old: number; new: number },
  found: string,
): Error {
  const promise = `${plural(promised.old, 'old line')} and ${plural(promised.new, 'new line')}`
  return place.error(
    'malformed',
    index,
    `the hunk's header promises ${promise}, but ${found}. Accepted: hunks as git made them; mailers wrap lines and editors drop blanks, so use the output of git format-patch unchanged.`,
  )
}

function readHunk(lines: readonly string[], place: Place, index: number): Hunk {
  const [first = '', ...body] = lines
  let parsed
  try {
    // Without the section, and with a final line end, so that nothing but the hunk itself is left to interpret.
    parsed = parsePatch(
      `${first.replace(/^(@@ .*? @@).*$/, '$1')}\n${body.map((line) => (line === '' ? ' ' : line)).join('\n')}\n`,
    )[0]?.hunks[0]
  } catch (fault) {
    throw place.error('malformed', index, fault instanceof Error ? fault.message : 'the hunk cannot be read')
  }
  if (parsed === undefined) throw place.error('malformed', index, 'the hunk is empty')
  return {
    oldStart: parsed.oldStart,
    oldLines: parsed.oldLines,
    newStart: parsed.newStart,
    newLines: parsed.newLines,
    section: header.exec(first)?.[5]?.trim() ?? '',
    lines: parsed.lines,
    line: place.line(index),
  }
}
