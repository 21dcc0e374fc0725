// SPDX-License-Identifier: GPL-2.0-only
import type { Layout, LayoutType, RuntimeName, Signature } from '@pfo-workbench/object'

/** A range of bytes, without `end`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** Layout of WebAssembly memory, in bytes. A C pointer is `dataBase` plus an address. */
export interface MemoryMap {
  /** Size of the memory to import as `env.memory`, in pages of 64 KiB. */
  readonly pages: number
  /** C's memory ends here. Addresses below `data.start` are unused. */
  readonly size: number
  /** The initial data, `Image.data`. */
  readonly data: Range
  /** Available to the machine's allocator. */
  readonly heap: Range
  /** C stack; grows down from `end`. */
  readonly stack: Range
  /** One byte for 8 bytes of C's memory; see `Image.dataShadow`. */
  readonly shadow: Range
  /** One byte per coverage point; not 0 after the block ran. Outside of C's memory, so not part of C's state. */
  readonly coverage: Range
  /**
   * Stack of 32-bit numbers, outermost first: the current position of each function that has not returned. The global
   * `siteTop` is the end of the innermost number. The memory ends with this range, so a recursion that is too deep
   * traps.
   */
  readonly sites: Range
}

/**
 * A function that the image imports from module `host`. Its field name is its index in `Image.imports`.
 *
 * - `runtime`: see `runtimeSignatures` of the object package.
 * - `host`: replaces a C function, as the linker options request.
 * - `missing`: an undefined function. A call must end the run as not modelled.
 *
 * Callers truncate integer results that are narrower than their WebAssembly type: a host may return -1 for a `u8`.
 */
export type ImportedFunction =
  | { readonly kind: 'runtime'; readonly name: RuntimeName; readonly signature: Signature }
  | {
      readonly kind: 'host' | 'missing'
      readonly name: string
      readonly signature: Signature
      /** True if the last parameter is the address of variadic arguments. */
      readonly variadic: boolean
    }

/** A symbol of the image. */
export interface ImageSymbol {
  readonly name: string
  /** The file that defines the symbol; null for undefined data. */
  readonly file: string | null
  readonly kind: 'function' | 'data'
  /** True if the symbol is static. Several files may have a static symbol with this name. */
  readonly local: boolean
  /** Address as C sees it. */
  readonly address: bigint
  /** In bytes; 0 for a function. */
  readonly size: number
  /** Type of data, if debug information or the IR has it. */
  readonly type: LayoutType | null
}

/** A function with code in the image. */
export interface ImageFunction {
  readonly name: string
  readonly file: string
  readonly line: number
  /** Declared `inline`, or inlined by an attribute. A kernel's compiler inlines it, so call traces leave it out. */
  readonly inline: boolean
  readonly signature: Signature
  /** Offset in `Image.wasm`. */
  readonly start: number
  readonly end: number
  /** True if the function only calls `enter`, the watched function and `leave`. */
  readonly wrapper: boolean
  /** Number of the site that is the start of the function. The sites of `lines` have the next numbers. */
  readonly site: number
  /** Flat groups of three: line, index in `Image.files`, index in `Image.allocations` or -1. */
  readonly lines: readonly number[]
}

/** A watched function or indirect call. Its index in `Image.watchpoints` is the first argument of `enter`. */
export interface WatchedFunction {
  readonly kind: 'function' | 'indirect-call'
  /** Name of the function, or of the caller of an indirect call. */
  readonly name: string
  readonly file: string
}

/** Code that could not be translated. Its index in `Image.untranslated` is the argument of `untranslated`. */
export interface Untranslated {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** A variable whose initial value differs from the source. */
export interface DataProblem {
  readonly name: string
  readonly file: string
  readonly reason: string
}

/** A block of a file that was compiled with coverage. Its byte is at `MemoryMap.coverage.start` plus its index. */
export interface CoveragePoint {
  readonly function: string
  readonly file: string
  /** Source lines of the block. */
  readonly lines: readonly number[]
}

/** A stack variable with redzones. Its index in `Image.stackVariables` is stored in its left redzone. */
export interface StackVariable {
  readonly function: string
  readonly name: string
  readonly size: number
}

/** A function in an initcall section. Within a level, functions are in the order of the objects. */
export interface Initcall {
  /** `early`, `0`, `0s`, `1`, ... `7s`, `rootfs`, `con`. */
  readonly level: string
  readonly function: string
  readonly file: string
  /** Function pointer. */
  readonly address: bigint
}

/** A loadable module: all objects with this module name. */
export interface ImageModule {
  readonly name: string
  /** Function pointer; null if the module has no such function. */
  readonly init: bigint | null
  readonly exit: bigint | null
  /** Ranges of `Image.data` to copy again when the module is loaded again. */
  readonly data: readonly Range[]
}

/** A linked program: everything that a machine needs to run it. */
export interface Image {
  /**
   * The WebAssembly module. Imports `env.memory` and the functions of `imports`. Exports the table `functions`, the
   * mutable globals `sp`, `stackLow`, `siteTop` (i32) and `r13` (i64), and each root by name.
   */
  readonly wasm: Uint8Array
  /** Initial bytes of `memory.data`. */
  readonly data: Uint8Array
  /**
   * Initial shadow of `memory.data`, stored at `shadow.start + data.start / 8`. The machine fills in the rest: memory
   * below the data and the heap are inaccessible, the stack is accessible.
   */
  readonly dataShadow: Uint8Array
  readonly memory: MemoryMap
  /** True if the target is big-endian. */
  readonly bigEndian: boolean
  readonly imports: readonly ImportedFunction[]
  /** Sorted by `start`. */
  readonly functions: readonly ImageFunction[]
  readonly symbols: readonly ImageSymbol[]
  /** Undefined data, which is zero. A machine initializes a `struct list_head` as an empty list. */
  readonly undefinedData: readonly ImageSymbol[]
  readonly initcalls: readonly Initcall[]
  readonly modules: readonly ImageModule[]
  readonly layouts: ReadonlyMap<string, Layout>
  readonly watchpoints: readonly WatchedFunction[]
  readonly untranslated: readonly Untranslated[]
  /** Variables with zero bytes because the initializer could not be expressed. */
  readonly dataProblems: readonly DataProblem[]
  readonly coveragePoints: readonly CoveragePoint[]
  readonly stackVariables: readonly StackVariable[]
  /** Files for `lines`. */
  readonly files: readonly string[]
  /** Names of structures for `lines`. */
  readonly allocations: readonly string[]
}
