// SPDX-License-Identifier: GPL-2.0-only
import { readHunks, type Hunk } from './hunks.ts'
import { pathFault, shownName, type PathRules } from './paths.ts'
import type { Place } from './place.ts'

/** What a patch does to one file. Paths are relative to the repository. */
export interface FileChange {
  readonly kind: 'modify' | 'create' | 'delete' | 'rename' | 'copy'
  /** The file afterwards; of a deleted file, the file before. */
  readonly path: string
  /** The file before; null if the patch creates it. */
  readonly oldPath: string | null
  readonly hunks: readonly Hunk[]
}

/** The header of one file: what `diff --git`, the lines after it, `---` and `+++` say. */
interface Header {
  /** Names as written, without `a/`; null where the header does not say, `/dev/null` for no file. */
  oldName: string | null
  newName: string | null
  kind: FileChange['kind']
  /** Index of the header's first line. */
  start: number
  next: number
}

const regularFile = '100644'

/**
 * Reads the diff in the lines from `start` on. Text between files and after the last hunk is not looked at, as git does not.
 *
 * @param rules - which paths the patch may touch
 * @returns one entry a file, in order
 * @throws PatchError for what does not parse and for changes that patches may not make
 */
export function readDiff(
  lines: readonly string[],
  start: number,
  place: Place,
  rules: PathRules,
): FileChange[] {
  const files: FileChange[] = []
  let index = start
  while (index < lines.length) {
    const line = lines[index] ?? ''
    const header = readHeader(lines, index, place, rules)
    if (header === null) {
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
      index++
      continue
    }
    const { hunks, next } = readHunks(lines, header.next, place)
    files.push(fileChange(header, hunks, place, rules))
    index = next
  }
  return files
}

function readHeader(lines: readonly string[], start: number, place: Place, rules: PathRules): Header | null {
  const header: Header = { oldName: null, newName: null, kind: 'modify', start, next: start }
  if (lines[start]?.startsWith('diff --git ') === true) readGitHeader(lines, header, place, rules)
  const oldName = /^--- (.*)$/.exec(lines[header.next] ?? '')?.[1]
  const newName = /^\+\+\+ (.*)$/.exec(lines[header.next + 1] ?? '')?.[1]
  if (oldName !== undefined && newName !== undefined) {
    agree(header, nameIn(oldName), nameIn(newName), place)
    header.next += 2
  }
  return header.next === start ? null : header
}

function readGitHeader(lines: readonly string[], header: Header, place: Place, rules: PathRules): void {
  const names = /^diff --git (\S+) (\S+)$/.exec(lines[header.start] ?? '')
  header.oldName = nameIn(names?.[1] ?? '')
  header.newName = nameIn(names?.[2] ?? '')
  for (header.next++; ; header.next++) {
    const line = lines[header.next] ?? ''
    const field =
      /^(old mode|new mode|new file mode|deleted file mode|rename from|rename to|copy from|copy to|index|similarity index|dissimilarity index) (.*)$/.exec(
        line,
      )
    if (field === null) {
      refuseBinary(line, header, place, rules)
      return
    }
    const [, name = '', value = ''] = field
    if (name.endsWith('mode') || name === 'index') refuseMode(name, value, header, place)
    if (name === 'new file mode') header.kind = 'create'
    if (name === 'deleted file mode') header.kind = 'delete'
    if (name.startsWith('rename ')) header.kind = 'rename'
    if (name.startsWith('copy ')) header.kind = 'copy'
    if (name.endsWith(' from')) header.oldName = value
    if (name.endsWith(' to')) header.newName = value
  }
}

function refuseBinary(line: string, header: Header, place: Place, { accepted }: PathRules): void {
  if (!line.startsWith('GIT binary patch') && !/^Binary files .* differ$/.test(line)) return
  throw place.error(
    'binary',
    header.next,
    `a binary diff of ${shownName(header.newName ?? '?')}. Accepted: text diffs of ${accepted}.`,
  )
}

function refuseMode(name: string, value: string, header: Header, place: Place): void {
  const mode = name === 'index' ? (value.split(' ')[1] ?? regularFile) : value.trim()
  const accepted = `Accepted: changes to the text of regular files (mode ${regularFile}).`
  const file = shownName(header.newName ?? '?')
  if (mode === '120000') throw place.error('symlink', header.next, `${file} is a symbolic link. ${accepted}`)
  if (mode === '160000') throw place.error('submodule', header.next, `${file} is a submodule. ${accepted}`)
  if (mode !== regularFile || name === 'old mode' || name === 'new mode') {
    throw place.error(
      'mode',
      header.next,
      `the patch sets or changes the mode of ${file} ('${name} ${shownName(value)}'). ${accepted}`,
    )
  }
}

/** A name of a `---`, `+++` or `diff --git` line, without time stamp and without its first part (`a/`), as `git apply -p1` reads it. */
function nameIn(written: string): string {
  const name = written.split('\t')[0]?.trimEnd() ?? ''
  return name.startsWith('/') ? name : name.slice(name.indexOf('/') + 1)
}

/** Takes the names of `---` and `+++`, which must be those of the `diff --git` line if there was one. */
function agree(header: Header, oldName: string, newName: string, place: Place): void {
  const same = (known: string | null, name: string): boolean =>
    known === null || name === '/dev/null' || known === name
  if (!same(header.oldName, oldName) || !same(header.newName, newName)) {
    const names = `${shownName(header.oldName ?? '')} and ${shownName(header.newName ?? '')}`
    throw place.error(
      'malformed',
      header.next,
      `the file header names ${names}, but these lines name ${shownName(oldName)} and ${shownName(newName)}. Accepted: one pair of names.`,
    )
  }
  if (oldName === '/dev/null') header.kind = 'create'
  if (newName === '/dev/null') header.kind = 'delete'
  header.oldName = oldName
  header.newName = newName
}

function fileChange(header: Header, hunks: readonly Hunk[], place: Place, rules: PathRules): FileChange {
  const { kind } = header
  const oldName = kind === 'create' ? null : header.oldName
  const newName = kind === 'delete' ? null : header.newName
  const path = newName ?? oldName
  if (path === null || path === '/dev/null')
    throw place.error(
      'malformed',
      header.start,
      'a file header that names no file. Accepted: a/ and b/ with the path after it.',
    )
  const moved = oldName !== null && newName !== null && oldName !== newName
  for (const name of new Set([oldName ?? path, path])) {
    const fault = pathFault(name, rules)
    if (fault === null) continue
    const outward = moved && pathFault(name === path ? oldName : path, rules) === null
    throw place.error(
      outward ? 'rename' : 'path',
      header.start,
      `${outward ? `the patch moves or copies ${shownName(oldName)} to ${shownName(newName)}; ` : ''}'${shownName(name)}' ${fault}. Accepted: patches touch only ${rules.accepted}.`,
    )
  }
  if (hunks.length === 0 && kind === 'modify') {
    throw place.error(
      'malformed',
      header.start,
      `no change of ${path} follows its header. Accepted: at least one hunk a file.`,
    )
  }
  return { kind: moved && kind === 'modify' ? 'rename' : kind, path, oldPath: oldName, hunks }
}
