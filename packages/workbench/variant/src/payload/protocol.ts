// SPDX-License-Identifier: GPL-2.0-only

/** First line that the child reads, as JSON; each further line is a job, a JSON string. */
export interface Header {
  /** Script that prepares a realm for patched code. */
  readonly lockdown: string
  /** Script that loads the bundle and runs the realm's `job`. */
  readonly program: string
  /** Time for one job in ms. */
  readonly jobMilliseconds: number
  /**
   * A job that was stopped although it hardly got a processor is played again with twice the time, up to so many times the
   * limit: on a busy machine a verdict must not depend on who else is at work.
   */
  readonly patience: number
  /** Longest result of a job. */
  readonly resultCharacters: number
}

/** Lines that the child writes, as JSON: `ready` first, then one for each job. */
export type Answer =
  | { readonly status: 'ready' }
  | { readonly status: 'ok'; readonly hits: string; readonly text: string }
  | { readonly status: 'crashed'; readonly hits: string; readonly text: string }
  | { readonly status: 'timeout'; readonly hits: string }

/** What a realm for patched code offers besides the language. */
export interface Realm {
  job: string
  __pfoHits: unknown[]
  runJob(load: () => unknown, job: string): string
  readHits(): string
}
