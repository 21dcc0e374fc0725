// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { messageOf } from '@pfo-workbench/errors'
import { KernelTreeError } from './error.ts'
import { missingPath } from '@pfo-workbench/process'
import { isInside, survey, type Survey } from './survey.ts'
import { isTreePath, type KernelTree, type Mount, type Texts } from './tree.ts'
import { acceptVersion, type KernelVersion } from './version.ts'

/** Size limit of files to read, in bytes. The largest source file of Linux 6.12 is 24 MB. */
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
    return Promise.resolve(isTreePath(path) ? readInside(this.#root, path) : null)
  }

  async list(folder: string): Promise<readonly string[]> {
    return Promise.resolve(folder === '' || isTreePath(folder) ? listInside(this.#root, folder) : [])
  }

  async mounts(): Promise<readonly Mount[]> {
    return Promise.resolve(this.#mounts)
  }

  async dispose(): Promise<void> {
    return Promise.resolve()
  }
}

/** Lists a folder. Empty if there is none, or if a symbolic link on its path leads out of the tree. */
function listInside(root: string, folder: string): readonly string[] {
  try {
    const place = realpathSync.native(join(root, folder))
    if (!isInside(root, place)) return []
    return readdirSync(place, { withFileTypes: true })
      .filter(({ name }) => name !== '.git')
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort()
  } catch {
    return []
  }
}

/**
 * Reads a regular file. Returns null if the file does not exist, is too large or cannot be read, or if a symbolic link
 * on its path leads out of the folder. Reads synchronously, because thousands of files are read while a user waits, and
 * the asynchronous functions take twice as long.
 */
function readInside(root: string, path: string): Buffer | null {
  try {
    const place = realpathSync.native(join(root, path))
    if (!isInside(root, place)) return null
    const status = statSync(place)
    if (!status.isFile() || status.size > largestFile) return null
    return readFileSync(place)
  } catch {
    return null
  }
}

/** A survey in progress. The process may end before the survey does, unless somebody takes the result. */
interface EarlySurvey {
  readonly take: () => Promise<Survey>
}

/** Surveys a folder in a thread, so that the caller can do other work for half a second. */
function surveyInThread(root: string): EarlySurvey {
  // In tests the modules are TypeScript, which Node does not run in a thread.
  if (extname(import.meta.url) === '.ts') return { take: async () => Promise.resolve(survey(root)) }
  const thread = new Worker(new URL('./survey-thread.js', import.meta.url), { workerData: root })
  const done = new Promise<Survey>((resolve, reject) => {
    thread.once('message', resolve).once('error', reject)
    thread.once('exit', () => {
      reject(new Error('the thread that reads the folder ended without a result'))
    })
  })
  // The caller of `take` gets the error. Without this handler, an error before that call would end the process.
  done.catch(() => undefined)
  thread.unref()
  return {
    take: async () => {
      thread.ref()
      return done
    },
  }
}

/** The nearest folder, from this one upwards, whose Makefile has a kernel version; null if there is none. */
function kernelRoot(folder: string): { root: string; makefile: string } | null {
  for (let at = folder; ; at = dirname(at)) {
    const makefile = readInside(at, 'Makefile')?.toString('utf8') ?? ''
    if (/^VERSION\s*=/m.test(makefile) && /^PATCHLEVEL\s*=/m.test(makefile)) return { root: at, makefile }
    if (at === dirname(at)) return null
  }
}

/** Surveys of folders that are not opened yet, by root. Each is used once, so that later changes are noticed. */
const begun = new Map<string, EarlySurvey>()

/**
 * Begins the survey of a folder that `openFolder` will open. Does nothing if the folder is in no kernel tree.
 *
 * @throws the system's error if the folder does not exist
 */
export function beginSurvey(folder: string): void {
  const root = kernelRoot(realpathSync(folder))?.root
  if (root === undefined || begun.has(root)) return
  begun.set(root, surveyInThread(root))
}

/**
 * Opens a folder that is not in a git repository. Files are read in place.
 *
 * @param folder - the tree, or a folder in it
 * @throws KernelTreeError `not-a-kernel`, `too-old` or `unreadable`
 */
export async function openFolder(folder: string): Promise<KernelTree> {
  const found = kernelRoot(realpathSync(folder))
  const version = acceptVersion(found?.makefile ?? null, folder)
  const root = found?.root ?? folder
  try {
    const early = begun.get(root) ?? surveyInThread(root)
    begun.delete(root)
    return new FolderTree(root, version, await early.take())
  } catch (fault) {
    const why = messageOf(fault)
    throw new KernelTreeError('unreadable', `the kernel tree ${folder} cannot be read: ${why}`, {
      cause: fault,
    })
  }
}
