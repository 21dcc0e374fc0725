// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCommand, command, environment, pfoWith, scratch, write } from '../support.ts'
import { findsClang, makeFolder, patchOf } from './support.ts'
import { writeKernel } from './tiny-kernel.ts'

const hasClang = await findsClang('Tests of stopping the compiler')

const setpriv = spawnSync('setpriv', ['--version']).status === 0

beforeAll(buildCommand)

/** All running processes below a process, with their names. */
function below(pid: number): readonly { readonly pid: number; readonly name: string }[] {
  try {
    const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    return text
      .split(' ')
      .filter(Boolean)
      .map(Number)
      .flatMap((child) => [{ pid: child, name: nameOf(child) ?? '' }, ...below(child)])
  } catch {
    return []
  }
}

/** The name of a process; null if it does not run. A zombie does not run. */
function nameOf(pid: number): string | null {
  try {
    const [, name, state] = /\((.*)\) (\w) /s.exec(readFileSync(`/proc/${String(pid)}/stat`, 'latin1')) ?? []
    return state === 'Z' || state === 'X' ? null : (name ?? null)
  } catch {
    return null
  }
}

/** Builds a patch whose file includes a named pipe without a writer: the compiler waits until its time is up. */
async function startWaiting(): Promise<{ pfo: ChildProcess; processes: readonly number[] }> {
  const kernel = writeKernel(makeFolder())
  execFileSync('mkfifo', [join(kernel, 'include/linux/pipe.h')])
  write('waits.patch', patchOf(['drivers/pump.c', '#include <linux/pump.h>', '#include <linux/pipe.h>']))
  const pfo = spawn(process.execPath, [command, 'build', 'waits.patch', '--kernel', kernel], {
    cwd: scratch,
    env: { ...process.env, ...environment },
    stdio: 'ignore',
  })
  const found = (): readonly { readonly pid: number; readonly name: string }[] => below(pfo.pid ?? 0)
  const compiles = (pid: number): boolean => {
    try {
      return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes('drivers/pump.c')
    } catch {
      return false
    }
  }
  await expect
    .poll(() => found().some(({ pid, name }) => name.startsWith('clang') && compiles(pid)), {
      timeout: 60_000,
    })
    .toBe(true)
  return { pfo, processes: found().map(({ pid }) => pid) }
}

describe.runIf(hasClang)('while clang runs (skipped without clang)', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s ends pfo with exit code %i and leaves no process and no file',
    async (signal, code) => {
      const { pfo, processes } = await startWaiting()
      const ended = once(pfo, 'exit')
      pfo.kill(signal)
      expect(await ended).toEqual([code, null])
      await expect
        .poll(() => processes.filter((pid) => nameOf(pid) !== null), { timeout: 10_000 })
        .toEqual([])
      expect(readdirSync(environment.TMPDIR).filter((name) => name.startsWith('pfo-'))).toEqual([])
    },
    120_000,
  )

  it.runIf(setpriv)(
    'SIGKILL of pfo ends the compiler too',
    async () => {
      const { pfo, processes } = await startWaiting()
      const ended = once(pfo, 'exit')
      pfo.kill('SIGKILL')
      await ended
      await expect
        .poll(() => processes.filter((pid) => nameOf(pid) !== null), { timeout: 10_000 })
        .toEqual([])
    },
    120_000,
  )
})

const small = join(scratch, 'small')
mkdirSync(small)
const mounted =
  process.getuid?.() === 0 &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=192k', 'tmpfs', small]).status === 0
afterAll(() => {
  if (mounted) spawnSync('umount', [small])
})

/** Leaves this number of bytes free on the small disk. */
function fill(left: number): void {
  for (const name of readdirSync(small)) rmSync(join(small, name), { recursive: true })
  const file = join(small, 'filling')
  try {
    writeFileSync(file, Buffer.alloc(1 << 20))
  } catch {
    // The disk is expected to be full.
  }
  truncateSync(file, statSync(file).size - left)
}

describe.runIf(hasClang && mounted)(
  'on a full disk (skipped without clang, or if nothing can be mounted)',
  () => {
    it.each([
      ['generated headers', 'XDG_CACHE_HOME', 0],
      ['generated headers', 'XDG_CACHE_HOME', 16_384],
      ["the compiler's temporary folder", 'TMPDIR', 0],
      ["the compiler's temporary folder", 'TMPDIR', 4096],
    ])('%s that cannot be written are one message that names %s', async (what, variable, left) => {
      write('my.patch', patchOf(['drivers/pump.c', 'return limit(speed);', 'return limit(speed + 1);']))
      const kernel = writeKernel(makeFolder())
      fill(left)
      const { code, stdout, stderr } = await pfoWith(
        { [variable]: small },
        'build',
        'my.patch',
        '--kernel',
        kernel,
      )
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(
        new RegExp(`^pfo: ${what} [^\\n]*${small}[^\\n]*ENOSPC[^\\n]*${variable}[^\\n]*\\n$`),
      )
      const files = readdirSync(small, { recursive: true, encoding: 'utf8' })
      expect(files.filter((name) => /pfo-clang|\w{8}-\w{4}-/.test(name))).toEqual([])
    })
  },
)
