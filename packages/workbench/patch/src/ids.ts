// SPDX-License-Identifier: GPL-2.0-only
import type { Patch } from './series.ts'

/** The id of a patch file: its name without `.patch`. */
export function patchId(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.patch$/, '')
}

/** Maximum length of an id made from a subject; git format-patch uses the same for its file names. */
const longestId = 52

/** Makes an id from the subject, for patches without their own file (standard input, an mbox of several). */
export function idOfSubject({ subject }: Pick<Patch, 'subject'>): string {
  const id = subject
    .slice(0, 500)
    .replace(/[^A-Za-z0-9._]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .slice(0, longestId)
    .replace(/^[-.]+|[-.]+$/g, '')
  return id === '' ? 'patch' : id
}
