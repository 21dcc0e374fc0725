// SPDX-License-Identifier: GPL-2.0-only
import { pathFault, shownPath, type PatchPaths } from '../paths.ts'
import type { ErrorPlace } from '../error-place.ts'
import { readHeader, type FileChangeKind, type FileHeader } from './header.ts'
import { readHunks, type Hunk } from './hunks.ts'

/** The change of one file by a patch. Paths are relative to the tree. */
export interface FileChange {
  readonly kind: FileChangeKind
  /** The new path; for a deleted file, the old one. */
  readonly path: string
  /** The old path; null if the patch creates the file. */
  readonly oldPath: string | null
  /** Modes before and after, as written by git (`100755`); null if the patch does not contain them. */
  readonly oldMode: string | null
  readonly newMode: string | null
  /** Blob ids before and after, as abbreviated on the `index` line; null without one. */
  readonly oldBlob: string | null
  readonly newBlob: string | null
  readonly hunks: readonly Hunk[]
  /** The header and hunks, unchanged, with a trailing newline. */
  readonly text: string
}

/** A diff in a text. */
export interface Diff {
  readonly files: readonly FileChange[]
  /** The unchanged lines from the header of the first file to the last hunk, with a trailing newline. */
  readonly text: string
}

/**
 * Reads the diff in the lines starting at `start`. Skips text between files and after the last hunk, as git does.
 *
 * @throws PatchError for malformed input and for changes that are not accepted
 */
export function readDiff(
  lines: readonly string[],
  start: number,
  place: ErrorPlace,
  paths: PatchPaths,
): Diff {
  const files: FileChange[] = []
  let index = start
  let first = start
  let end = start
  while (index < lines.length) {
    const line = lines[index] ?? ''
    const header = readHeader(lines, index, place, paths)
    if (header === null) {
      refuseStray(line, index, place)
      index++
      continue
    }
    const { hunks, next } = readHunks(lines, header.next, place)
    files.push(fileChange(header, hunks, `${lines.slice(index, next).join('\n')}\n`, place, paths))
    if (files.length === 1) first = index
    index = next
    end = next
  }
  return { files, text: `${lines.slice(first, end).join('\n')}\n` }
}

function refuseStray(line: string, index: number, place: ErrorPlace): void {
  if (/^@@ -\d/.test(line)) {
    throw place.error(
      'malformed',
      index,
      "a hunk without a file. Accepted: '--- a/file' and '+++ b/file' before the first hunk.",
    )
  }
  if (/^diff --(?:cc|combined) /.test(line)) {
    throw place.error(
      'malformed',
      index,
      'the combined diff of a merge. Accepted: a diff against one parent.',
    )
  }
}

function fileChange(
  header: FileHeader,
  hunks: readonly Hunk[],
  text: string,
  place: ErrorPlace,
  paths: PatchPaths,
): FileChange {
  const { kind, oldMode, newMode, oldBlob, newBlob } = header
  const oldPath = kind === 'create' ? null : header.oldName
  const newPath = kind === 'delete' ? null : header.newName
  const path = newPath ?? oldPath
  if (path === null || path === '/dev/null' || path === '') {
    throw place.error(
      'malformed',
      header.start,
      'a file header that does not name two files: a mailer may have wrapped the line. Accepted: the unchanged output of git format-patch.',
    )
  }
  refusePaths(header, oldPath, path, place, paths)
  if (hunks.length === 0 && kind === 'modify' && oldMode === newMode) {
    throw place.error(
      'malformed',
      header.start,
      `no change of ${path} follows its header. Accepted: at least one hunk per file.`,
    )
  }
  const moved = oldPath !== null && newPath !== null && oldPath !== newPath
  return {
    kind: moved && kind === 'modify' ? 'rename' : kind,
    path,
    oldPath,
    oldMode,
    newMode,
    oldBlob,
    newBlob,
    hunks,
    text,
  }
}

function refusePaths(
  header: FileHeader,
  oldPath: string | null,
  path: string,
  place: ErrorPlace,
  paths: PatchPaths,
): void {
  if (header.unprefixed) {
    throw place.error(
      'path',
      header.start,
      `the names lack the a/ and b/ that git puts before them. Accepted: the output of git diff --src-prefix=a/ --dst-prefix=b/.`,
    )
  }
  for (const name of new Set([oldPath ?? path, path])) {
    const newName = paths.moved.get(name)
    if (newName !== undefined && header.kind !== 'create') {
      throw place.error(
        'moved',
        header.start,
        `${name} has moved to ${newName}. Accepted: the patch with the new path.`,
      )
    }
    const fault = pathFault(name, paths)
    if (fault === null) continue
    const other = name === path ? oldPath : path
    const outward = other !== null && other !== name && pathFault(other, paths) === null
    const move = `the patch moves or copies ${shownPath(oldPath ?? path)} to ${shownPath(path)}; `
    throw place.error(
      outward ? 'rename' : 'path',
      header.start,
      `${outward ? move : ''}'${shownPath(name)}' ${fault}. Accepted: patches touch only ${paths.inWords}.`,
    )
  }
}
