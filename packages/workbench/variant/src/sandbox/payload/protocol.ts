// SPDX-License-Identifier: GPL-2.0-only

/**
 * A request: a line of JSON that the child reads. The parent sends each request after the answer to the previous one.
 * The first request has the header. After the first request, the parent sends the program as a line of its own, a JSON
 * string: the program has megabytes, which should not be quoted twice.
 */
export interface Request {
  /** A secret of the parent that the answer must repeat, so that no answer can be prepared in advance. */
  readonly id: string
  /** The header as JSON, then one job at a time. */
  readonly text: string
}

/** Settings shared by all jobs. */
export interface Header {
  /** Script that prepares a realm for patched code. */
  readonly lockdown: string
  readonly kind: RealmKind
  /** Time for one job in ms. */
  readonly jobMilliseconds: number
  /**
   * A job that timed out but hardly got a processor is played again with twice the time, up to this multiple of the
   * limit. On a busy machine the result must not depend on other processes.
   */
  readonly patience: number
  /** Maximum length of an answer line, in bytes. */
  readonly answerBytes: number
}

/**
 * Facilities that a realm has for its program. `closed`: only the language, for patched JavaScript. `wasm`: the
 * program's trusted loader also gets `WebAssembly`, for programs whose patched part is WebAssembly. A realm of this
 * kind plays several jobs in turn, and the program must start each job as if it were the first.
 */
export type RealmKind = 'closed' | 'wasm'

/** The exports of a bundle's entry module. */
export interface Program {
  play(job: string): unknown
  /** The functions of the program that were running when `fault` was thrown, innermost first. */
  functionsAt?(fault: unknown): readonly string[]
}

/** Loads a bundle: evaluates its modules, and returns the exports of the entry module. */
export type Load = (hits: Uint8Array, wasm: unknown) => Program

/**
 * Functions that a realm has besides the language. All except `readHits` are removed at their first use, before patched
 * code runs. The realm of a WebAssembly program keeps `runJob`, which patched code cannot reach.
 */
export interface Realm {
  kind: RealmKind
  /** The key for `readHits`. Patched code never has it. */
  key: string
  loadProgram(load: Load): void
  runJob(job: string): string
  readHits(key: string): string
}
