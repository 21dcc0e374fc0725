// SPDX-License-Identifier: GPL-2.0-only
import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { KernelTreeError } from './error.ts'

/** A tree argument, split into folder and commit. */
export interface TreeArgument {
  /** Absolute path of an existing folder. */
  readonly folder: string
  /** The text after the `@`; null if there is none. */
  readonly commit: string | null
}

function kindOf(path: string): 'folder' | 'other' | null {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'other'
  } catch {
    return null
  }
}

/** The error for a path that names a file instead of a folder. */
function fileFault(path: string): KernelTreeError {
  const archive = /^(.*)\.(?:tar(?:\.\w+)?|t[gx]z)$/.exec(basename(path))
  return new KernelTreeError(
    'argument',
    archive === null
      ? `${path} is not a folder; accepted: a folder (DIR) and a commit of a repository (DIR@COMMIT)`
      : `${path} is an archive: unpack it with "tar -xf ${path}" and name the folder ${archive[1] ?? ''} instead`,
  )
}

/**
 * Splits `DIR` or `DIR@COMMIT`. If the whole text names an existing folder, an `@` in it is part of the name. Otherwise
 * the last `@` that follows the name of an existing folder separates folder and commit, so that `DIR@HEAD@{1}` works
 * too.
 *
 * @param text - the argument as typed; relative to the current folder
 * @throws KernelTreeError `argument` if there is no such folder
 */
export function parseTreeArgument(text: string): TreeArgument {
  const whole = kindOf(text)
  if (whole === 'folder') return { folder: resolve(text), commit: null }
  if (whole === 'other') throw fileFault(text)
  for (let at = text.lastIndexOf('@'); at > 0; at = text.lastIndexOf('@', at - 1)) {
    const [folder, commit] = [text.slice(0, at), text.slice(at + 1)]
    const kind = kindOf(folder)
    if (kind === null) continue
    if (kind === 'other') throw fileFault(folder)
    if (commit === '')
      throw new KernelTreeError(
        'argument',
        `${text} names no commit after the @; accepted: DIR and DIR@COMMIT`,
      )
    return { folder: resolve(folder), commit }
  }
  throw new KernelTreeError(
    'argument',
    `there is no folder ${text}; accepted: a folder (DIR) and a commit of a repository (DIR@COMMIT)`,
  )
}
