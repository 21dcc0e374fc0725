// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { KernelTreeError } from '../error.ts'

/** Locations of the user's repository. Files are read from it; git never runs in it. */
export interface Repository {
  /** Folder with HEAD and the index. A linked work tree has its own. */
  readonly gitFolder: string
  /** Folder with objects, refs and the configuration. */
  readonly commonFolder: string
  /** Top of the work tree; null in a bare repository. */
  readonly workTree: string | null
  /** The folder that the user named, relative to the work tree; empty for the top. */
  readonly prefix: string
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

/** True if a folder is a git directory. */
function isGitFolder(path: string): boolean {
  return (
    existsSync(join(path, 'HEAD')) && (isFolder(join(path, 'objects')) || existsSync(join(path, 'commondir')))
  )
}

/**
 * Resolves the `.git` of a work tree; null if there is none. In linked work trees and submodules `.git` is a file that
 * names the git directory.
 */
function gitFolderOf(workTree: string): string | null {
  const place = join(workTree, '.git')
  if (isFolder(place)) return isGitFolder(place) ? place : null
  const named = /^gitdir: (.+?)\s*$/.exec(readOr(place, ''))?.[1]
  if (named === undefined) return null
  const folder = resolve(workTree, named)
  return isGitFolder(folder) ? folder : null
}

function commonFolderOf(gitFolder: string): string {
  const named = readOr(join(gitFolder, 'commondir'), '').trim()
  return named === '' ? gitFolder : resolve(gitFolder, named)
}

/**
 * Finds the repository that contains a folder. Ignores the environment and the repository's `core.worktree`.
 *
 * @param folder - absolute path of a work tree, of a folder in one, or of a bare repository
 * @returns null if there is none
 */
export function findRepository(folder: string): Repository | null {
  for (let at = folder; ; at = dirname(at)) {
    const gitFolder = gitFolderOf(at)
    if (gitFolder !== null) {
      const prefix = relative(at, folder).split(sep).join('/')
      return { gitFolder, commonFolder: commonFolderOf(gitFolder), workTree: at, prefix }
    }
    if (at === folder && isGitFolder(at))
      return { gitFolder: at, commonFolder: commonFolderOf(at), workTree: null, prefix: '' }
    if (at === dirname(at)) return null
  }
}

/** The parts of a repository's configuration that are needed to read its objects. Null stands for git's default. */
export interface RepositoryFormat {
  readonly objectFormat: string | null
  readonly refStorage: string | null
}

/**
 * Reads how a repository stores its objects and refs. Refuses a partial clone, because objects that git would fetch on
 * demand are almost always missing. The check is not needed to prevent fetching: git runs in a temporary repository
 * (`BorrowedRepository`), which has no remote.
 *
 * @throws KernelTreeError `partial-clone` if the repository is a partial clone
 */
export function readFormat({ commonFolder }: Repository, where: string): RepositoryFormat {
  const config = readOr(join(commonFolder, 'config'), '')
  const value = (key: string): string | null =>
    new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*"?(\\w+)`, 'im').exec(config)?.[1]?.toLowerCase() ?? null
  if (value('promisor') === 'true' || value('partialclone') !== null)
    throw new KernelTreeError(
      'partial-clone',
      `${where} is a partial clone: git would fetch missing files into it, so it is not used; accepted: full and shallow clones, and a folder made with "git -C ${where} archive HEAD | tar -x -C FOLDER"`,
    )
  return { objectFormat: value('objectformat'), refStorage: value('refstorage') }
}
