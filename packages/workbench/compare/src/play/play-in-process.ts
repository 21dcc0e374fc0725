// SPDX-License-Identifier: GPL-2.0-only
import { oracles as shippedOracles, type Oracle } from '@pfo-workbench/oracle'
import { parseRunRecord, type Scenario } from '@pfo-workbench/run'
import {
  defaultLimits,
  runInSandbox,
  type JobResult,
  type RealmKind,
  type SandboxLimits,
} from '@pfo-workbench/variant'
import type { ResultCache } from './cache.ts'
import { examineRun } from './examined.ts'
import type { ExaminedRun, RunResult } from './examined-schema.ts'
import { parseExaminedRun } from './examined-run.ts'
import type { Job } from './program.ts'
import { readResult } from './read-result.ts'

/** Called with each run as soon as it is known, or with null if it failed. Returns true to stop playing. */
export type IsEnough = (scenario: string, run: RunResult | null) => boolean

/** The changed statements that ran, as indices into those of the variant; null if unknown. */
type Hits = JobResult['hits']

/** A scenario to play. */
export interface KeyedJob {
  readonly scenario: string
  /** The job as the program reads it. */
  readonly text: string
  /** Hash of all inputs of the result. */
  readonly key: string
}

/** A cached run. */
export interface KeptRun {
  /** The changed statements that ran, as indices into those of the variant. */
  readonly hits: readonly number[]
  readonly run: ExaminedRun
}

/** The scenarios that one process plays. */
export interface ProcessJobs {
  readonly jobs: readonly KeyedJob[]
  /** The part of all missing scenarios, from 0 to 1. The process gets this part of the time limit of a variant. */
  readonly share: number
  readonly signal: AbortSignal
  /** Receives the completed runs, by scenario. */
  readonly known: Map<string, KeptRun>
  /** Called after each run. */
  readonly ended: () => void
  readonly isEnough: IsEnough | undefined
}

/** Options that are the same for all processes of a player. */
export interface ProcessOptions {
  readonly realm: RealmKind
  /** Oracles other than the shipped ones are applied outside the sandbox. */
  readonly oracles: readonly Oracle[]
  /** Null if runs are not cached. */
  readonly cache: ResultCache | null
}

/** The end of a process, and the runs that failed in it. */
export interface ProcessEnd {
  readonly status: 'ok' | 'timeout' | 'crashed'
  readonly reason: string | null
  /** The scenarios whose run timed out. */
  readonly timedOut: readonly string[]
  /** By scenario whose run timed out or crashed: the changed statements that ran; null if unknown. */
  readonly died: ReadonlyMap<string, Hits>
}

/**
 * Examined runs have some hundred kilobytes. The limit keeps a patch that produces endless output from filling the
 * reports, which other variants share.
 */
const findingsLimits: SandboxLimits = { ...defaultLimits, answerBytes: 1 << 22 }

/** True for the shipped oracles. The program in the sandbox applies them to a run. Other oracles cannot run there. */
export function areShipped(oracles: readonly Oracle[]): boolean {
  return oracles === shippedOracles
}

/** The text of a job for the program. */
export function jobText(scenario: Scenario, { want, trace }: Pick<Job, 'want' | 'trace'>): string {
  const job: Job = { want, scenario, trace }
  return JSON.stringify(job)
}

/** Plays scenarios one by one in one process, until `isEnough` returns true. Adds completed runs to `known`. */
export async function playInProcess(
  program: string,
  { jobs, share, signal, known, ended, isEnough }: ProcessJobs,
  { realm, oracles, cache }: ProcessOptions,
): Promise<ProcessEnd> {
  const isExamined = areShipped(oracles)
  const texts = jobs.map(({ text }) => text)
  const timedOut: string[] = []
  const died = new Map<string, Hits>()
  let status: ProcessEnd['status'] = 'ok'
  let reason: string | null = null
  // Collect the writes: the next job does not wait for them.
  const puts: Promise<void>[] = []
  let next = 0
  const whole = isExamined ? findingsLimits : defaultLimits
  const limits = { ...whole, totalMilliseconds: whole.totalMilliseconds * share }
  const parse = isExamined
    ? parseExaminedRun
    : (json: string): ExaminedRun => examineRun(parseRunRecord(json), oracles)
  for await (const result of runInSandbox(program, texts, limits, signal, realm)) {
    const job = jobs[next++]
    if (job === undefined) break
    const played = readResult(result, parse)
    if (played.status === 'ok') {
      const kept = { hits: result.hits ?? [], run: played.output }
      known.set(job.scenario, kept)
      if (cache !== null) puts.push(cache.put('run', job.key, kept))
    } else {
      // Not cached: the machine may have caused the failure.
      died.set(job.scenario, result.hits)
      if (played.status === 'timeout') timedOut.push(job.scenario)
      status = status === 'crashed' ? status : played.status
      reason ??= `${job.scenario}: ${played.reason}`
    }
    ended()
    if (isEnough?.(job.scenario, known.get(job.scenario)?.run ?? null) === true) break
  }
  await Promise.all(puts)
  return { status, reason, timedOut, died }
}
