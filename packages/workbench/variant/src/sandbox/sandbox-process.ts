// SPDX-License-Identifier: GPL-2.0-only
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { ErrorOutput, processorTime, killAtExit } from '@pfo-workbench/process'
import { printableLines } from '@pfo-workbench/wording'
import { AnswerReader, type Answer } from './answers.ts'
import { VariantError } from '../error.ts'
import { launch, type LaunchLimits } from './launch.ts'
import { loadPayload } from './payload.ts'
import type { Header, Request } from './payload/protocol.ts'

/** The result of waiting for the child. */
export type WaitResult =
  Answer | { readonly status: 'silence' } | { readonly status: 'dead'; readonly reason: string }

/** Time for a child to start, in ms. Far more than needed, because the machine may be busy. */
const startMilliseconds = 60_000

/** Limits of a wait for an answer, in ms. */
export interface WaitLimits {
  readonly byClock: number
  /**
   * Processor time of the child. The wait ends if the child uses more, where this can be measured. Default: no limit.
   */
  readonly onProcessor?: number
}

/** Interval between readings of the child's processor time, in ms. */
const lookMilliseconds = 500

/** Reason in the result of a job that needed more memory than allowed. */
export const outOfMemoryReason = 'out of memory'

/** Signals by which a process dies when the machine gives it no more memory. */
const signalsOfMemory: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGILL',
  'SIGSEGV',
  'SIGTRAP',
])

/** Limit for a child's error output. V8's messages are far shorter. */
const distressBytes = 1 << 20

/** A running child that answers one request at a time. */
export class SandboxProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #reader: AnswerReader
  /** The answer that `ask` has not returned yet, or the report of the child's death, which stays; otherwise null. */
  #heard: WaitResult | null = null
  readonly #errorOutput = new ErrorOutput()
  #distressBytes = 0
  /** The rule that the child broke, if this process killed it for that. */
  #sentence: string | null = null
  #wake: (() => void) | null = null
  readonly #closed: Promise<void>

  private constructor(child: ChildProcessWithoutNullStreams, answerBytes: number) {
    this.#child = child
    this.#reader = new AnswerReader(answerBytes)
    killAtExit(child)
    // A child that could not be started never emits `close`.
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
      else this.#errorOutput.add(bytes)
    })
    // A dead child does not read. The handlers of `error` and `close` report its death.
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
   * @param program - the program, as the line that the child reads
   * @param signal - aborts the start
   * @throws VariantError `sandbox` if the child does not become ready
   * @throws the signal's reason if it is aborted
   */
  static async start(
    header: Omit<Header, 'lockdown'>,
    program: Uint8Array,
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
    const answer = started.ask(JSON.stringify({ ...header, lockdown } satisfies Header), {
      byClock: startMilliseconds,
    })
    started.#child.stdin.write(program)
    const heard = await answer
    signal?.removeEventListener('abort', abort)
    if (heard.status === 'ready' && signal?.aborted !== true) return started
    await started.end()
    signal?.throwIfAborted()
    const why = heard.status === 'dead' ? heard.reason : 'it does not answer'
    throw new VariantError(
      'sandbox',
      `the process for patched code does not start: ${why}. ${printableLines(started.#errorOutput.text)}`.trim(),
    )
  }

  /**
   * Sends a line and waits for its answer. Requests are not queued: a child whose parent has died has at most one job
   * left, and no child can answer a request that it has not received.
   *
   * @returns the answer, or what happened instead
   */
  async ask(text: string, patience: WaitLimits): Promise<WaitResult> {
    const request: Request = { id: randomUUID(), text }
    this.#reader.expect(request.id)
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    if (this.#heard === null) await this.#waitWith(patience)
    const heard = this.#heard ?? { status: 'silence' }
    // Keep the report of a child's death: it is the answer to all later requests too.
    if (heard.status !== 'dead') this.#heard = null
    return heard
  }

  async #waitWith({ byClock, onProcessor = Infinity }: WaitLimits): Promise<void> {
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

  /** Kills the child, and waits until it is gone. */
  async end(): Promise<void> {
    this.kill()
    await this.#closed
  }

  /** Kills a child that broke a rule. Its earlier answers no longer count. */
  #condemn(reason: string): void {
    this.#sentence ??= reason
    this.kill()
  }

  #hear(heard: WaitResult): void {
    if (this.#heard?.status !== 'dead') this.#heard = heard
    this.#wake?.()
  }

  #causeOfDeath(code: number | null, signal: NodeJS.Signals | null): string {
    // Near the memory limit, the part of the process that fails first differs from run to run, and it may print no
    // message.
    if (this.#errorOutput.reportsLackOfMemory || (signal !== null && signalsOfMemory.has(signal)))
      return outOfMemoryReason
    return signal === null
      ? `the process ended with code ${String(code)}`
      : `the process was ended by ${signal}`
  }
}
