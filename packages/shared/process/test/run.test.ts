// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  findExecutable,
  isExecutable,
  dieWithParentCommand,
  Pool,
  run,
  programSandboxLayers,
  type ProcessLimits,
} from '../src/index.ts'

const limits: ProcessLimits = { milliseconds: 20_000, outputBytes: 100_000 }
const shell = async (script: string, more: Partial<ProcessLimits> = {}, signal?: AbortSignal) =>
  run({ file: '/bin/sh', args: ['-c', script], cwd: '/', limits: { ...limits, ...more }, signal })

const folders: string[] = []
afterEach(() => {
  vi.unstubAllEnvs()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function folderWith(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'pfo-process-'))
  folders.push(folder)
  writeFileSync(join(folder, name), text)
  chmodSync(join(folder, name), 0o755)
  return folder
}

/** True if a process exists and is not a zombie. */
function lives(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))
  } catch {
    return false
  }
}

describe('a program', () => {
  it('returns its output and exit code', async () => {
    const result = await shell('echo out; echo err >&2; exit 3')
    expect(result).toEqual({ status: 'exited', code: 3, stdout: Buffer.from('out\n'), stderr: 'err\n' })
  })

  it('reads its input and inherits no environment', async () => {
    vi.stubEnv('PFO_SECRET', 'seen')
    const request = { file: '/bin/sh', args: ['-c', 'cat; echo "<$PFO_SECRET>"'], cwd: '/', limits }
    const result = await run({ ...request, input: 'text ' })
    expect(result.status === 'exited' && result.stdout.toString()).toBe('text <>\n')
  })

  it('is killed on timeout, together with its children', async () => {
    const result = await shell('sleep 1000 & echo $! >&2; wait', { milliseconds: 500 })
    expect(result).toMatchObject({ status: 'timeout', reason: 'it took longer than 0.5 s' })
    const pid = Number(result.stderr)
    expect(pid).toBeGreaterThan(1)
    await vi.waitFor(() => {
      expect(lives(pid)).toBe(false)
    })
  })

  it('is killed when it prints without end', async () => {
    expect(await shell('cat /dev/zero')).toMatchObject({
      status: 'too-much-output',
    })
  })

  it('that a signal ended is reported as killed', async () => {
    expect(await shell('kill -SEGV $$')).toMatchObject({
      status: 'killed',
      reason: 'it was killed by SIGSEGV',
    })
  })

  it('that does not exist is reported as not started', async () => {
    const result = await run({ file: '/no/such/program', args: [], cwd: '/', limits })
    expect(result).toMatchObject({ status: 'not-started', reason: '/no/such/program is not a program' })
  })

  it('is killed when the caller aborts, and `run` rejects with the reason', async () => {
    const abort = new AbortController()
    const result = shell('sleep 1000', {}, abort.signal)
    setTimeout(() => {
      abort.abort(new Error('enough'))
    }, 50)
    await expect(result).rejects.toThrow('enough')
  })

  it('has no network and limited memory, if the machine supports both', async () => {
    const active = (await programSandboxLayers()).filter((layer) => layer.active).map(({ tool }) => tool)
    const network = await shell("grep -o '^ *[a-z0-9]*:' /proc/net/dev")
    if (active.includes('unshare'))
      expect(network.status === 'exited' && network.stdout.toString().trim()).toBe('lo:')
    const memory = await shell('ulimit -v', { memoryMegabytes: 300 })
    expect(memory.status === 'exited' && memory.stdout.toString().trim()).toBe(
      active.includes('prlimit') ? String(300 * 1024) : 'unlimited',
    )
  })

  it('is killed when the process that started it is killed, if the machine has setpriv', async () => {
    const active = (await programSandboxLayers()).some(({ tool, active }) => tool === 'setpriv' && active)
    const main = fileURLToPath(new URL('../dist/index.js', import.meta.url))
    const program = `import { run } from ${JSON.stringify(main)}
      await run({ file: '/bin/sh', args: ['-c', 'echo $$ > "$0"; exec sleep 1000', process.argv[1]], cwd: '/',
        limits: { milliseconds: 100000, outputBytes: 100 } })`
    const folder = folderWith('pid', '')
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', program, join(folder, 'pid')])
    const pid = await vi.waitFor(
      () => {
        const read = Number(readFileSync(join(folder, 'pid'), 'utf8'))
        expect(read).toBeGreaterThan(1)
        return read
      },
      { timeout: 20_000 },
    )
    starter.kill('SIGKILL')
    if (active)
      await vi.waitFor(
        () => {
          expect(lives(pid)).toBe(false)
        },
        { timeout: 5_000 },
      )
    else process.kill(pid, 'SIGKILL')
  })
})

/** The processes with this argument. */
const withArgument = (argument: string): number[] =>
  readdirSync('/proc').flatMap((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(argument)
        ? [Number(name)]
        : []
    } catch {
      return []
    }
  })

const hasOwnProcesses = (await dieWithParentCommand()).some((word) => word.endsWith('unshare'))

it.runIf(hasOwnProcesses)(
  'the children of a program that is bound to its parent end with the parent (skipped without PID namespaces)',
  async () => {
    const main = fileURLToPath(new URL('../dist/index.js', import.meta.url))
    const seconds = `1000.${String(process.pid)}`
    // The program itself does not end on its own, nor does its child.
    const program = `import { spawn } from 'node:child_process'
    import { dieWithParentCommand } from ${JSON.stringify(main)}
    const [file, ...args] = [...(await dieWithParentCommand()), '/bin/sh', '-c', 'sleep ${seconds} & wait']
    spawn(file, args)`
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', program])
    try {
      await vi.waitFor(() => expect(withArgument(seconds)).not.toEqual([]), { timeout: 20_000 })
      starter.kill('SIGKILL')
      await vi.waitFor(() => expect(withArgument(seconds)).toEqual([]), { timeout: 5_000 })
    } finally {
      starter.kill('SIGKILL')
      for (const pid of withArgument(seconds)) process.kill(pid, 'SIGKILL')
    }
  },
)

describe('program search', () => {
  it('looks in absolute folders of PATH only, never in the current folder', () => {
    const folder = folderWith('pfo-odd-program', '#!/bin/sh\n')
    vi.stubEnv('PATH', `.:bin:${folder}`)
    expect(findExecutable('pfo-odd-program')).toBe(join(folder, 'pfo-odd-program'))
    vi.stubEnv('PATH', '.')
    expect(findExecutable('pfo-odd-program')).toBeNull()
  })

  it('passes over folders and files that are not executable', () => {
    const name = 'pfo-odd-program'
    const folder = mkdtempSync(join(tmpdir(), 'pfo-process-'))
    folders.push(folder)
    mkdirSync(join(folder, name))
    const data = folderWith(name, '#!/bin/sh\n')
    chmodSync(join(data, name), 0o644)
    vi.stubEnv('PATH', `${folder}:${data}`)
    expect(findExecutable(name)).toBeNull()
    const program = folderWith(name, '#!/bin/sh\n')
    vi.stubEnv('PATH', `${folder}:${data}:${program}`)
    expect(findExecutable(name)).toBe(join(program, name))
  })

  it('finds nothing for a name with a folder, not even in the current folder', () => {
    const bin = relative(process.cwd(), '/bin/sh')
    expect(isExecutable(bin)).toBe(true)
    expect(findExecutable(bin)).toBeNull()
    expect(findExecutable('/bin/sh')).toBeNull()
  })

  it('takes a path without a slash as a file of the current folder', () => {
    expect(isExecutable('sh')).toBe(false)
    expect(isExecutable('/bin/sh')).toBe(true)
  })
})

describe('a pool', () => {
  it('runs at most `width` pieces of work at a time, in order of arrival', async () => {
    const pool = new Pool(2)
    const order: number[] = []
    let running = 0
    let most = 0
    await Promise.all(
      [0, 1, 2, 3, 4].map((number) =>
        pool.run(async () => {
          order.push(number)
          most = Math.max(most, ++running)
          await new Promise((resolve) => setTimeout(resolve, 2))
          running--
        }),
      ),
    )
    expect({ order, most }).toEqual({ order: [0, 1, 2, 3, 4], most: 2 })
  })

  it('continues after failed work, and skips work that was aborted before it started', async () => {
    const pool = new Pool(1)
    await expect(pool.run(async () => Promise.reject(new Error('bad')))).rejects.toThrow('bad')
    await expect(
      pool.run(async () => Promise.resolve(1), AbortSignal.abort(new Error('late'))),
    ).rejects.toThrow('late')
    expect(await pool.run(async () => Promise.resolve(2))).toBe(2)
  })
})
