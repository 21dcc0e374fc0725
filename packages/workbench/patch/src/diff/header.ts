// SPDX-License-Identifier: GPL-2.0-only
import { shownPath, type PatchPaths } from '../paths.ts'
import type { ErrorPlace } from '../error-place.ts'
import { namesOfGitLine, withoutPrefix, writtenName } from './names.ts'

/** The kind of change of a file as a whole. */
export type FileChangeKind = 'modify' | 'create' | 'delete' | 'rename' | 'copy'

/** The header of one file: `diff --git`, the lines after it, `---` and `+++`. */
export interface FileHeader {
  /** Names without `a/`; null if the header does not contain them, `/dev/null` for no file. */
  oldName: string | null
  newName: string | null
  /** True if the names lack `a/` and `b/`: both begin with the same folder. */
  unprefixed: boolean
  kind: FileChangeKind
  /** Modes as written by git (`100644`); null if the header does not contain them. */
  oldMode: string | null
  newMode: string | null
  /** Blob ids as abbreviated on the `index` line; null without one. */
  oldBlob: string | null
  newBlob: string | null
  /** Index of the header's first line. */
  start: number
  /** Index of the line after the header. */
  next: number
}

const regularFile = '100644'
const executableFile = '100755'

/** Reads the file header that starts at `start`; returns null if there is none. @throws PatchError */
export function readHeader(
  lines: readonly string[],
  start: number,
  place: ErrorPlace,
  paths: PatchPaths,
): FileHeader | null {
  const header: FileHeader = {
    oldName: null,
    newName: null,
    unprefixed: false,
    kind: 'modify',
    oldMode: null,
    newMode: null,
    oldBlob: null,
    newBlob: null,
    start,
    next: start,
  }
  if (lines[start]?.startsWith('diff --git ') === true) readGitHeader(lines, header, place, paths)
  const oldName = /^--- (.*)$/.exec(lines[header.next] ?? '')?.[1]
  const newName = /^\+\+\+ (.*)$/.exec(lines[header.next + 1] ?? '')?.[1]
  if (oldName !== undefined && newName !== undefined) {
    takeNames(header, writtenName(oldName), writtenName(newName), place)
    header.next += 2
  }
  return header.next === start ? null : header
}

const firstPart = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')))

function isUnprefixed(oldName: string, newName: string): boolean {
  const first = firstPart(oldName)
  return first.length > 1 && first === firstPart(newName)
}

const fieldLine =
  /^(old mode|new mode|new file mode|deleted file mode|rename from|rename to|copy from|copy to|index|similarity index|dissimilarity index) (.*)$/

function readGitHeader(
  lines: readonly string[],
  header: FileHeader,
  place: ErrorPlace,
  paths: PatchPaths,
): void {
  const names = namesOfGitLine(lines[header.start] ?? '')
  if (names !== null) {
    header.oldName = withoutPrefix(names.oldName)
    header.newName = withoutPrefix(names.newName)
    header.unprefixed = isUnprefixed(names.oldName, names.newName)
  }
  for (header.next++; ; header.next++) {
    const line = lines[header.next] ?? ''
    const field = fieldLine.exec(line)
    if (field === null) {
      refuseBinary(line, header, place, paths)
      return
    }
    readField(field[1] ?? '', field[2] ?? '', header)
    refuseMode(header, place, paths)
  }
}

function readField(name: string, value: string, header: FileHeader): void {
  if (name === 'new file mode') header.kind = 'create'
  if (name === 'deleted file mode') header.kind = 'delete'
  if (name.startsWith('rename ')) header.kind = 'rename'
  if (name.startsWith('copy ')) header.kind = 'copy'
  if (name.endsWith(' from')) header.oldName = writtenName(value)
  if (name.endsWith(' to')) header.newName = writtenName(value)
  if (name === 'old mode' || name === 'deleted file mode') header.oldMode = value.trim()
  if (name === 'new mode' || name === 'new file mode') header.newMode = value.trim()
  if (name !== 'index') return
  const ids = /^([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: (\d+))?$/.exec(value.trim())
  header.oldBlob = ids?.[1] ?? null
  header.newBlob = ids?.[2] ?? null
  if (ids?.[3] !== undefined) header.oldMode = header.newMode = ids[3]
}

function refuseBinary(line: string, header: FileHeader, place: ErrorPlace, { inWords }: PatchPaths): void {
  if (!line.startsWith('GIT binary patch') && !/^Binary files .* differ$/.test(line)) return
  throw place.error(
    'binary',
    header.next,
    `a binary diff of ${shownPath(header.newName ?? '?')}. Accepted: text diffs of ${inWords}.`,
  )
}

function refuseMode(header: FileHeader, place: ErrorPlace, { executables }: PatchPaths): void {
  const accepted = executables
    ? `Accepted: regular files (modes ${regularFile} and ${executableFile}).`
    : `Accepted: changes to the text of regular files (mode ${regularFile}).`
  const file = shownPath(header.newName ?? '?')
  for (const mode of [header.oldMode, header.newMode]) {
    if (mode === null || mode === regularFile || (mode === executableFile && executables)) continue
    if (mode === '120000')
      throw place.error('symlink', header.next, `${file} is a symbolic link. ${accepted}`)
    if (mode === '160000') throw place.error('submodule', header.next, `${file} is a submodule. ${accepted}`)
    throw place.error(
      'mode',
      header.next,
      `the patch gives ${file} the mode ${shownPath(mode)}, or changes it. ${accepted}`,
    )
  }
  if (
    header.oldMode !== null &&
    header.newMode !== null &&
    header.oldMode !== header.newMode &&
    !executables
  ) {
    throw place.error('mode', header.next, `the patch changes the mode of ${file}. ${accepted}`)
  }
}

/** Reads the names on `---` and `+++`, which must match those of the `diff --git` line if there is one. */
function takeNames(header: FileHeader, writtenOld: string, writtenNew: string, place: ErrorPlace): void {
  const [oldName, newName] = [withoutPrefix(writtenOld), withoutPrefix(writtenNew)]
  const same = (known: string | null, name: string): boolean =>
    known === null || name === '/dev/null' || known === name
  if (!same(header.oldName, oldName) || !same(header.newName, newName)) {
    const names = `${shownPath(header.oldName ?? '')} and ${shownPath(header.newName ?? '')}`
    throw place.error(
      'malformed',
      header.next,
      `the file header names ${names}, but these lines name ${shownPath(oldName)} and ${shownPath(newName)}. Accepted: one pair of names.`,
    )
  }
  if (oldName === '/dev/null') header.kind = 'create'
  if (newName === '/dev/null') header.kind = 'delete'
  if (isUnprefixed(writtenOld, writtenNew)) header.unprefixed = true
  header.oldName = oldName
  header.newName = newName
}
