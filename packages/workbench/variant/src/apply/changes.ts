// SPDX-License-Identifier: GPL-2.0-only

/** A run of lines that was replaced, added or removed, in line numbers of the file afterwards. */
export interface LineEdit {
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

const hunkHeader = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/

/** Reads the output of `git diff --unified=0`. */
export function parseChanges(diff: string): FileEdit[] {
  const files: { path: string; edits: LineEdit[] }[] = []
  const lines = diff.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const path = /^diff --git a\/(\S+) b\/\1$/.exec(line)?.[1]
    const hunk = hunkHeader.exec(line)
    if (path !== undefined) files.push({ path, edits: [] })
    if (hunk === null) continue
    const removed = Number(hunk[1] ?? 1)
    const added = Number(hunk[3] ?? 1)
    const start = Number(hunk[2])
    const gone = lines.slice(index + 1, index + 1 + removed).map((text) => text.slice(1))
    files.at(-1)?.edits.push({ line: added === 0 ? start + 1 : start, added, gone })
    index += removed + added
  }
  return files
}
