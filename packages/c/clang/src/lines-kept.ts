// SPDX-License-Identifier: GPL-2.0-only
import { posix } from 'node:path'

/** Numbers of lines, counted from 1, by path in the tree. */
export type LinesByFile = ReadonlyMap<string, ReadonlySet<number>>

/**
 * The lines of each file that have text after preprocessing: no line of a branch that is not taken, of a comment or of
 * a directive other than `#define`.
 *
 * @param preprocessed - output of `clang -E -dD`, whose line markers such as `# 12 "drivers/x.c" 2` name the places
 */
export function linesKept(preprocessed: string): LinesByFile {
  const found = new Map<string, Set<number>>()
  let lines = new Set<number>()
  let next = 1
  for (const text of preprocessed.split('\n')) {
    const [, line, file] = /^# (\d+) "((?:[^"\\]|\\.)*)"/.exec(text) ?? []
    if (line === undefined || file === undefined) {
      if (text.trim() !== '') lines.add(next)
      next++
      continue
    }
    const path = posix.normalize(file)
    lines = found.get(path) ?? new Set()
    found.set(path, lines)
    next = Number(line)
  }
  return found
}
