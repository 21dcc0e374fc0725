// SPDX-License-Identifier: GPL-2.0-only
import type { Scenario } from './scenario.ts'

/**
 * A stack of patches, in the order in which they apply.
 *
 * @typeParam Series - a patch file as the engine parses it
 */
export interface Stack<Series> {
  /** Ids of the patches joined by `+`. */
  readonly id: string
  readonly title: string
  readonly patches: readonly { readonly id: string; readonly series: Series }[]
}

/**
 * Depth of a build. `applied`: the patches are applied, which gives the variant its hash. `bundled`: a program is made
 * as well. `checked`: the compiler also checks the result, which takes the longest. A variant that is only `bundled`
 * may run although it does not compile.
 */
export type BuildDepth = 'applied' | 'bundled' | 'checked'

/** Options of a build. */
export interface BuildOptions {
  readonly depth: BuildDepth
  /**
   * Absolute path of the module that plays jobs. It exports `play(job: string, boot: Boot): string`; `Boot` is the type
   * in `play`. The engine bundles the module with a machine of its own into a program that offers
   * `play(job: string): string`.
   */
  readonly playModule: string
  /** Aborts the build; `build` then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A statement that a stack of patches added, changed or removed. The location of a removed statement is that of its
 * neighbor. Each engine defines its own statements; for machine code a statement is a basic block.
 */
export interface ChangedStatement {
  /** Path of the patched file. */
  readonly file: string
  /** Line of the patched file. */
  readonly line: number
  /** Source text on one line, without nested statements. */
  readonly statement: string
  /** Set if the patch removed the statement. */
  readonly removed?: true
  /** Reason why the statement cannot run in this kernel: it is compiled out, not built, or never called. */
  readonly never?: string
}

/** Result of applying and building a stack of patches. */
export interface Variant {
  /**
   * `conflict`: a patch does not apply. `invalid`: the result does not compile or does something that patches must not
   * do. `timeout` and `crashed`: compilation exceeded the time or memory limit of this machine.
   */
  readonly status: 'ok' | 'conflict' | 'invalid' | 'timeout' | 'crashed'
  /** Explanation of a status other than `ok`. May have several lines; contains no control characters. */
  readonly reason?: string
  /** Identity of the variant: hash of its sources, or of the unpatched sources and the patches if they do not apply. */
  readonly hash: string
  /**
   * Executable statements that the patches changed. A run of the program reports hits as indices into this list. Empty
   * if only types or comments changed.
   */
  readonly statements: readonly ChangedStatement[]
  /**
   * Names of the kernel functions with changed statements, as call chains show them. null stands for changed code that
   * appears in no call chain. Empty if no executable code changed.
   */
  readonly changedFunctions: readonly (string | null)[]
  /** Program for the sandbox. Present if it was requested and the status is `ok`. */
  readonly bundle?: string
}

/**
 * Turns stacks of patches into programs that play scenarios.
 *
 * @typeParam Series - a patch file as the engine parses it. `run` knows nothing about patches.
 */
export interface Engine<Series> extends AsyncDisposable {
  /** Short name of the kind of engine, for example `models`. */
  readonly id: string
  /** Name of the kernel in reports: its version, and for a kernel tree also the folder or commit. */
  readonly kernel: string
  /** Compiler and its version, if the user can choose it. */
  readonly compiler?: string
  /** Kernel configuration, if the user can choose it. */
  readonly configuration?: string
  /**
   * Facilities that the engine's programs need besides the language. `wasm`: they load WebAssembly, and all patched
   * code is WebAssembly. `closed`, the default: JavaScript only.
   */
  readonly realm?: 'closed' | 'wasm'
  /** Title of the unpatched kernel. */
  readonly unpatched: string
  /**
   * Hash of everything in the engine that a result depends on: unpatched sources, configuration, compilers, and the
   * engine's own code. Part of every cache key.
   */
  readonly origin: string
  /** Paths that a patch may touch, as a sentence for users. */
  readonly paths: string

  /**
   * Parses a patch file.
   *
   * @param input - text or bytes of the file
   * @param source - name of the file in messages, usually its path
   * @throws Error with one clear message if the file cannot be parsed or if it touches a path outside `paths`
   */
  readPatch(input: string | Uint8Array, source: string): Series

  /**
   * Builds a stack. Concurrent requests are processed one after the other.
   *
   * @throws Error if nothing can be built at all. Faults of a patch are reported as the variant's status.
   * @throws the signal's reason if the signal is aborted
   */
  build(stack: Stack<Series>, options: BuildOptions): Promise<Variant>

  /** Stops idle build processes. The next build starts them again. */
  rest?(): Promise<void>

  /** Reason why a scenario cannot be played on this kernel; null if it can. */
  refuses(scenario: Scenario): string | null
}
