// SPDX-License-Identifier: GPL-2.0-only
import type { Scenario } from './scenario.ts'

/**
 * Patches in the order in which they apply.
 *
 * @typeParam Series - a patch file as an engine reads it
 */
export interface Stack<Series> {
  /** Ids of the patches joined by `+`. */
  readonly id: string
  readonly title: string
  readonly patches: readonly { readonly id: string; readonly series: Series }[]
}

/**
 * How far a build goes: the patches are applied, which gives the variant its hash; then a program is made; or the result is
 * checked as well, which takes the longest. What was not checked may run, but nobody has said that it compiles.
 */
export type BuildDepth = 'applied' | 'bundled' | 'checked'

/** What to build besides the stack. */
export interface BuildOptions {
  readonly depth: BuildDepth
  /**
   * Absolute path of the module that plays jobs: it exports `play(job: string, boot: Boot): string`, where `Boot` is that of
   * `play`. The engine makes a program of it, with its own machine to boot, that offers `play(job: string): string`.
   */
  readonly player: string
  /** Ends the build; `build` then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A statement that a stack of patches added, changed or removed, at the place where it is known to run: for a removed one that
 * of the statement beside the gap. What an engine calls a statement is its own choice; of machine code it is a basic block.
 */
export interface ChangedStatement {
  /** Path of the patched file. */
  readonly file: string
  /** Line of the patched file. */
  readonly line: number
  /** Its text on one line, without the statements inside it. */
  readonly statement: string
  /** Whether it is there no more. */
  readonly removed?: true
  /** Why it cannot run in this kernel, if it cannot: it is compiled out, not built, or nothing calls it. */
  readonly never?: string
}

/** What a stack of patches came to. */
export interface Variant {
  /**
   * `conflict`: a patch does not apply. `invalid`: the result does not compile or does what a patch may not do. `timeout` and
   * `crashed`: to compile it takes more time or memory than it may, on this machine at this time.
   */
  readonly status: 'ok' | 'conflict' | 'invalid' | 'timeout' | 'crashed'
  /** Why the status is not `ok`; may have several lines, never control characters. */
  readonly reason?: string
  /** Identity: of the sources, or, where there are none, of the baseline and the patches that do not apply to it. */
  readonly hash: string
  /** What the patches changed that runs: the hits of a run of the program are indices into this list. Empty for types and comments. */
  readonly statements: readonly ChangedStatement[]
  /**
   * Names of the kernel functions with changed statements, as call chains show them; null among them stands for changed code
   * that no call chain shows. Empty if nothing changed that runs.
   */
  readonly changedFunctions: readonly (string | null)[]
  /** The program for the sandbox, if one was asked for and the status is `ok`. */
  readonly bundle?: string
}

/**
 * Turns stacks of patches into programs that play scenarios.
 *
 * @typeParam Series - a patch file as the engine reads it: `run` knows nothing of patches
 */
export interface Engine<Series> extends AsyncDisposable {
  /** Short name of the kind of engine (`models`). */
  readonly id: string
  /** What reports call the kernel: its version, and where it is from if that is not clear. */
  readonly kernel: string
  /** What compiles the kernel, with its version, where that is the user's choice. */
  readonly compiler?: string
  /** What the kernel is configured with, where that is the user's choice. */
  readonly configuration?: string
  /**
   * What its programs need besides the language: those of kind `wasm` load WebAssembly, and patched code is nothing but that.
   * Default: `closed`, JavaScript and nothing else.
   */
  readonly realm?: 'closed' | 'wasm'
  /** Title of the kernel without patches. */
  readonly unpatched: string
  /**
   * Hash of all that a result depends on and that comes with the engine: unpatched sources, configuration, compilers, the
   * engine's own code. Part of every key of the cache.
   */
  readonly origin: string
  /** Which paths a patch may touch, in words. */
  readonly paths: string

  /**
   * Reads a patch file.
   *
   * @param input - its text, or its bytes
   * @param source - what to call it in messages, usually its path
   * @throws Error of the reader, in one clear message, also for a patch that touches other paths than it may
   */
  readPatch(input: string | Uint8Array, source: string): Series

  /**
   * Builds a stack. Builds asked for at the same time are done in turn.
   *
   * @throws Error when nothing can be built at all; what is wrong with a patch is the variant's status
   * @throws the signal's reason when that is raised
   */
  build(stack: Stack<Series>, options: BuildOptions): Promise<Variant>

  /** Ends processes that only wait for the next build, which starts them again. */
  rest?(): Promise<void>

  /** Why a scenario cannot be played on this kernel; null if it can. */
  refuses(scenario: Scenario): string | null
}
