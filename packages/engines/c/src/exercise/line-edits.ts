// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff'
import type { ChangedFiles } from '@pfo-workbench/patch'
import type { SourceFiles } from '@pfo-workbench/variant'

/** A run of lines that was replaced, added or removed, in line numbers of the file afterwards. */
interface LineEdit {
  /** First line that is new; when lines were only removed, the line that now follows the gap. */
  readonly line: number
  /** How many lines are new; 0 when lines were only removed. */
  readonly added: number
  /** The lines that were there before. */
  readonly gone: readonly string[]
}

/** What changed in one file. */
export interface FileEdit {
  readonly path: string
  readonly edits: readonly LineEdit[]
}

/** Lines added and removed up to which the shortest edit is looked for: the time for it grows with their square. */
const mostEdits = 2_000

/** The lines of a text, without the empty one behind the last newline. */
function linesOf(text: string | null | undefined): string[] {
  if (text == null || text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

function editsOf(before: readonly string[], after: readonly string[]): LineEdit[] {
  const edits: LineEdit[] = []
  const parts = diffArrays([...before], [...after], { maxEditLength: mostEdits })
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

/** What changed, line by line, in the order of the paths. */
export function lineEditsOf(sources: SourceFiles, changed: ChangedFiles): FileEdit[] {
  const paths = [...changed.keys()].sort((a, b) => (a < b ? -1 : 1))
  return paths.map((path) => ({
    path,
    edits: editsOf(linesOf(sources.get(path)), linesOf(changed.get(path))),
  }))
}
