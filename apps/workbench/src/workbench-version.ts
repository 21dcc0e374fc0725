// SPDX-License-Identifier: GPL-2.0-only
import { execFile } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findExecutable } from '@pfo-workbench/process'
import { version } from './manifest.ts'

/** Root of the checkout that contains this file, if it is in a checkout. */
const root = fileURLToPath(new URL('../../..', import.meta.url))

async function git(...args: string[]): Promise<string> {
  const file = findExecutable('git')
  if (file === null) return ''
  try {
    const { stdout } = await promisify(execFile)(file, ['-C', root, ...args])
    return stdout.trim()
  } catch {
    return ''
  }
}

/**
 * Version of the workbench, and commit of its checkout. The suffix `-dirty` marks uncommitted changes. There is no
 * commit without git, or if the workbench is not in a checkout of its own.
 */
export async function workbenchVersion(): Promise<{ readonly version: string; readonly commit?: string }> {
  const top = await git('rev-parse', '--show-toplevel')
  // If the workbench is installed inside another project's checkout, the commit of that checkout means nothing.
  if (top === '' || realpathSync(top) !== realpathSync(root)) return { version }
  const commit = await git('describe', '--always', '--dirty', '--abbrev=12', '--exclude', '*')
  return commit === '' ? { version } : { version, commit }
}
