// SPDX-License-Identifier: GPL-2.0-only
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@pfo-workbench/errors'
import {
  findExecutable,
  run,
  searchPath,
  start,
  TemporaryFolder,
  type ProcessLimits,
} from '@pfo-workbench/process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { KernelTreeError } from '../error.ts'
import type { Repository, RepositoryFormat } from './repository.ts'

/** git may take long on a slow disk. Listing a kernel tree usually takes less than a second. */
const limits: ProcessLimits = { milliseconds: 300_000, outputBytes: 256 << 20, fileMegabytes: 256 }

/** Maximum number of loose ref files to copy. Most repositories keep most of their refs in one file. */
const maxRefs = 100_000

const configurationOf = ({ objectFormat, refStorage }: RepositoryFormat): string => `
[core]
  repositoryformatversion = 1
  bare = true
  hooksPath = /dev/null
  fsmonitor = false
  untrackedCache = false
  autocrlf = false
  attributesFile = /dev/null
[gc]
  auto = 0
[maintenance]
  auto = false
[extensions]
${objectFormat === null ? '' : `  objectFormat = ${objectFormat}\n`}${refStorage === null ? '' : `  refStorage = ${refStorage}\n`}`

/** A path, quoted for `objects/info/alternates`. */
const quoted = (path: string): string =>
  `"${[...Buffer.from(path)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`

function copyIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })?.isFile() === true) copyFileSync(from, to)
}

/** Copies loose refs: small files in nested folders. */
function copyRefs(from: string, to: string, budget: { left: number }): void {
  if (!existsSync(from)) return
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    // A replacement ref would give a commit content that does not match its id.
    if (entry.name === 'replace' || budget.left <= 0) continue
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyRefs(source, target, budget)
    else if (entry.isFile() && statSync(source).size < 4096) {
      budget.left--
      copyFileSync(source, target)
    }
  }
}

/**
 * A temporary repository that has copies of the user's refs and borrows the user's objects. git never reads the user's
 * configuration, attributes or hooks. It has no remote to fetch from, and it writes only to the temporary repository.
 */
export class BorrowedRepository {
  readonly #git: string
  readonly #folder: TemporaryFolder
  readonly #user: Repository

  private constructor(git: string, folder: TemporaryFolder, user: Repository) {
    this.#git = git
    this.#folder = folder
    this.#user = user
  }

  /**
   * Creates the temporary repository.
   *
   * @throws KernelTreeError `repository` if git is missing, `unreadable` if files cannot be read or written;
   * TemporaryFolderError
   */
  static async create(user: Repository, format: RepositoryFormat): Promise<BorrowedRepository> {
    const git = findExecutable('git')
    if (git === null)
      throw new KernelTreeError('repository', 'git is not installed; it reads the files of commits')
    const folder = await TemporaryFolder.create('pfo-git')
    const root = folder.path
    try {
      mkdirSync(join(root, 'objects', 'info'), { recursive: true })
      mkdirSync(join(root, 'refs'))
      writeFileSync(join(root, 'config'), configurationOf(format))
      writeFileSync(join(root, 'objects/info/alternates'), `${quoted(join(user.commonFolder, 'objects'))}\n`)
      copyIfThere(join(user.gitFolder, 'HEAD'), join(root, 'HEAD'))
      copyIfThere(join(user.commonFolder, 'packed-refs'), join(root, 'packed-refs'))
      copyIfThere(join(user.commonFolder, 'shallow'), join(root, 'shallow'))
      copyRefs(join(user.commonFolder, 'refs'), join(root, 'refs'), { left: maxRefs })
      if (format.refStorage === 'reftable')
        copyRefs(join(user.commonFolder, 'reftable'), join(root, 'reftable'), { left: maxRefs })
      return new BorrowedRepository(git, folder, user)
    } catch (fault) {
      await folder.dispose()
      throw new KernelTreeError('unreadable', `the repository cannot be read: ${messageOf(fault)}`, {
        cause: fault,
      })
    }
  }

  #environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      PATH: searchPath(),
      HOME: this.#folder.path,
      LC_ALL: 'C',
      GIT_DIR: this.#folder.path,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_NO_LAZY_FETCH: '1',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      ...more,
    }
  }

  /**
   * Runs git and returns its output; null if the exit code is not 0.
   *
   * @throws KernelTreeError `repository` if git did not run to its end
   */
  async query(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Buffer | null> {
    const env = this.#environment(more)
    const result = await run({ file: this.#git, args, cwd: this.#folder.path, env, limits })
    if (result.status !== 'exited')
      throw new KernelTreeError('repository', `git ${args[0] ?? ''} failed: ${result.reason}`)
    return result.code === 0 ? result.stdout : null
  }

  /** Starts `git cat-file --batch`, which reads object ids and prints raw objects. No filter or attribute applies. */
  async startReader(): Promise<ChildProcessWithoutNullStreams> {
    return start({
      file: this.#git,
      args: ['cat-file', '--batch'],
      cwd: this.#folder.path,
      env: this.#environment(),
      // The process runs as long as the tree is open.
      limits: { ...limits, milliseconds: 3_600_000 },
    })
  }

  /**
   * Counts files of the work tree that differ from HEAD or from the index. git works on a copy of the index.
   *
   * @param below - only files below this folder count; empty for all
   * @returns null if the repository has no work tree or no index, or if git fails
   */
  async countChangedFiles(below: string): Promise<number | null> {
    const { gitFolder, workTree } = this.#user
    const index = join(gitFolder, 'index')
    if (workTree === null || !existsSync(index)) return null
    copyIfThere(index, join(this.#folder.path, 'index'))
    for (const name of readdirSync(gitFolder))
      if (/^sharedindex\.\w+$/.test(name)) copyIfThere(join(gitFolder, name), join(this.#folder.path, name))
    const said = await this.query(
      [
        '-c',
        'core.bare=false',
        'status',
        '--porcelain=v1',
        '-z',
        '--untracked-files=no',
        // git would otherwise run in each submodule, with the configuration of that submodule.
        '--ignore-submodules=all',
        '--no-renames',
        '--',
        below === '' ? ':(top)' : `:(top,literal)${below}`,
      ],
      { GIT_WORK_TREE: workTree },
    )
    return said === null ? null : said.toString().split('\0').length - 1
  }

  /** Removes the temporary repository. */
  async dispose(): Promise<void> {
    await this.#folder.dispose()
  }
}
