// SPDX-License-Identifier: GPL-2.0-only
import type { Layout, LayoutType } from './layout.ts'
import type { Signature } from './memory-model.ts'

/** Which definition of a name counts. `fallback` is an inline that another file should define. */
export type SymbolLinkage = 'global' | 'local' | 'weak' | 'fallback'

/** A function of an object. */
export interface ObjectFunction {
  readonly name: string
  readonly linkage: SymbolLinkage
  /** Number in `signatures`. */
  readonly signature: number
  readonly variadic: boolean
  /** Whether C says `inline` or an attribute does. */
  readonly inline: boolean
  readonly file: string
  readonly line: number
  /** Where its body stands in the object's code. */
  readonly start: number
  readonly size: number
  /** Flat quadruples: offset in the body, number of the kind in `relocationKinds`, index, addend. */
  readonly relocations: readonly number[]
  /** Flat triples: line, number in `files`, number in `allocations` or -1. */
  readonly lines: readonly number[]
}

/** An address in initial data: that of `symbol`, less that of `minus` or of the place itself, plus `addend`. */
export interface DataRelocation {
  readonly offset: number
  /** Bytes that are written. */
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
  /** Where its bytes stand in the object's data; null for zeros. */
  readonly start: number | null
  readonly relocations: readonly DataRelocation[]
  readonly type: LayoutType | null
  /** Why the initial value is not the one of the source, or null. */
  readonly problem: string | null
}

/** Another name for a symbol of the object. */
export interface ObjectAlias {
  readonly name: string
  readonly linkage: SymbolLinkage
  readonly target: string
  readonly addend: number
}

/** A function that is used and not defined here. */
export interface ExternalFunction {
  readonly name: string
  readonly signature: number
  readonly variadic: boolean
  /** Its address is 0 if nobody defines it. */
  readonly weak: boolean
}

/** Data that is used and not defined here. */
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

/** A basic block that notes that it ran. */
export interface ObjectProbe {
  readonly function: string
  readonly file: string
  /** Lines that the block has code for. */
  readonly lines: readonly number[]
}

/** A variable on the stack with redzones. */
export interface ObjectStackVariable {
  readonly function: string
  readonly name: string
  readonly size: number
}

/** All of an object but its bytes; serialised as JSON. */
export interface ObjectHeader {
  readonly format: 2
  /** Path of the source. */
  readonly file: string
  /** The loadable module it belongs to, or null. */
  readonly module: string | null
  /** Whether numbers in memory have their high byte first. */
  readonly bigEndian: boolean
  readonly signatures: readonly Signature[]
  /** Names that relocations refer to. */
  readonly symbols: readonly string[]
  /** Names of runtime functions and helpers that relocations refer to. */
  readonly runtime: readonly string[]
  readonly files: readonly string[]
  /** Names of structures that calls allocate. */
  readonly allocations: readonly string[]
  readonly functions: readonly ObjectFunction[]
  readonly data: readonly ObjectData[]
  readonly aliases: readonly ObjectAlias[]
  readonly externalFunctions: readonly ExternalFunction[]
  readonly externalData: readonly ExternalData[]
  readonly initcalls: readonly ObjectInitcall[]
  readonly untranslated: readonly ObjectUntranslated[]
  readonly probes: readonly ObjectProbe[]
  readonly stackVariables: readonly ObjectStackVariable[]
  /** Functions whose indirect calls are watched. */
  readonly watches: readonly string[]
  readonly layouts: Readonly<Record<string, Layout>>
  /** Distinct texts of inline assembler. */
  readonly assembler: readonly string[]
  /** What of the IR was left out because it could not be read. */
  readonly problems: readonly string[]
}

/** A translated file: what the linker needs of it. */
export interface ObjectFile extends ObjectHeader {
  /** Bodies of the functions, locals included, without their sizes. */
  readonly code: Uint8Array
  /** Initial bytes of data. */
  readonly bytes: Uint8Array
}
