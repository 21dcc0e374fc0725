// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { KernelTreeError } from '../error.ts'
import type { KernelTree, Mount, Texts } from '../tree.ts'
import { acceptVersion, parseVersion, type KernelVersion } from '../version.ts'
import { BorrowedRepository } from './borrowed.ts'
import { Exporter } from './export.ts'
import { parseListing, type Listing } from './listing.ts'
import { ObjectReader } from './object-reader.ts'
import { readFormat, type Repository } from './repository.ts'

/** Number of characters of a commit id in titles and messages. */
const shownId = 12

interface Opened {
  readonly repository: BorrowedRepository
  readonly reader: ObjectReader
  readonly listing: Listing
  readonly exporter: Exporter
}

/** The files of a commit. */
class GitTree implements KernelTree {
  readonly title: string
  readonly version: KernelVersion
  readonly commit: string
  readonly id: string
  readonly notes: readonly string[]
  readonly texts: Texts = new Map<string, string | null>()
  readonly #opened: Opened

  constructor(
    facts: Pick<KernelTree, 'version' | 'id' | 'notes'> & { readonly commit: string },
    opened: Opened,
  ) {
    this.version = facts.version
    this.commit = facts.commit
    this.id = facts.id
    this.notes = facts.notes
    this.title = `${facts.version.text} (${facts.commit.slice(0, shownId)})`
    this.#opened = opened
  }

  async read(path: string): Promise<Buffer | null> {
    const id = this.#opened.listing.files.get(path)
    if (id === undefined) return null
    const bytes = await this.#opened.reader.read(id)
    if (bytes === null)
      throw new KernelTreeError('repository', `the repository has no object ${id} (${path})`)
    return bytes
  }

  async list(folder: string): Promise<readonly string[]> {
    return Promise.resolve(this.#opened.listing.names.get(folder) ?? [])
  }

  async mounts(paths: readonly string[]): Promise<readonly Mount[]> {
    return this.#opened.exporter.provide(paths)
  }

  async dispose(): Promise<void> {
    await this.#opened.reader.dispose()
    await this.#opened.repository.dispose()
  }
}

const sentence = (text: Buffer | null): string | null => text?.toString().trim() ?? null

/**
 * The nearest folder, from `prefix` upwards, whose Makefile in the commit has a kernel version; null if there is none.
 */
async function kernelPrefix(
  repository: BorrowedRepository,
  commit: string,
  prefix: string,
): Promise<string | null> {
  for (let at = prefix; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const path = at === '' ? 'Makefile' : `${at}/Makefile`
    const makefile = await repository.query(['cat-file', 'blob', `${commit}:${path}`])
    if (makefile !== null && parseVersion(makefile.toString('utf8')) !== null) return at
    if (at === '') return null
  }
}

/** The error for a commit that the repository does not have. */
function commitFault(name: string, where: string, shallow: boolean): KernelTreeError {
  return new KernelTreeError(
    'commit',
    shallow
      ? `${where} has no commit ${name}; it is a shallow clone; "git -C ${where} fetch --unshallow" may fetch it`
      : `${where} has no commit ${name}; accepted: branches, tags and ids of commits`,
  )
}

/** Options for opening a tree of a repository. */
export interface GitOptions {
  /** The text after the `@`; null for HEAD. */
  readonly commit: string | null
  /** Folder of the user's cache. */
  readonly cacheFolder: string
}

/**
 * Opens a commit. Writes nothing to the repository and ignores its configuration.
 *
 * @param where - name of the repository in messages
 * @throws KernelTreeError `partial-clone`, `commit`, `not-a-kernel`, `too-old`, `repository` or `unreadable`;
 * TemporaryFolderError
 */
export async function openCommit(user: Repository, where: string, options: GitOptions): Promise<KernelTree> {
  const format = readFormat(user, where)
  const name = options.commit ?? 'HEAD'
  const repository = await BorrowedRepository.create(user, format)
  const reader = new ObjectReader(repository)
  try {
    const commit = sentence(
      await repository.query(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]),
    )
    if (commit === null || commit === '') throw commitFault(name, where, await isShallow(repository))
    const prefix = await kernelPrefix(repository, commit, user.prefix)
    if (prefix === null) acceptVersion(null, `${where}, commit ${commit.slice(0, shownId)},`)
    const top = prefix === null || prefix === '' ? `${commit}^{tree}` : `${commit}:${prefix}`
    const id =
      sentence(await repository.query(['rev-parse', '--verify', '--quiet', '--end-of-options', top])) ?? ''
    const listed = await repository.query(['ls-tree', '-r', '-t', '-z', '--full-tree', id])
    if (listed === null)
      throw new KernelTreeError(
        'repository',
        `git cannot list commit ${commit} of ${where}: objects are missing`,
      )
    const listing = parseListing(listed)
    const makefile = await reader.read(listing.files.get('Makefile') ?? '')
    const version = acceptVersion(makefile?.toString('utf8') ?? null, where)
    const notes = options.commit === null ? await notesOn(repository, prefix ?? '', commit) : []
    const exporter = new Exporter(join(options.cacheFolder, 'trees'), listing, reader)
    return new GitTree({ version, commit, id, notes }, { repository, reader, listing, exporter })
  } catch (fault) {
    await reader.dispose()
    await repository.dispose()
    throw fault
  }
}

async function isShallow(repository: BorrowedRepository): Promise<boolean> {
  return sentence(await repository.query(['rev-parse', '--is-shallow-repository'])) === 'true'
}

async function notesOn(repository: BorrowedRepository, below: string, commit: string): Promise<string[]> {
  const changed = (await repository.countChangedFiles(below)) ?? 0
  if (changed === 0) return []
  const files = changed === 1 ? '1 changed file' : `${String(changed)} changed files`
  return [
    `${files} of the work tree ${changed === 1 ? 'is' : 'are'} not used: HEAD (${commit.slice(0, shownId)}) is`,
  ]
}
