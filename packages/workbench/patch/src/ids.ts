// SPDX-License-Identifier: GPL-2.0-only
import type { Patch } from './series.ts'

/** The id of a patch file: its name without `.patch`. */
export function patchId(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.patch$/, '')
}

/** Longest id made from a subject, as git format-patch cuts its file names. */
const longestId = 52

/** An id made from the subject, for patches that have no file of their own (standard input, an mbox of several). */
export function idOfSubject({ subject }: Pick<Patch, 'subject'>): string {
  const id = subject
    .slice(0, 500)
    .replace(/[^A-Za-z0-9._]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .slice(0, longestId)
    .replace(/^[-.]+|[-.]+$/g, '')
  return id === '' ? 'patch' : id
}
