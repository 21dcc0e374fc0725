// SPDX-License-Identifier: GPL-2.0-only

/** What the child reads: lines of JSON, each sent when the one before was answered. The first holds the header. */
export interface Request {
  /** A secret of the parent that the answer has to repeat: nothing can be answered before it was asked. */
  readonly id: string
  /** The header as JSON, then one job after the other. */
  readonly text: string
}

/** What all jobs have in common. */
export interface Header {
  /** Script that prepares a realm for patched code. */
  readonly lockdown: string
  /** Script that hands the bundle to a realm's `loadProgram`. */
  readonly program: string
  readonly kind: RealmKind
  /** Time for one job in ms. */
  readonly jobMilliseconds: number
  /**
   * A job that was stopped although it hardly got a processor is played again with twice the time, up to so many times the
   * limit: on a busy machine a verdict must not depend on who else is at work.
   */
  readonly patience: number
  /** Longest answer in bytes, as a line. */
  readonly answerBytes: number
}

/** What the child writes: a line of JSON for each that it reads. The header is answered by `ready`. */
export interface Answer {
  readonly id: string
  readonly status: 'ready' | 'ok' | 'crashed' | 'timeout'
  /** The probes that were hit, in ascending order; null if nobody knows. */
  readonly hits: readonly number[] | null
  /** The result of a job that is `ok`, what was thrown by one that crashed. */
  readonly text: string
}

/**
 * What a realm has for its program. `closed`: the language and no more, for programs that are patched JavaScript. `wasm`: its
 * trusted loader is handed `WebAssembly` as well, for programs whose patched part is that. It has several jobs, one after the
 * other, and each has to begin as if it were the first.
 */
export type RealmKind = 'closed' | 'wasm'

/** What the entry module of a bundle exports. */
export interface Program {
  play(job: string): unknown
  /** The functions of the program that ran where `fault` was thrown, innermost first. */
  functionsAt?(fault: unknown): readonly string[]
}

/** Loads a bundle: evaluates its modules, and gives what the entry module exports. */
export type Load = (hits: Uint8Array, wasm: unknown) => Program

/**
 * What a realm offers besides the language. All but `readHits` go away when they are used, before any patched code runs; the
 * realm of a program that runs as WebAssembly keeps `runJob`, which patched code has no way to.
 */
export interface Realm {
  kind: RealmKind
  /** Without it, `readHits` tells nothing: patched code never has it. */
  key: string
  loadProgram(load: Load): void
  runJob(job: string): string
  readHits(key: string): string
}
