// SPDX-License-Identifier: GPL-2.0-only
import type { Layout, LayoutType, RuntimeName, Signature } from '@pfo-workbench/object'

/** Bytes `start` up to, not including, `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Where things lie in WebAssembly's memory. All figures are bytes; add `dataBase` for a pointer of C. */
export interface MemoryMap {
  /** Pages of 64 KiB of the memory to import as `env.memory`. */
  readonly pages: number
  /** C's memory is 0 up to here. Nothing is at 0 up to `data.start`. */
  readonly size: number
  /** The initial bytes, `Image.data`. */
  readonly data: Range
  /** Free for the machine's allocator. */
  readonly heap: Range
  /** Frames of C; grows down from `end`. */
  readonly stack: Range
  /** A byte for 8 bytes of C's memory; see `Image.dataShadow`. */
  readonly shadow: Range
  /** A byte for each probe: not 0 once its block ran. Outside C's memory: not part of its state. */
  readonly probes: Range
  /**
   * Numbers of 32 bits, outermost first: where each function that has not returned is. The global `siteTop` is the end of the
   * innermost. Nothing lies behind it: too many functions end in a trap.
   */
  readonly sites: Range
}

/**
 * A function that the image imports from module `host`; its field is its index in `Image.imports`.
 *
 * - `runtime`: see `runtimeSignatures` of the object package.
 * - `host`: a function in C's place, as the linker was told.
 * - `missing`: a function that nobody supplies. Calling it must end the run as not modelled.
 *
 * Integer results narrower than their WebAssembly type are cut by the caller: a host may return -1 for a `u8`.
 */
export type ImportedFunction =
  | { readonly kind: 'runtime'; readonly name: RuntimeName; readonly signature: Signature }
  | {
      readonly kind: 'host' | 'missing'
      readonly name: string
      readonly signature: Signature
      /** The last parameter is the address of variadic arguments. */
      readonly variadic: boolean
    }

/** A named thing of the image. */
export interface ImageSymbol {
  readonly name: string
  /** The file that defines it; null for data that nobody defines, and for functions of the host. */
  readonly file: string | null
  readonly kind: 'function' | 'data'
  /** Static: several files may have one of this name. */
  readonly local: boolean
  /** As C sees it. */
  readonly address: bigint
  /** Bytes; 0 for a function. */
  readonly size: number
  /** Type of data, if debug information or the IR tells it. */
  readonly type: LayoutType | null
}

/** A function whose code is in the image. */
export interface ImageFunction {
  readonly name: string
  readonly file: string
  readonly line: number
  /** `inline` in C, or made so by an attribute: left out of call chains as a compiler would do. */
  readonly inline: boolean
  readonly signature: Signature
  /** Offsets in `Image.wasm`. */
  readonly start: number
  readonly end: number
  /** Only calls `enter`, the function itself, and `leave`. */
  readonly wrapper: boolean
  /** Number of its first site, its beginning; those of `lines` follow. */
  readonly site: number
  /** Flat triples: line, number of the file in `Image.files`, number in `Image.allocations` or -1. */
  readonly lines: readonly number[]
}

/** A watched function or indirect call; the position in `Image.watchpoints` is `enter`'s first argument. */
export interface Watchpoint {
  readonly kind: 'function' | 'indirect-call'
  /** The function's name, or of the one that calls. */
  readonly name: string
  readonly file: string
}

/** A piece of code that could not be translated; the position in `Image.untranslated` is the argument of `untranslated`. */
export interface Untranslated {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** A variable whose initial value is not the one of the source. */
export interface DataProblem {
  readonly name: string
  readonly file: string
  readonly reason: string
}

/** A block of a file that was compiled with probes; its byte is at `MemoryMap.probes.start` plus its position. */
export interface ImageProbe {
  readonly function: string
  readonly file: string
  /** Lines that the block has code for. */
  readonly lines: readonly number[]
}

/** A variable on the stack with redzones; the position in `Image.stackVariables` stands in its left redzone. */
export interface StackVariable {
  readonly function: string
  readonly name: string
  readonly size: number
}

/** A function of an initcall section. Order within a level is the order of the objects. */
export interface Initcall {
  /** `early`, `0`, `0s`, `1`, ... `7s`, `rootfs`, `con`. */
  readonly level: string
  readonly function: string
  readonly file: string
  /** A function pointer. */
  readonly address: bigint
}

/** A loadable module: the objects that were given its name. */
export interface ImageModule {
  readonly name: string
  /** Function pointers; null where it has none. */
  readonly init: bigint | null
  readonly exit: bigint | null
  /** To load it again, these bytes of `Image.data` are copied anew. */
  readonly data: readonly Range[]
}

/** A linked program: what a machine needs to run it. */
export interface Image {
  /**
   * The WebAssembly module. Imports `env.memory` and the functions of `imports`; exports the table `functions`, the
   * globals `sp`, `stackLow` and `siteTop` (i32) and `r13` (i64), all mutable, and each root by its name.
   */
  readonly wasm: Uint8Array
  /** Initial bytes of `memory.data`. */
  readonly data: Uint8Array
  /**
   * Initial shadow of `memory.data`, to lie at `shadow.start + data.start / 8`. The machine fills the rest: memory
   * below the data and the heap must not be touched, the stack may be.
   */
  readonly dataShadow: Uint8Array
  readonly memory: MemoryMap
  /** Whether numbers in memory have their high byte first. */
  readonly bigEndian: boolean
  readonly imports: readonly ImportedFunction[]
  /** By rising `start`. */
  readonly functions: readonly ImageFunction[]
  readonly symbols: readonly ImageSymbol[]
  /** Data that no file defines: zeros. A machine makes a `struct list_head` an empty list. */
  readonly undefinedData: readonly ImageSymbol[]
  readonly initcalls: readonly Initcall[]
  readonly modules: readonly ImageModule[]
  readonly layouts: ReadonlyMap<string, Layout>
  readonly watchpoints: readonly Watchpoint[]
  readonly untranslated: readonly Untranslated[]
  /** Variables of which some bytes are 0 because the initializer could not be expressed. */
  readonly dataProblems: readonly DataProblem[]
  readonly probes: readonly ImageProbe[]
  readonly stackVariables: readonly StackVariable[]
  /** Files that `lines` refer to. */
  readonly files: readonly string[]
  /** Names of structures that `lines` refer to. */
  readonly allocations: readonly string[]
}
