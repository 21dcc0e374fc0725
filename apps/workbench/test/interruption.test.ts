// SPDX-License-Identifier: GPL-2.0-only
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCommand, command, root } from './support.ts'

/** Set PFO_INTERRUPTIONS=50 for a longer test. */
const rounds = Number(process.env['PFO_INTERRUPTIONS'] ?? 3)

const signals = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const

const folder = mkdtempSync(join(tmpdir(), 'pfo-interruption-'))

/** The folders of one series of runs: cache, temporary folders and report. */
interface RunFolders {
  readonly cache: string
  readonly scratch: string
  readonly report: string
}

function place(name: string): RunFolders {
  const scratch = join(folder, name, 'tmp')
  mkdirSync(scratch, { recursive: true })
  return { cache: join(folder, name, 'cache'), scratch, report: join(folder, name, 'report.json') }
}

const scenario = 'lpm-once-hierarchy'

function start(
  { cache, scratch, report }: RunFolders,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  cwd: string = folder,
): ChildProcess {
  const patches = ['wipe', 'cache-fix'].map((id) => join(root, 'patches', `${id}.patch`))
  const options = ['--scenario', scenario, '--format', 'json', '--output', report, ...args]
  return spawn(process.execPath, [command, 'compare', ...patches, ...options], {
    cwd,
    env: { ...process.env, XDG_CACHE_HOME: cache, TMPDIR: scratch, ...env },
    stdio: 'ignore',
  })
}

async function finish(...given: Parameters<typeof start>): Promise<string> {
  const [code] = (await once(start(...given), 'exit')) as [number | null]
  expect(code).toBe(0)
  return readFileSync(given[0].report, 'utf8')
}

/** The processes that a process started, and those that they started, if the system reports them. */
function descendantsOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    const children = text.split(' ').filter(Boolean).map(Number)
    return children.flatMap((child) => [child, ...descendantsOf(child)])
  } catch {
    return []
  }
}

/** True if a process runs; a zombie does not. */
function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${String(pid)}/stat`, 'latin1'))
  } catch {
    return false
  }
}

const undisturbed = place('undisturbed')
let expected = ''
let milliseconds = 0

beforeAll(async () => {
  buildCommand()
  const begin = performance.now()
  expected = await finish(undisturbed)
  milliseconds = performance.now() - begin
}, 300_000)

afterAll(() => {
  rmSync(folder, { recursive: true })
})

it('a killed run leaves no files or processes, and the next run continues its work', async () => {
  const disturbed = place('disturbed')
  for (let round = 0; round < rounds; round++) {
    const pfo = start(disturbed)
    const ended = once(pfo, 'exit')
    await Promise.race([wait(Math.random() * milliseconds), ended])
    const children = pfo.pid === undefined ? [] : descendantsOf(pfo.pid)
    pfo.kill(signals[round % signals.length])
    await ended
    await expect.poll(() => children.filter(runs), { timeout: 10_000 }).toEqual([])
    if (existsSync(disturbed.report)) expect(readFileSync(disturbed.report, 'utf8')).toBe(expected)
  }
  // Finish once with an empty cache and once with the results of the interrupted runs.
  expect(await finish({ ...disturbed, cache: join(folder, 'disturbed', 'another') })).toBe(expected)
  expect(await finish(disturbed)).toBe(expected)
  expect(readdirSync(disturbed.scratch)).toEqual([])
}, 3_600_000)

describe('a report has the same bytes', () => {
  it.each([
    ['with one job and with two', ['--jobs', '1'], {}],
    [
      'in another time zone, language and home',
      [],
      { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'C', HOME: '/' },
    ],
  ])(
    '%s',
    async (name, args, env) => {
      expect(await finish(place(name), args, env)).toBe(expected)
    },
    300_000,
  )

  it('in another folder', async () => {
    expect(await finish(place('elsewhere'), [], {}, '/')).toBe(expected)
  }, 300_000)
})
