// SPDX-License-Identifier: GPL-2.0-only
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { VariantError } from './error.ts'
import { launch } from './launch.ts'
import { loadPayload } from './payload.ts'
import type { Answer, Header } from './payload/protocol.ts'
import { printable } from './text.ts'

/** What a wait for the child ended in. */
export type Heard =
  Answer | { readonly status: 'silence' } | { readonly status: 'dead'; readonly reason: string }

/** How long a child may take to start, in ms: far more than it ever needs, because a machine can be busy. */
const startMilliseconds = 60_000

/** How much of what a child says in distress is kept. */
const distressCharacters = 16_384

/** JSON may write one character as six. */
const jsonExpansion = 6

/** Children that live: none outlives this process. */
const running = new Set<ChildProcessWithoutNullStreams>()

function killRunning(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** A running child, seen as a sequence of answers. */
export class SandboxProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lineLimit: number
  readonly #answers: Heard[] = []
  #line = ''
  #distress = ''
  #wake: (() => void) | null = null

  private constructor(child: ChildProcessWithoutNullStreams, lineLimit: number) {
    this.#child = child
    this.#lineLimit = lineLimit
    if (running.size === 0) process.on('exit', killRunning)
    running.add(child)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#receive(text)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#distress = (this.#distress + text).slice(-distressCharacters)
    })
    // A child that died does not read; its death is reported by itself.
    child.stdin.on('error', () => undefined)
    child.once('error', (fault) => {
      this.#hear({ status: 'dead', reason: fault.message })
    })
    child.once('close', (code, signal) => {
      running.delete(child)
      if (running.size === 0) process.off('exit', killRunning)
      this.#hear({ status: 'dead', reason: this.#causeOfDeath(code, signal) })
    })
  }

  /**
   * Starts a child with its jobs.
   *
   * @param signal - kills the child
   * @throws VariantError `sandbox` when it does not get ready
   */
  static async start(
    header: Omit<Header, 'lockdown'>,
    jobs: readonly string[],
    memoryMegabytes: number,
  ): Promise<SandboxProcess> {
    const { child, lockdown } = await loadPayload()
    const started = new SandboxProcess(
      await launch(child, memoryMegabytes),
      (header.resultCharacters + distressCharacters) * jsonExpansion,
    )
    for (const line of [{ ...header, lockdown }, ...jobs])
      started.#child.stdin.write(`${JSON.stringify(line)}\n`)
    started.#child.stdin.end()
    const heard = await started.next(startMilliseconds)
    if (heard.status === 'ready') return started
    started.kill()
    const why = heard.status === 'dead' ? heard.reason : 'it does not answer'
    throw new VariantError(
      'sandbox',
      `the process for patched code does not start: ${why}. ${printable(started.#distress)}`.trim(),
    )
  }

  /** The next answer, or what came instead of it. */
  async next(milliseconds: number): Promise<Heard> {
    if (this.#answers.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        this.#wake = (): void => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#wake = null
    }
    return this.#answers.shift() ?? { status: 'silence' }
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #hear(heard: Heard): void {
    this.#answers.push(heard)
    this.#wake?.()
  }

  #receive(text: string): void {
    const parts = (this.#line + text).split('\n')
    this.#line = parts.pop() ?? ''
    for (const part of parts) this.#hear(JSON.parse(part) as Answer)
    if (this.#line.length > this.#lineLimit) {
      this.#line = ''
      this.kill()
    }
  }

  #causeOfDeath(code: number | null, signal: NodeJS.Signals | null): string {
    if (/out of memory|\bOOM\b|Allocation failed/i.test(this.#distress)) return 'out of memory'
    return signal === null
      ? `the process ended with code ${String(code)}`
      : `the process was ended by ${signal}`
  }
}
