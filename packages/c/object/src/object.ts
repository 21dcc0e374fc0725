// SPDX-License-Identifier: GPL-2.0-only
import type { Layout, LayoutType } from './layout.ts'
import type { Signature } from './signature.ts'

/**
 * Linkage of a definition, which decides among definitions of one name. `fallback` is an inline function that another
 * file should define.
 */
export type SymbolLinkage = 'global' | 'local' | 'weak' | 'fallback'

/** A function of an object. */
export interface ObjectFunction {
  readonly name: string
  readonly linkage: SymbolLinkage
  /** Index in `signatures`. */
  readonly signature: number
  readonly variadic: boolean
  /** Declared `inline`, or inlined by an attribute. */
  readonly inline: boolean
  readonly file: string
  readonly line: number
  /** Offset of the body in the object's `code`. */
  readonly start: number
  readonly size: number
  /**
   * Flat groups of four: offset in the body, index of the kind in `relocationKinds`, index, addend. The kind decides
   * what the last two mean.
   */
  readonly relocations: readonly number[]
  /** Flat groups of three: line, index in `files`, index in `allocations` or -1. */
  readonly lines: readonly number[]
}

/** An address in initial data: the address of `symbol`, minus the address of `minus` if set, plus `addend`. */
export interface DataRelocation {
  readonly offset: number
  /** Size of the value, in bytes. */
  readonly size: number
  readonly symbol: string
  readonly minus: string | null
  readonly addend: number
}

/** A variable at file scope. */
export interface ObjectData {
  readonly name: string
  readonly linkage: SymbolLinkage
  readonly section: string | null
  readonly size: number
  readonly alignment: number
  /** Offset of the variable's bytes in the object's `bytes`; null if all are zero. */
  readonly start: number | null
  readonly relocations: readonly DataRelocation[]
  readonly type: LayoutType | null
  /** Reason why the initial value differs from the source, or null. */
  readonly problem: string | null
}

/** An alias of a symbol. */
export interface ObjectAlias {
  readonly name: string
  readonly linkage: SymbolLinkage
  readonly target: string
  readonly addend: number
}

/** A function that the object declares but does not define. */
export interface ExternalFunction {
  readonly name: string
  readonly signature: number
  readonly variadic: boolean
  /** True if the address of the symbol is 0 when no object defines it. */
  readonly weak: boolean
}

/** A variable that the object declares but does not define. */
export interface ExternalData {
  readonly name: string
  readonly size: number
  readonly alignment: number
  readonly weak: boolean
  readonly type: LayoutType | null
}

/** A function that runs at boot. */
export interface ObjectInitcall {
  /** `early`, `0`, `0s`, ... `7s`, `rootfs`, `con`. */
  readonly level: string
  readonly function: string
}

/** Code that could not be translated. */
export interface ObjectUntranslated {
  readonly function: string
  readonly line: number
  readonly reason: string
}

/** A basic block that records that it ran. */
export interface ObjectCoveragePoint {
  readonly function: string
  readonly file: string
  /** Source lines of the block. */
  readonly lines: readonly number[]
}

/** A stack variable with redzones. */
export interface ObjectStackVariable {
  readonly function: string
  readonly name: string
  readonly size: number
}

/** The object without its bytes; serialized as JSON. */
export interface ObjectHeader {
  /** Path of the source file. */
  readonly file: string
  /** Name of the loadable module that the file belongs to, or null. */
  readonly module: string | null
  /** True if the target is big-endian. */
  readonly bigEndian: boolean
  readonly signatures: readonly Signature[]
  /** Symbol names for relocations. */
  readonly symbols: readonly string[]
  /** Names of the runtime functions and helpers that relocations refer to. */
  readonly runtime: readonly string[]
  readonly files: readonly string[]
  /** Names of the structures that calls allocate. */
  readonly allocations: readonly string[]
  readonly functions: readonly ObjectFunction[]
  readonly data: readonly ObjectData[]
  readonly aliases: readonly ObjectAlias[]
  readonly externalFunctions: readonly ExternalFunction[]
  readonly externalData: readonly ExternalData[]
  readonly initcalls: readonly ObjectInitcall[]
  readonly untranslated: readonly ObjectUntranslated[]
  readonly coveragePoints: readonly ObjectCoveragePoint[]
  readonly stackVariables: readonly ObjectStackVariable[]
  /** Functions whose indirect calls are watched. */
  readonly watches: readonly string[]
  readonly layouts: Readonly<Record<string, Layout>>
  /** Distinct pieces of inline assembler. */
  readonly assembler: readonly string[]
  /** Parts of the IR that were skipped because they could not be parsed or translated, with the reason. */
  readonly problems: readonly string[]
}

/** A translated file: the input of the linker. */
export interface ObjectFile extends ObjectHeader {
  /** Function bodies with locals, without size prefixes. */
  readonly code: Uint8Array
  /** Initial bytes of variables. */
  readonly bytes: Uint8Array
}
