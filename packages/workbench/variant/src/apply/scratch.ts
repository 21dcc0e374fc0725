// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { simpleGit, type SimpleGit } from 'simple-git'
import { pathFault, type Patch, type PathRules } from '@pfo-workbench/patch'
import { parseChanges, type FileEdit } from './changes.ts'
import { VariantError } from '../error.ts'
import { ownedPrefix, reclaim } from '../processes/owner.ts'
import type { SourceFiles } from '../hash.ts'
import { messageOf } from '../text.ts'

const identity = { NAME: 'PFO Workbench', EMAIL: 'workbench@example.invalid', DATE: '1970-01-01T00:00:00Z' }

/**
 * The whole configuration of git. Nothing runs by itself, and a link in a patch, which is refused later, is never made.
 */
const configuration = `
[init]
  templateDir =
  defaultBranch = baseline
[core]
  hooksPath = /dev/null
  symlinks = false
  fsmonitor = false
  autocrlf = false
  fileMode = true
[gc]
  auto = 0
[maintenance]
  auto = false
`

/** What `configuration` is written to. */
const configurationIn = (root: string): string => join(root, 'config')

/** Where git is looked for: not in folders that depend on where one stands, which is among patched files. */
const searchPath = (): string =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .join(delimiter)

/**
 * The whole environment of git: none of the user's, so that neither their configuration, hooks and attributes nor the
 * repository that the workbench is used in have a say, and so that commits are the same everywhere.
 */
function gitEnvironment(home: string): Record<string, string> {
  return {
    PATH: searchPath(),
    HOME: home,
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_GLOBAL: configurationIn(home),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CEILING_DIRECTORIES: dirname(home),
    ...Object.fromEntries(
      Object.entries(identity).flatMap(([key, value]) => [
        [`GIT_AUTHOR_${key}`, value],
        [`GIT_COMMITTER_${key}`, value],
      ]),
    ),
  }
}

/** Directories that a killed process left are known by their names. */
const kind = 'pfo-scratch'

/** The work tree stands below the scratch directory, beside the mails that are applied. */
const treeIn = (root: string): string => join(root, 'tree')

/** Longest silence of git before it is taken to hang, in ms. */
const gitSilence = 60_000

/** How often, and how long after one another, in ms, removal is tried while a git that was told to end is still there. */
const removals = { attempts: 40, pause: 25 }

/**
 * Removes a directory that somebody may still write to, as a process does that exits: without letting go. The retries of
 * `rmSync` will not do: they do not look again at what is in a directory.
 */
function removeStubbornly(folder: string): void {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let attempt = 0; attempt < removals.attempts; attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true })
      return
    } catch {
      Atomics.wait(clock, 0, 0, removals.pause)
    }
  }
}

/** What became of mails: they were applied, or git's words on why not. */
export type ApplyResult = { readonly applied: true } | { readonly applied: false; readonly words: string }

/** What a stack of patches made of the sources. */
export interface Outcome {
  /** Changed files with their new text; null for files that are gone. */
  readonly changed: ReadonlyMap<string, string | null>
  readonly edits: readonly FileEdit[]
}

/** A git repository of our own that holds the unpatched sources and in which patches are applied. */
export class ScratchRepository {
  readonly #root: string
  readonly #rules: PathRules
  readonly #git: SimpleGit
  readonly #onExit: () => void

  private constructor(root: string, rules: PathRules) {
    this.#root = root
    this.#rules = rules
    const env = gitEnvironment(root)
    const abort = new AbortController()
    this.#git = simpleGit({
      abort: abort.signal,
      baseDir: treeIn(root),
      timeout: { block: gitSilence },
      // The configuration is our own: it keeps the user's out.
      unsafe: { allowUnsafeConfigPaths: true },
      allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
      errors: (fault, { stdOut, stdErr, exitCode }) =>
        exitCode === 0
          ? fault
          : new Error(
              Buffer.concat([...stdErr, ...stdOut])
                .toString()
                .trim() || messageOf(fault),
            ),
    }).env(env)
    this.#onExit = (): void => {
      // A git that is still at work puts files into directories that are being removed.
      abort.abort()
      removeStubbornly(root)
    }
    process.once('exit', this.#onExit)
  }

  /**
   * Makes the repository with `files` as its first commit.
   *
   * @param rules - which paths a patch may touch
   * @throws VariantError `scratch` when there is no git or no place for it
   */
  static async create(files: SourceFiles, rules: PathRules): Promise<ScratchRepository> {
    let scratch: ScratchRepository | null = null
    try {
      await reclaim(tmpdir(), kind)
      // At one go: a signal may end the process at any wait, and what is not registered stays behind then.
      const root = mkdtempSync(join(tmpdir(), ownedPrefix(kind)))
      mkdirSync(treeIn(root))
      scratch = new ScratchRepository(root, rules)
      writeFileSync(configurationIn(root), configuration)
      await scratch.#commit(files)
      return scratch
    } catch (fault) {
      await scratch?.dispose()
      throw new VariantError('scratch', `no scratch repository in ${tmpdir()}: ${messageOf(fault)}`, {
        cause: fault,
      })
    }
  }

  async #run(...args: string[]): Promise<string> {
    return this.#git.raw(args)
  }

  async #commit(files: SourceFiles): Promise<void> {
    // At one go: what another thread still makes when a signal ends the process would stay behind.
    for (const [path, text] of files) {
      const file = join(treeIn(this.#root), path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    await this.#run('init', '--quiet')
    await this.#run('add', '--all', '--force')
    await this.#run('commit', '--quiet', '--allow-empty', '--message=The sources without a patch')
    await this.#run('tag', 'pfo-baseline')
  }

  // None of the commands below is told to be quiet: simple-git waits for a while after one that said nothing.

  /** Goes back to the sources without a patch. */
  async reset(): Promise<void> {
    await this.#run('checkout', '--force', '--detach', 'pfo-baseline')
  }

  /** Applies patches one after the other on what is there; when one does not apply everything stays as it was. */
  async apply(patches: readonly Patch[]): Promise<ApplyResult> {
    const mails = patches.map((_patch, index) => join(this.#root, `mail-${String(index)}`))
    await Promise.all(patches.map(async ({ text }, index) => writeFile(mails[index] ?? '', text)))
    try {
      await this.#run('am', '--3way', '--no-gpg-sign', '--patch-format=mbox', '--quoted-cr=strip', ...mails)
      return { applied: true }
    } catch (fault) {
      await this.#giveUp()
      return { applied: false, words: messageOf(fault) }
    }
  }

  /** Drops patches that did not apply, and what they may have left. */
  async #giveUp(): Promise<void> {
    try {
      await this.#run('am', '--abort')
    } catch {
      // With a mail that git am could not even begin to apply there may be a state to drop, or none.
      await this.#run('am', '--quit').catch(() => '')
    }
    await this.#run('reset', '--hard')
    await this.#run('clean', '--force', '-d', '-x')
  }

  /** The text of a file as it is now, or null if there is none. */
  async read(path: string): Promise<string | null> {
    if (pathFault(path, this.#rules) !== null) return null
    const listed = await this.#run('ls-files', '-z', '--', path)
    return listed === '' ? null : readFile(join(treeIn(this.#root), path), 'utf8')
  }

  /**
   * What the applied patches changed.
   *
   * @returns the changes, or a sentence about a change that patches may not make: what git did is judged here, whatever
   * the patch looked like to our parser
   */
  async outcome(): Promise<Outcome | string> {
    const said = await this.#run(
      'diff',
      '--patch-with-raw',
      '-z',
      '--unified=0',
      '--no-renames',
      '--no-abbrev',
      '--no-color',
      '--no-ext-diff',
      '--text',
      'pfo-baseline',
      'HEAD',
    )
    // An empty field stands between what changed and how.
    const end = said.indexOf('\0\0')
    const fields = said.slice(0, Math.max(0, end)).split('\0')
    const changed = new Map<string, string | null>()
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const [, mode = ''] = (fields[i] ?? '').split(' ')
      const path = fields[i + 1] ?? ''
      const fault = pathFault(path, this.#rules)
      if (fault !== null) return `the patch changes '${path}', which ${fault}`
      if (mode !== '100644' && mode !== '000000') return `the patch gives ${path} the mode ${mode}`
      changed.set(path, mode === '000000' ? null : await readFile(join(treeIn(this.#root), path), 'utf8'))
    }
    return { changed, edits: parseChanges(said.slice(end + 2)) }
  }

  /** Removes the repository. */
  async dispose(): Promise<void> {
    process.off('exit', this.#onExit)
    await rm(this.#root, { recursive: true, force: true })
  }
}
