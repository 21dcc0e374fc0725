// SPDX-License-Identifier: GPL-2.0-only
import type { FileChange } from '../diff/diff.ts'
import type { HunkDifference, DifferenceCause } from './difference.ts'
import type { ElsewhereReason } from './place-hunk.ts'
import type { FilePlace, FileResult, HunkResult, PatchResult } from './result.ts'

/** Maximum number of lines to show of expected and found text, and of positions to list. */
const shown = { lines: 12, places: 3 }

/**
 * Explains why a patch does not apply: its first file and hunk that does not fit, and the reason.
 *
 * @param source - name of the patch file
 * @returns a few lines of text; null if the patch applies or is already applied
 */
export function explainResult({ state, files }: PatchResult, source: string): string | null {
  if (state === 'partly-in' && !files.some((file) => file.state === 'partly-in'))
    return explainPartlyIn(files)
  for (const file of files) {
    const fault = explainFile(file, source)
    if (fault !== null) return fault
  }
  return null
}

function explainPartlyIn(files: readonly FileResult[]): string {
  const paths = (wanted: FileResult['state']): string => {
    const all = files.filter(({ state }) => state === wanted).map(({ change }) => change.path)
    const rest = all.length - shown.places
    return all.slice(0, shown.places).join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '')
  }
  return `the patch is already applied in part: in ${paths('already-in')}, but not in ${paths('applied')}.`
}

function explainFile(file: FileResult, source: string): string | null {
  const { change } = file
  switch (file.state) {
    case 'applied':
    case 'already-in':
    case 'merged':
      return null
    case 'missing':
      return `${change.oldPath ?? change.path}: there is no such file.`
    case 'exists':
      return explainExisting(change)
    case 'not-empty':
      return `${change.path}: the patch deletes this file, but it has more lines than the patch removes.`
    case 'partly-in':
    case 'elsewhere':
    case 'conflict':
      return explainHunks(change, file.hunks, source)
  }
}

function explainExisting({ kind, path, oldPath }: FileChange): string {
  if (kind === 'create') return `${path}: the patch creates this file, but it already exists.`
  const verb = kind === 'copy' ? 'copies' : 'renames'
  return `${path}: the patch ${verb} ${oldPath ?? ''} to this name, but it already exists.`
}

function explainHunks(change: FileChange, hunks: readonly HunkResult[], source: string): string | null {
  const bad =
    hunks.find(({ state }) => state === 'conflict') ?? hunks.find(({ state }) => state !== 'applied')
  if (bad === undefined) return null
  const hunk = change.hunks[bad.hunk]
  const section = hunk === undefined || hunk.section === '' ? '' : ` in '${hunk.section}'`
  const where = `${change.path}: hunk ${String(bad.hunk + 1)} of ${String(change.hunks.length)}${section} (${source}:${String(hunk?.line ?? 0)})`
  switch (bad.state) {
    case 'applied':
      return null
    case 'already-in':
      return `${where} is already applied, at line ${String(bad.place.line)}, but other hunks are not.`
    case 'elsewhere':
      return `${where} ${explainElsewhere(bad.why, bad.places)}`
    case 'conflict':
      return [
        `${where} does not apply.`,
        ...differenceLines(bad.difference),
        ...alreadyLines(bad.alreadyAt),
      ].join('\n')
  }
}

function placeList(places: readonly FilePlace[]): string {
  const named = places
    .slice(0, shown.places)
    .map(({ line, function: name }) => `line ${String(line)}${name === null ? '' : ` (${name})`}`)
  const rest = places.length - named.length
  return named.join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '')
}

function alreadyLines(places: readonly FilePlace[]): string[] {
  if (places.length === 0) return []
  return [`  The change may already be applied: the resulting lines are at ${placeList(places)}.`]
}

function explainElsewhere(why: ElsewhereReason, places: readonly FilePlace[]): string {
  const list = placeList(places)
  switch (why) {
    case 'ambiguous':
      return `does not apply: its lines occur more than once, at ${list}.`
    case 'other-function':
      return `does not apply in its function: the same lines occur only elsewhere, at ${list}.`
  }
}

const causes: Readonly<Record<DifferenceCause, string>> = {
  blanks: 'The lines differ only in blanks and tabs: a mailer or an editor changed the patch.',
  'not-at-start':
    'The lines are the same. They must be the first of the file, because the hunk starts at line 1.',
  'not-at-end':
    'The lines are the same. They must be the last of the file, because no context follows the last change.',
  overlap: 'The lines are the same, but another hunk of the patch has them too.',
}

function differenceLines(difference: HunkDifference | null): string[] {
  if (difference === null) return []
  const { expected, expectedLine, found, foundLine, first, cause } = difference
  const show = (lines: readonly string[], others: readonly string[]): string[] => {
    const marked = lines.map((line, i) => `  ${line === others[i] ? ' ' : '!'} ${line}`.trimEnd())
    // Start shortly before the first difference, so that it is visible.
    const start = Math.max(0, first - 3)
    const rest = marked.length - start - shown.lines
    return [
      ...(start > 0 ? ['    …'] : []),
      ...marked.slice(start, start + shown.lines),
      ...(rest > 0 ? ['    …'] : []),
    ]
  }
  return [
    `  expected, at line ${String(expectedLine)}:`,
    ...show(expected, found),
    found.length === 0
      ? '  found: the file ends before that line.'
      : `  found, at line ${String(foundLine)}, the nearest match:`,
    ...show(found, expected),
    ...(cause === null ? [] : [`  ${causes[cause]}`]),
  ]
}
