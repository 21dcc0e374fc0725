// SPDX-License-Identifier: GPL-2.0-only
import type { FileChange } from '../diff/diff.ts'
import type { FileChangeKind } from '../diff/header.ts'
import type { Hunk } from '../diff/hunks.ts'
import { PatchError } from '../error.ts'
import type { Patch } from '../series.ts'

const opposite: Readonly<Record<Exclude<FileChangeKind, 'copy'>, FileChangeKind>> = {
  modify: 'modify',
  create: 'delete',
  delete: 'create',
  rename: 'rename',
}

function reversedLine(line: string): string {
  if (line.startsWith('+')) return `-${line.slice(1)}`
  return line.startsWith('-') ? `+${line.slice(1)}` : line
}

function reversedHunk(hunk: Hunk): Hunk {
  return {
    ...hunk,
    oldStart: hunk.newStart,
    oldLines: hunk.newLines,
    newStart: hunk.oldStart,
    newLines: hunk.oldLines,
    lines: hunk.lines.map(reversedLine),
  }
}

function reversedFile(change: FileChange, source: string): FileChange {
  if (change.kind === 'copy') {
    throw new PatchError(
      'rename',
      source,
      `${source}: the patch copies ${change.oldPath ?? ''} to ${change.path}, which cannot be reversed. Accepted: the patch without copies (git diff --no-renames).`,
    )
  }
  const kind = opposite[change.kind]
  return {
    ...change,
    kind,
    path: kind === 'delete' ? change.path : (change.oldPath ?? change.path),
    oldPath: kind === 'create' ? null : change.path,
    oldMode: change.newMode,
    newMode: change.oldMode,
    oldBlob: change.newBlob,
    newBlob: change.oldBlob,
    hunks: change.hunks.map(reversedHunk),
  }
}

/**
 * Returns the inverse of a patch, like `git apply --reverse`. `diff` and `text` are not reversed.
 *
 * @param source - name of the patch, for messages
 * @throws PatchError `rename` for a patch that copies files
 */
export function reversedPatch(patch: Patch, source: string): Patch {
  return { ...patch, files: patch.files.map((change) => reversedFile(change, source)).reverse() }
}
