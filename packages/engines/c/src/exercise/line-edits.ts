// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff'
import type { ChangedFiles } from '@pfo-workbench/patch'
import type { SourceFiles } from '@pfo-workbench/variant'

/** A range of lines that was replaced, added or removed, in line numbers of the new file. */
interface LineEdit {
  /** The first new line; if lines were only removed, the line that follows them now. */
  readonly line: number
  /** Number of new lines; 0 if lines were only removed. */
  readonly added: number
  /** The lines that were removed. */
  readonly gone: readonly string[]
}

/** The changes of one file. */
export interface FileEdit {
  readonly path: string
  readonly edits: readonly LineEdit[]
}

/**
 * Maximum number of added and removed lines for which the shortest edit is computed, because the time grows
 * quadratically. With more, the whole file counts as replaced.
 */
const maxEdits = 2_000

/** The lines of a text. `split` alone would give an empty line after the trailing newline. Empty for no text. */
function linesOf(text: string | null | undefined): string[] {
  if (text == null || text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

function editsOf(before: readonly string[], after: readonly string[]): LineEdit[] {
  const edits: LineEdit[] = []
  const parts = diffArrays([...before], [...after], { maxEditLength: maxEdits })
  if (parts === undefined) return [{ line: 1, added: after.length, gone: before }]
  let line = 1
  let open: { line: number; added: number; gone: readonly string[] } | null = null
  for (const { added, removed, value } of parts) {
    if (!added && !removed) {
      open = null
      line += value.length
      continue
    }
    if (open === null) edits.push((open = { line, added: 0, gone: [] }))
    if (removed) open.gone = [...open.gone, ...value]
    if (added) {
      open.added += value.length
      line += value.length
    }
  }
  return edits
}

/**
 * The edits of each changed file, ordered by path.
 *
 * @param sources - texts before the change; an added file has none
 */
export function lineEditsOf(sources: SourceFiles, changed: ChangedFiles): FileEdit[] {
  const paths = [...changed.keys()].sort((a, b) => (a < b ? -1 : 1))
  return paths.map((path) => ({
    path,
    edits: editsOf(linesOf(sources.get(path)), linesOf(changed.get(path))),
  }))
}
