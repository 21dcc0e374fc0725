// SPDX-License-Identifier: GPL-2.0-only
import { programName } from '../program-options.ts'
import { sandboxLayers } from './launch.ts'
import { loadPayload } from './payload.ts'
import { outOfMemoryReason, SandboxProcess } from './sandbox-process.ts'
import type { Answer } from './answers.ts'
import type { RealmKind } from './payload/protocol.ts'
import { reasonText } from '../reason-text.ts'

/** Resource limits of one run. */
export interface SandboxLimits {
  /** Processor time for one job; on a busy machine the elapsed time may be longer. */
  readonly jobMilliseconds: number
  /** Elapsed time for all jobs together. */
  readonly totalMilliseconds: number
  /**
   * JavaScript heap. The process as a whole is limited to somewhat more than twice this, if the machine supports that.
   */
  readonly memoryMegabytes: number
  /** Maximum size of one job's result, in bytes as JSON. */
  readonly answerBytes: number
}

/** Far more than the shipped scenarios need: each takes well under a second. */
export const defaultLimits: SandboxLimits = {
  jobMilliseconds: 10_000,
  totalMilliseconds: 300_000,
  memoryMegabytes: 512,
  answerBytes: 1 << 25,
}

/**
 * The result of one job. `hits` are the coverage points that the job hit before it ended, crashed or was stopped; null
 * if they were lost with the process.
 */
export type JobResult =
  | { readonly status: 'ok'; readonly output: string; readonly hits: readonly number[] | null }
  | {
      readonly status: 'crashed' | 'timeout'
      readonly reason: string
      readonly hits: readonly number[] | null
    }

/** Maximum multiple of its time that a job gets if it does not get a processor. */
const patience = 8

/**
 * Processor time after which the parent kills the child, as a multiple of the limit of a job. The child itself stops
 * most jobs, but it cannot interrupt a single long operation, such as a search in an endless array. The last attempt at
 * a job can use the full limit. Each of the three attempts before the last uses at most half of the limit: after an
 * attempt that uses more, the child does not try again.
 */
const allowance = 1 + 3 / 2

/** Extra time before the parent kills the process: usually the child stops the job itself and continues. */
const graceMilliseconds = 2_000

/**
 * Limits for a process that has lost its parent; before that, the parent's clock ends it. A process can use two
 * processors at once (V8 collects garbage in parallel), and needs some time to start.
 */
const threads = 2
const cpuGraceSeconds = 60

/** Global names that become variables of the program: looking them up in a realm's global object is slow. */
const globals =
  'AggregateError, Array, ArrayBuffer, BigInt, BigInt64Array, BigUint64Array, Boolean, DataView, Error, EvalError, Float32Array, ' +
  'Float64Array, Function, Int8Array, Int16Array, Int32Array, JSON, Map, Math, Number, Object, Promise, Proxy, RangeError, ' +
  'ReferenceError, Reflect, RegExp, Set, String, Symbol, SyntaxError, TypeError, URIError, Uint8Array, Uint8ClampedArray, ' +
  'Uint16Array, Uint32Array, WeakMap, WeakSet, isFinite, isNaN, parseFloat, parseInt'

/**
 * Strict throughout: a function that is not strict exposes the global object as `this`, and itself to the functions
 * that it calls. The function is an arrow function, because any other would hand its arguments to patched code, under
 * the name `arguments`.
 */
const programOf = (bundle: string): string =>
  `"use strict"; loadProgram((__pfoHits, __pfoWasm) => { const { ${globals} } = globalThis; ${bundle}\n; return ${programName} })`

/**
 * Starts to make what each sandbox process needs, so that `runInSandbox` does not have to wait. Call it when this
 * process has nothing else to do. If the preparation fails, `runInSandbox` reports the failure.
 */
export function prepareSandbox(): void {
  void Promise.allSettled([loadPayload(), sandboxLayers()])
}

/** The last program as a child reads it: several processes may run the same one at the same time. */
let lastLine: { readonly bundle: string; readonly line: Uint8Array } | null = null

function programLine(bundle: string): Uint8Array {
  if (lastLine?.bundle !== bundle)
    lastLine = { bundle, line: Buffer.from(`${JSON.stringify(programOf(bundle))}\n`) }
  return lastLine.line
}

/**
 * Runs the jobs of one variant in its own process, in which patched code can only compute. No job can tell whether
 * others ran before it: patched JavaScript gets a new realm for each job, and a WebAssembly program restores its
 * memory. If a job kills the process or does not end, its result is `crashed` or `timeout`, and the next jobs run in a
 * new process. Jobs for which no time is left get the result `timeout`.
 *
 * @param bundle - the variant's program: a script that defines `pfoEngine` with a function `play(job: string): string`
 * @param jobs - passed to `play` one after the other
 * @param signal - stops the run; the generator then throws the signal's reason
 * @param kind - what the program's realm has besides the language
 * @returns one result per job, in order, each as soon as it is known
 * @throws VariantError `sandbox` if no process can be started: a fault of the machine or of the workbench, not of the
 * patch
 */
export async function* runInSandbox(
  bundle: string,
  jobs: readonly string[],
  limits: SandboxLimits = defaultLimits,
  signal?: AbortSignal,
  kind: RealmKind = 'closed',
): AsyncGenerator<JobResult, void, undefined> {
  const { jobMilliseconds, totalMilliseconds, memoryMegabytes, answerBytes } = limits
  const header = { kind, jobMilliseconds, patience, answerBytes }
  const program = programLine(bundle)
  const cpuSeconds = Math.ceil((threads * totalMilliseconds) / 1000) + cpuGraceSeconds
  const end = performance.now() + totalMilliseconds
  for (let next = 0; next < jobs.length;) {
    signal?.throwIfAborted()
    if (performance.now() >= end) {
      yield { status: 'timeout', reason: tooLong(totalMilliseconds), hits: [] }
      next++
      continue
    }
    const sandbox = await SandboxProcess.start(header, program, { memoryMegabytes, cpuSeconds }, signal)
    const abort = (): void => {
      sandbox.kill()
    }
    signal?.addEventListener('abort', abort)
    try {
      const first = next
      for (let alive = true; alive && next < jobs.length; next++) {
        const left = Math.max(0, end - performance.now())
        const patient = jobMilliseconds * 2 * patience + graceMilliseconds
        const heard = await sandbox.ask(jobs[next] ?? '', {
          byClock: Math.min(left, patient),
          onProcessor: jobMilliseconds * allowance + graceMilliseconds,
        })
        signal?.throwIfAborted()
        // Leftovers of a stopped job may fill the heap of later ones.
        alive = heard.status === 'ok' || heard.status === 'crashed'
        // This job or leftovers of earlier jobs may be the cause. Retry in a new process.
        if (heard.status === 'dead' && next > first) break
        if (heard.status === 'silence') {
          const limit = left < jobMilliseconds ? totalMilliseconds : jobMilliseconds
          yield { status: 'timeout', reason: tooLong(limit), hits: null }
        } else if (heard.status === 'dead') {
          yield { status: 'crashed', reason: reasonText(heard.reason), hits: null }
        } else {
          yield resultOf(heard, jobMilliseconds)
        }
      }
    } finally {
      signal?.removeEventListener('abort', abort)
      await sandbox.end()
    }
  }
}

const tooLong = (milliseconds: number): string =>
  `it ran longer than ${String(milliseconds / 1000)} s and was stopped`

function resultOf({ status, hits, text }: Answer, jobMilliseconds: number): JobResult {
  if (status === 'timeout') return { status, reason: tooLong(jobMilliseconds), hits }
  if (status === 'ok') return { status, output: text, hits }
  return { status: 'crashed', reason: crashReason(text), hits }
}

/** Number of functions to name in a crash reason. */
const namedFunctions = 6

/**
 * Makes `TypeError: x is null (in of_node_get < of_find_node_by_phandle)` from a message and the functions on the next
 * lines.
 */
function crashReason(text: string): string {
  const [message = '', ...functions] = text.split('\n')
  if (message === 'RangeError: Array buffer allocation failed') return outOfMemoryReason
  const chain = functions.slice(0, namedFunctions).join(' < ')
  return reasonText(chain === '' ? message : `${message} (in ${chain})`)
}
