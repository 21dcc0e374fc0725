// SPDX-License-Identifier: GPL-2.0-only
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { killAtExit } from './kill-at-exit.ts'
import { programLayers, type ProcessLimits } from './limits.ts'
import { isExecutable } from './executables.ts'

/** A program to start, and its limits. */
export interface ProcessRequest {
  /** Absolute path of the program. */
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment. The program inherits nothing. */
  readonly env?: Readonly<Record<string, string>>
  /** Content of standard input; empty by default. */
  readonly input?: string | Uint8Array
  readonly limits: ProcessLimits
  /** Kills the program when aborted; `run` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** `run` calls this when it has started the program. `start` does not call it. */
  readonly onStart?: (() => void) | undefined
}

/**
 * The end of a program.
 *
 * - `exited`: on its own, with exit code `code`
 * - `timeout`, `too-much-output`: killed because it exceeded a limit
 * - `killed`: by a signal from elsewhere, such as the kernel's OOM killer
 * - `not-started`: no such program, or not executable
 */
export type ProcessResult =
  | { readonly status: 'exited'; readonly code: number; readonly stdout: Buffer; readonly stderr: string }
  | {
      readonly status: 'timeout' | 'too-much-output' | 'killed' | 'not-started'
      /** One line in plain words. */
      readonly reason: string
      readonly stderr: string
    }

/** Number of characters of standard error that are kept. */
const keptErrors = 1 << 20

function killGroup(child: ChildProcessWithoutNullStreams): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The process group no longer exists.
  }
}

/**
 * Starts a program inside all sandbox layers that this machine has. The program runs in its own process group, which is
 * killed when this process exits.
 *
 * Use `start` for programs that need a dialogue. Only `run` enforces the time and output limits.
 *
 * @throws the reason of the request's signal if the signal is aborted before the program starts
 */
export async function start(request: ProcessRequest): Promise<ChildProcessWithoutNullStreams> {
  const [file = request.file, ...args] = [
    ...(await programLayers.command(request.limits)),
    request.file,
    ...request.args,
  ]
  request.signal?.throwIfAborted()
  const child = spawn(file, args, {
    cwd: request.cwd,
    env: { ...request.env },
    stdio: 'pipe',
    detached: true,
    windowsHide: true,
  })
  killAtExit(child, () => {
    killGroup(child)
  })
  // A program may exit before it has read all of its input.
  child.stdin.on('error', () => undefined)
  return child
}

/** Kills a program that `start` started, and all of its descendants in the process group. */
export function kill(child: ChildProcessWithoutNullStreams): void {
  killGroup(child)
}

/**
 * Runs a program until it exits.
 *
 * @throws the reason of the request's signal if the signal is aborted
 */
export async function run(request: ProcessRequest): Promise<ProcessResult> {
  const { limits, signal } = request
  if (!isExecutable(request.file))
    return { status: 'not-started', reason: `${request.file} is not a program`, stderr: '' }
  const child = await start(request)
  request.onStart?.()
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let stderr = ''
    let stopped: 'timeout' | 'too-much-output' | null = null
    const stop = (why: typeof stopped): void => {
      stopped ??= why
      killGroup(child)
    }
    const timer = setTimeout(() => {
      stop('timeout')
    }, limits.milliseconds)
    const aborted = (): void => {
      stop(null)
    }
    signal?.addEventListener('abort', aborted, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limits.outputBytes) stop('too-much-output')
      else chunks.push(chunk)
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      if (stderr.length < keptErrors) stderr = (stderr + chunk).slice(0, keptErrors)
    })
    const settle = (result: () => ProcessResult): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      if (signal?.aborted === true) reject(signal.reason as Error)
      else resolve(result())
    }
    child.once('error', ({ message }) => {
      settle(() => ({
        status: 'not-started',
        reason: `${request.file} cannot be started: ${message}`,
        stderr,
      }))
    })
    child.once('close', (code, killer) => {
      settle(() => resultOf(code, killer))
    })
    const resultOf = (code: number | null, killer: NodeJS.Signals | null): ProcessResult => {
      if (stopped === 'timeout') {
        const seconds = String(limits.milliseconds / 1000)
        return { status: 'timeout', reason: `it took longer than ${seconds} s`, stderr }
      }
      if (stopped === 'too-much-output') {
        const megabytes = String(Math.round(limits.outputBytes / 2 ** 20))
        return { status: 'too-much-output', reason: `it printed more than ${megabytes} MB`, stderr }
      }
      if (code === null) return { status: 'killed', reason: `it was killed by ${String(killer)}`, stderr }
      return { status: 'exited', code, stdout: Buffer.concat(chunks), stderr }
    }
    child.stdin.end(request.input ?? '')
  })
}
