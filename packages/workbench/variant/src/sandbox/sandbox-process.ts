// SPDX-License-Identifier: GPL-2.0-only
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { printableLines } from '@pfo-workbench/run'
import { AnswerReader } from './answers.ts'
import { track } from '../processes/children.ts'
import { VariantError } from '../error.ts'
import { LastWords } from '../processes/last-words.ts'
import { launch, type LaunchLimits } from './launch.ts'
import { loadPayload } from './payload.ts'
import { processorTime } from './processor-time.ts'
import type { Answer, Header, Request } from './payload/protocol.ts'

/** What a wait for the child ended in. */
export type Heard =
  Answer | { readonly status: 'silence' } | { readonly status: 'dead'; readonly reason: string }

/** How long a child may take to start, in ms: far more than it ever needs, because a machine can be busy. */
const startMilliseconds = 60_000

/** How long one may wait for an answer, in ms. */
export interface Patience {
  readonly byClock: number
  /** Of the child's own time on a processor; more than that ends the wait where it can be measured. */
  readonly onProcessor?: number
}

/** How often the child's time on a processor is looked at, in ms. */
const lookMilliseconds = 500

/** What a job came to that needed more memory than it may have. */
export const outOfMemory = 'out of memory'

/** How a process ends by itself to which the machine gives no more memory. */
const signalsOfMemory: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGSEGV',
  'SIGTRAP',
])

/** How much a child may say in distress: V8's last words are far shorter. */
const distressBytes = 1 << 20

/** A running child that is asked one thing after the other. */
export class SandboxProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #reader: AnswerReader
  /** What was heard since the last question. */
  #heard: Heard | null = null
  readonly #lastWords = new LastWords()
  #distressBytes = 0
  /** Why this process ended the child, if that was for something that the child did. */
  #sentence: string | null = null
  #wake: (() => void) | null = null
  readonly #closed: Promise<void>

  private constructor(child: ChildProcessWithoutNullStreams, answerBytes: number) {
    this.#child = child
    this.#reader = new AnswerReader(answerBytes)
    track(child)
    // One that cannot be started is never closed.
    this.#closed = new Promise((resolve) => {
      child.once('close', () => {
        resolve()
      })
      child.once('error', () => {
        resolve()
      })
    })
    child.stdout.on('data', (bytes: Buffer) => {
      const reading = this.#reader.read(bytes)
      if (reading?.status === 'fault') this.#condemn(reading.reason)
      else if (reading !== null) this.#hear(reading)
    })
    child.stderr.on('data', (bytes: Buffer) => {
      this.#distressBytes += bytes.length
      if (this.#distressBytes > distressBytes)
        this.#condemn(`it wrote more than ${String(distressBytes)} bytes of error messages`)
      else this.#lastWords.hear(bytes)
    })
    // A child that died does not read; its death is reported by itself.
    child.stdin.on('error', () => undefined)
    child.once('error', (fault) => {
      this.#hear({ status: 'dead', reason: fault.message })
    })
    child.once('close', (code, signal) => {
      this.#hear({ status: 'dead', reason: this.#sentence ?? this.#causeOfDeath(code, signal) })
    })
  }

  /**
   * Starts a child.
   *
   * @param signal - ends the start
   * @throws VariantError `sandbox` when it does not get ready
   * @throws the signal's reason when that is raised
   */
  static async start(
    header: Omit<Header, 'lockdown'>,
    limits: LaunchLimits,
    signal?: AbortSignal,
  ): Promise<SandboxProcess> {
    const { child, lockdown } = await loadPayload()
    signal?.throwIfAborted()
    const started = new SandboxProcess(await launch(child, limits), header.answerBytes)
    const abort = (): void => {
      started.kill()
    }
    signal?.addEventListener('abort', abort)
    if (signal?.aborted === true) abort()
    const heard = await started.ask(JSON.stringify({ ...header, lockdown } satisfies Header), {
      byClock: startMilliseconds,
    })
    signal?.removeEventListener('abort', abort)
    if (heard.status === 'ready' && signal?.aborted !== true) return started
    await started.end()
    signal?.throwIfAborted()
    const why = heard.status === 'dead' ? heard.reason : 'it does not answer'
    throw new VariantError(
      'sandbox',
      `the process for patched code does not start: ${why}. ${printableLines(started.#lastWords.text)}`.trim(),
    )
  }

  /**
   * Sends a line and waits for its answer. Nothing is sent ahead: a child whose parent is gone has at most one job to do,
   * and none can answer what it was not asked.
   *
   * @returns the answer, or what came instead of it
   */
  async ask(text: string, patience: Patience): Promise<Heard> {
    const request: Request = { id: randomUUID(), text }
    this.#reader.expect(request.id)
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    if (this.#heard === null) await this.#waitWith(patience)
    const heard = this.#heard ?? { status: 'silence' }
    // The dead stay dead.
    if (heard.status !== 'dead') this.#heard = null
    return heard
  }

  async #waitWith({ byClock, onProcessor = Infinity }: Patience): Promise<void> {
    const { pid = 0 } = this.#child
    const before = processorTime(pid) ?? 0
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(clock)
        clearInterval(look)
        resolve()
      }
      const clock = setTimeout(wake, byClock)
      const look = setInterval(() => {
        if ((processorTime(pid) ?? 0) - before > onProcessor) wake()
      }, lookMilliseconds)
      this.#wake = wake
    })
    this.#wake = null
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Ends the child, and waits until it is gone. */
  async end(): Promise<void> {
    this.kill()
    await this.#closed
  }

  /** Ends a child that broke a rule. What it said before counts no more. */
  #condemn(reason: string): void {
    this.#sentence ??= reason
    this.kill()
  }

  #hear(heard: Heard): void {
    if (this.#heard?.status !== 'dead') this.#heard = heard
    this.#wake?.()
  }

  #causeOfDeath(code: number | null, signal: NodeJS.Signals | null): string {
    // Near the limit chance decides which part of the process notices first, and whether it has a word for it.
    if (this.#lastWords.areOfMemory || (signal !== null && signalsOfMemory.has(signal))) return outOfMemory
    return signal === null
      ? `the process ended with code ${String(code)}`
      : `the process was ended by ${signal}`
  }
}
