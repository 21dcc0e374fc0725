// SPDX-License-Identifier: GPL-2.0-only
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

/** The folder of the repository. */
export const root: string = findRoot(import.meta.dirname)

function findRoot(folder: string): string {
  return existsSync(join(folder, 'nx.json')) ? folder : findRoot(dirname(folder))
}

/** Brings what the command runs from up to date with the sources; does nothing if it is. */
export function buildCommand(): void {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '-b', join(root, 'apps/workbench')], { stdio: 'inherit' })
}

/** What a command ended with. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The program, to be run with Node. */
export const command: string = join(root, 'apps/workbench/bin/pfo.js')

/** Runs `pfo` as a user does, in a folder that is not the repository. */
export async function pfo(...args: string[]): Promise<Ended> {
  return pfoWith({}, ...args)
}

/** The same with other variables in its environment. */
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

/** The folder in which `pfo` runs; it goes away after the tests. */
export const scratch: string = mkdtempSync(join(tmpdir(), 'pfo-app-'))

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true })
})

/** Scratch directories are made in a folder that only the tests of one file use; results are kept for all. */
export const environment = {
  XDG_CACHE_HOME: process.env['PFO_TEST_RESULTS'] ?? join(scratch, 'cache'),
  TMPDIR: join(scratch, 'tmp'),
}
mkdirSync(environment.TMPDIR)

/** For tests to which it matters what is known: from now on results are kept in a folder that only the tests of this file use. */
export function useOwnCache(): void {
  environment.XDG_CACHE_HOME = join(scratch, 'cache')
}

/** Writes a file into the folder in which `pfo` runs. */
export function write(name: string, text: string): void {
  writeFileSync(join(scratch, name), text)
}

export const shippedPatch = (id: string): string => readFileSync(join(root, 'patches', `${id}.patch`), 'utf8')
