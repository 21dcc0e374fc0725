// SPDX-License-Identifier: GPL-2.0-only
import { programName } from '../program-options.ts'
import { outOfMemory, SandboxProcess } from './sandbox-process.ts'
import type { Answer, RealmKind } from './payload/protocol.ts'
import { reasonText } from '../text.ts'

/** What one run may use. */
export interface SandboxLimits {
  /** Time for one job on a processor; on a busy machine the clock may show more. */
  readonly jobMilliseconds: number
  /** Time for all jobs together. */
  readonly totalMilliseconds: number
  /** JavaScript heap; the process as a whole is held to somewhat more than twice this where the machine can do that. */
  readonly memoryMegabytes: number
  /** Longest result of one job, in bytes as JSON. */
  readonly answerBytes: number
}

/** Plenty for the shipped scenarios, each of which takes well under a second. */
export const defaultLimits: SandboxLimits = {
  jobMilliseconds: 10_000,
  totalMilliseconds: 300_000,
  memoryMegabytes: 512,
  answerBytes: 1 << 25,
}

/**
 * What became of one job. `hits` are the probes that were hit, until it ended, crashed or was stopped; null if they went down
 * with its process.
 */
export type JobResult =
  | { readonly status: 'ok'; readonly output: string; readonly hits: readonly number[] | null }
  | {
      readonly status: 'crashed' | 'timeout'
      readonly reason: string
      readonly hits: readonly number[] | null
    }

/** How many times its time a job that gets no processor is given at the most. */
const patience = 8

/**
 * Most jobs are stopped by the child itself, and not one that is busy in a single operation of the language, such as the search
 * of an array that has no end. Its process is ended when the job has had this many times its time: the last of the child's
 * attempts can take all of it, and the three before that half of it each, or they would have been the last.
 */
const allowance = 1 + 3 / 2

/** Between the end of a job's time and the end of its process: the child stops most jobs itself and goes on. */
const graceMilliseconds = 2_000

/**
 * A process may use this many processors at once (V8 collects garbage beside the program), and so much time to start.
 * This is for one that nobody watches any more; before that, the clock ends it.
 */
const threads = 2
const cpuGraceSeconds = 60

/**
 * Names that programs take from a realm. Looking one up in a realm's global object is slow; as variables of the program
 * they are as fast as ever.
 */
const globals =
  'AggregateError, Array, ArrayBuffer, BigInt, BigInt64Array, BigUint64Array, Boolean, DataView, Error, EvalError, Float32Array, ' +
  'Float64Array, Function, Int8Array, Int16Array, Int32Array, JSON, Map, Math, Number, Object, Promise, Proxy, RangeError, ' +
  'ReferenceError, Reflect, RegExp, Set, String, Symbol, SyntaxError, TypeError, URIError, Uint8Array, Uint8ClampedArray, ' +
  'Uint16Array, Uint32Array, WeakMap, WeakSet, isFinite, isNaN, parseFloat, parseInt'

/** All of it is strict code: what is not could be asked for `this`, and its functions could be asked for by their callers. */
const programOf = (bundle: string): string =>
  `"use strict"; loadProgram((__pfoHits, __pfoWasm) => { const { ${globals} } = globalThis; ${bundle}\n; return ${programName} })`

/**
 * Runs the jobs of one variant in a process of its own, in which patched code can compute and nothing else. None can tell
 * whether there was one before it: patched JavaScript has a realm for each job, a program of WebAssembly puts its memory back.
 * A job that takes the process down or does not end has that as its
 * result; the jobs after it run in a new process.
 *
 * @param bundle - the variant's program: a script that defines `pfoEngine` with a function `play(job: string): string`
 * @param jobs - what to hand to `play`, one after the other
 * @param signal - stops the run; the generator then throws the signal's reason
 * @param kind - what the program's realm has besides the language
 * @returns one result a job, in their order, each as soon as it is there
 * @throws VariantError `sandbox` when no process can be started: a fault of the machine or ours, not of the patch
 */
export async function* runInSandbox(
  bundle: string,
  jobs: readonly string[],
  limits: SandboxLimits = defaultLimits,
  signal?: AbortSignal,
  kind: RealmKind = 'closed',
): AsyncGenerator<JobResult, void, undefined> {
  const { jobMilliseconds, totalMilliseconds, memoryMegabytes, answerBytes } = limits
  const header = { program: programOf(bundle), kind, jobMilliseconds, patience, answerBytes }
  const cpuSeconds = Math.ceil((threads * totalMilliseconds) / 1000) + cpuGraceSeconds
  const end = performance.now() + totalMilliseconds
  for (let next = 0; next < jobs.length;) {
    signal?.throwIfAborted()
    if (performance.now() >= end) {
      yield { status: 'timeout', reason: tooLong(totalMilliseconds), hits: [] }
      next++
      continue
    }
    const sandbox = await SandboxProcess.start(header, { memoryMegabytes, cpuSeconds }, signal)
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
        // What a job leaves that was stopped may fill the heap of those after it.
        alive = heard.status === 'ok' || heard.status === 'crashed'
        // Its own fault, or that of what jobs before it left? In a process of its own it will show.
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

/** How many of the functions that led to a crash are named. */
const namedFunctions = 6

/** `TypeError: x is null (in of_node_get < of_find_node_by_phandle)`, from a message and the functions in the lines below. */
function crashReason(text: string): string {
  const [message = '', ...functions] = text.split('\n')
  if (message === 'RangeError: Array buffer allocation failed') return outOfMemory
  const chain = functions.slice(0, namedFunctions).join(' < ')
  return reasonText(chain === '' ? message : `${message} (in ${chain})`)
}
