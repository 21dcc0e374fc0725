// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findProgram } from '@pfo-workbench/process'
import { version } from './manifest.ts'

/** The folder of the checkout that this is a part of, if it is one. */
const root = fileURLToPath(new URL('../../..', import.meta.url))

function git(...args: string[]): string {
  const file = findProgram('git')
  if (file === null) return ''
  try {
    return execFileSync(file, ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}

/** The version of the workbench, and the commit of its checkout; `-dirty` behind it means that files were changed since. */
export function workbenchVersion(): { readonly version: string; readonly commit?: string } {
  const top = git('rev-parse', '--show-toplevel')
  // Installed somewhere in another project's checkout, that commit says nothing.
  if (top === '' || realpathSync(top) !== realpathSync(root)) return { version }
  const commit = git('describe', '--always', '--dirty', '--abbrev=12', '--exclude', '*')
  return commit === '' ? { version } : { version, commit }
}
