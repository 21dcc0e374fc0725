// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { KernelTreeError } from '../error.ts'

/** A repository of the user, as far as it is looked at: files are read, and git is never run in it. */
export interface Repository {
  /** Where HEAD and the index are: for a linked work tree a folder of its own. */
  readonly gitFolder: string
  /** Where objects, refs and the configuration are. */
  readonly commonFolder: string
  /** Top of the work tree; null in a bare repository. */
  readonly workTree: string | null
  /** The folder that was named, relative to the work tree; empty for its top. */
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

/** Whether a folder is one that git keeps its data in. */
function isGitFolder(path: string): boolean {
  return (
    existsSync(join(path, 'HEAD')) && (isFolder(join(path, 'objects')) || existsSync(join(path, 'commondir')))
  )
}

/** Where the `.git` of a work tree leads. In linked work trees and submodules it is a file that names a folder. */
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
 * Finds the repository that a folder belongs to. Neither the environment nor the repository's `core.worktree` has a say.
 *
 * @param folder - absolute; the top of a work tree, a folder in one, or a repository without work tree
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

/** What has to be known of a repository's configuration to read its objects. */
export interface RepositoryFormat {
  readonly objectFormat: string | null
  readonly refStorage: string | null
}

/**
 * Reads how a repository keeps its objects. Objects that are missing are never fetched, whatever this finds: the git that reads
 * them has no remote. A partial clone is refused here because it nearly always lacks some.
 *
 * @throws KernelTreeError `partial-clone` if it lacks objects that git would fetch when they are read
 */
export function readFormat({ commonFolder }: Repository, where: string): RepositoryFormat {
  const config = readOr(join(commonFolder, 'config'), '')
  const value = (key: string): string | null =>
    new RegExp(`^[ \\t]*${key}[ \\t]*=[ \\t]*"?(\\w+)`, 'im').exec(config)?.[1]?.toLowerCase() ?? null
  if (value('promisor') === 'true' || value('partialclone') !== null)
    throw new KernelTreeError(
      'partial-clone',
      `${where} is a partial clone: git would fetch missing files into it, so it is not used; accepted are full and shallow clones, and a folder made with "git -C ${where} archive HEAD | tar -x -C FOLDER"`,
    )
  return { objectFormat: value('objectformat'), refStorage: value('refstorage') }
}
