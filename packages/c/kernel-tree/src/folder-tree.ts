// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, realpathSync } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { messageOf } from '@pfo-workbench/errors'
import { KernelTreeError } from './error.ts'
import { missingPath } from '@pfo-workbench/process'
import { isTreePath, type KernelTree, type Mount, type Texts } from './tree.ts'
import { acceptVersion, type KernelVersion } from './version.ts'

/** Size limit of files to read, in bytes. The largest source file of Linux has 9 MB. */
const largestFile = 64 << 20

/** A folder without git, read in place. */
class FolderTree implements KernelTree {
  readonly title: string
  readonly version: KernelVersion
  readonly commit = null
  readonly id: string
  readonly notes: readonly string[] = []
  readonly texts: Texts = new Map<string, string | null>()
  readonly #root: string
  readonly #mounts: readonly Mount[]

  constructor(root: string, version: KernelVersion, { id, leaving }: Survey) {
    this.#root = root
    this.version = version
    this.title = `${version.text} (${basename(root)})`
    this.id = id
    this.#mounts = [...leaving.map((path) => ({ path, from: missingPath })), { path: '', from: root }]
  }

  async read(path: string): Promise<Buffer | null> {
    return isTreePath(path) ? readInside(this.#root, path) : null
  }

  async list(folder: string): Promise<readonly string[]> {
    if (folder !== '' && !isTreePath(folder)) return []
    try {
      const place = await realpath(join(this.#root, folder))
      if (!isInside(this.#root, place)) return []
      const entries = await readdir(place, { withFileTypes: true })
      return entries
        .filter(({ name }) => name !== '.git')
        .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
        .sort()
    } catch {
      return []
    }
  }

  async mounts(): Promise<readonly Mount[]> {
    return Promise.resolve(this.#mounts)
  }

  async dispose(): Promise<void> {
    return Promise.resolve()
  }
}

const isInside = (root: string, place: string): boolean => place === root || place.startsWith(root + sep)

/** Reads a regular file. Returns null if a symbolic link on its path leads out of the folder. */
async function readInside(root: string, path: string): Promise<Buffer | null> {
  try {
    const place = await realpath(join(root, path))
    if (!isInside(root, place)) return null
    const status = await stat(place)
    if (!status.isFile() || status.size > largestFile) return null
    return await readFile(place)
  } catch {
    return null
  }
}

/** Result of a walk through a folder. */
interface Survey {
  readonly id: string
  /** Symbolic links that point out of the folder, or are dangling. */
  readonly leaving: readonly string[]
}

function survey(root: string): Survey {
  const hash = createHash('sha256').update(root)
  const leaving: string[] = []
  const walk = (folder: string): void => {
    const entries = readdirSync(join(root, folder), { withFileTypes: true })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.name === '.git') continue
      if (entry.isDirectory()) walk(path)
      else {
        if (entry.isSymbolicLink() && !staysInside(root, path)) leaving.push(path)
        const { size, mtimeMs } = lstatSync(join(root, path))
        hash.update(`\0${path}\0${String(size)} ${String(mtimeMs)}`)
      }
    }
  }
  walk('')
  return { id: hash.digest('hex'), leaving }
}

function staysInside(root: string, path: string): boolean {
  try {
    return isInside(root, realpathSync(join(root, path)))
  } catch {
    return false
  }
}

/** The nearest folder, from this one upwards, whose Makefile has a kernel version. */
async function kernelRoot(folder: string): Promise<{ root: string; makefile: string } | null> {
  for (let at = folder; ; at = dirname(at)) {
    const makefile = (await readInside(at, 'Makefile'))?.toString('utf8') ?? ''
    if (/^VERSION\s*=/m.test(makefile) && /^PATCHLEVEL\s*=/m.test(makefile)) return { root: at, makefile }
    if (at === dirname(at)) return null
  }
}

/**
 * Opens a folder that is not in a git repository. Files are read in place.
 *
 * @param folder - the tree, or a folder in it
 * @throws KernelTreeError `not-a-kernel`, `too-old` or `unreadable`
 */
export async function openFolder(folder: string): Promise<KernelTree> {
  const found = await kernelRoot(realpathSync(folder))
  const version = acceptVersion(found?.makefile ?? null, folder)
  const root = found?.root ?? folder
  try {
    return new FolderTree(root, version, survey(root))
  } catch (fault) {
    const why = messageOf(fault)
    throw new KernelTreeError('unreadable', `the kernel tree ${folder} cannot be read: ${why}`, {
      cause: fault,
    })
  }
}
