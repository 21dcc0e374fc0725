// SPDX-License-Identifier: GPL-2.0-only
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

/** Root of the repository. */
export const root: string = findRoot(import.meta.dirname)

function findRoot(folder: string): string {
  return existsSync(join(folder, 'nx.json')) ? folder : findRoot(dirname(folder))
}

/** Builds the command if its sources changed. */
export function buildCommand(): void {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '-b', join(root, 'apps/workbench')], { stdio: 'inherit' })
}

/** Exit code and output of a command. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The program, to run with Node. */
export const command: string = join(root, 'apps/workbench/bin/pfo.js')

/** Runs `pfo` like a user, in a folder outside the repository. */
export async function pfo(...args: string[]): Promise<Ended> {
  return pfoWith({}, ...args)
}

/** Like `pfo`, with additional environment variables. */
export async function pfoWith(env: Record<string, string>, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = {
      cwd: scratch,
      maxBuffer: 1 << 26,
      env: { ...process.env, ...environment, FORCE_COLOR: '1', ...env },
    }
    execFile(process.execPath, [command, ...args], options, (fault, stdout, stderr) => {
      resolve({ code: fault === null ? 0 : Number(fault.code), stdout, stderr })
    })
  })
}

/** Working directory of `pfo`. It is removed after the tests. */
export const scratch: string = mkdtempSync(join(tmpdir(), 'pfo-app-'))

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
})

/** A temporary folder for the tests of one file. The result cache is shared by all tests if PFO_TEST_RESULTS is set. */
export const environment = {
  XDG_CACHE_HOME: process.env['PFO_TEST_RESULTS'] ?? join(scratch, 'cache'),
  TMPDIR: join(scratch, 'tmp'),
}
mkdirSync(environment.TMPDIR)

/** Switches to a result cache for the tests of this file. For tests that depend on the content of the cache. */
export function useOwnCache(): void {
  environment.XDG_CACHE_HOME = join(scratch, 'cache')
}

/** Writes a file into the working directory of `pfo`. */
export function write(name: string, text: string): void {
  writeFileSync(join(scratch, name), text)
}

export const shippedPatch = (id: string): string => readFileSync(join(root, 'patches', `${id}.patch`), 'utf8')
