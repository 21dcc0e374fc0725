// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { simpleGit } from 'simple-git'
import type { MergeTexts } from './apply/merging.ts'

/** Time without output, in ms, after which git counts as hung. */
const gitSilence = 60_000

/** Drops relative folders: the current one may contain patched files. */
const searchPath = (): string =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .join(delimiter)

/** Environment of git. It hides the user's configuration and repositories. */
const gitEnvironment = (home: string): Record<string, string> => ({
  PATH: searchPath(),
  HOME: home,
  LC_ALL: 'C',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_CEILING_DIRECTORIES: home,
})

/** Computes the id that git gives to a file's text. */
export function blobId(text: string): string {
  const bytes = Buffer.from(text)
  return createHash('sha1')
    .update(`blob ${String(bytes.length)}\0`)
    .update(bytes)
    .digest('hex')
}

/**
 * Merges three texts like `git merge-file`, which needs no repository.
 *
 * @param folder - an existing writable folder; temporary files in it are removed again
 * @param signal - kills git when aborted
 * @returns the merged text; null if there is a conflict
 * @throws Error if git is not installed or fails
 */
export async function mergeByGit(
  { ours, base, theirs }: MergeTexts,
  folder: string,
  signal?: AbortSignal,
): Promise<string | null> {
  const own = await mkdtemp(join(folder, 'merge-'))
  try {
    const files = { ours, base, theirs }
    await Promise.all(Object.entries(files).map(async ([name, text]) => writeFile(join(own, name), text)))
    const outcome = { conflicts: 0 }
    const env = gitEnvironment(own)
    const git = simpleGit({
      baseDir: own,
      timeout: { block: gitSilence },
      ...(signal === undefined ? {} : { abort: signal }),
      unsafe: { allowUnsafeConfigPaths: true },
      allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
      errors: (fault, { exitCode }) => {
        // The exit code is the number of conflicts, at most 127; 255 and 128 are errors.
        outcome.conflicts = exitCode < 128 ? exitCode : 0
        return outcome.conflicts > 0 ? undefined : fault
      },
    }).env(env)
    const merged = await git.raw(['merge-file', '--stdout', 'ours', 'base', 'theirs'])
    return outcome.conflicts > 0 ? null : merged
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}
