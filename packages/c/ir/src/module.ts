// SPDX-License-Identifier: GPL-2.0-only
import type { ParameterAttributes } from './attributes.ts'
import type { FunctionBody } from './body.ts'
import type { DataLayout } from './data-layout.ts'
import type { DebugInfo } from './debug/debug-info.ts'
import type { MetadataTable } from './debug/metadata.ts'
import type { FunctionType, StructType, Type } from './types.ts'
import type { Constant } from './values.ts'

/** Linkage of a symbol: its visibility, and which of several definitions wins. `external` is LLVM's default. */
export type Linkage =
  | 'external'
  | 'internal'
  | 'private'
  | 'weak'
  | 'weak_odr'
  | 'linkonce'
  | 'linkonce_odr'
  | 'available_externally'
  | 'common'
  | 'appending'
  | 'extern_weak'

/** A variable at file scope, defined or declared. */
export interface GlobalVariable {
  readonly name: string
  readonly linkage: Linkage
  readonly type: Type
  readonly constant: boolean
  readonly threadLocal: boolean
  /** Null for a declaration. */
  readonly initializer: Constant | null
  readonly section: string | null
  /** In bytes; 0 if the IR states none. */
  readonly alignment: number
  /** Node number of the `DIGlobalVariableExpression`. */
  readonly debug: number | null
}

/** Another name for a symbol. */
export interface Alias {
  readonly name: string
  readonly linkage: Linkage
  readonly type: Type
  readonly target: Constant
}

/** A parameter of a function. */
export interface Parameter {
  /** Without `%`. */
  readonly name: string
  readonly type: Type
  readonly attributes: ParameterAttributes
}

/** A function, defined or declared. */
export interface IrFunction {
  readonly name: string
  readonly linkage: Linkage
  readonly type: FunctionType
  readonly parameters: readonly Parameter[]
  readonly resultAttributes: ParameterAttributes
  /** Attributes such as `noinline`, with the text of the value after the name; null if there is no value. */
  readonly attributes: ReadonlyMap<string, string | null>
  readonly section: string | null
  readonly alignment: number
  /** Node number of the `DISubprogram`. */
  readonly subprogram: number | null
  /** True if the module contains the body. */
  readonly defined: boolean
  /** The body, parsed on first use; null for a declaration. */
  readonly body: () => FunctionBody | null
}

/** A line at file scope that could not be parsed. */
export interface ReadProblem {
  readonly text: string
  readonly reason: string
}

/** A file of LLVM IR. */
export interface IrModule {
  readonly sourceFile: string
  /** The target, such as `powerpc64le-unknown-linux-gnu`. */
  readonly triple: string
  readonly dataLayout: DataLayout
  /** Named structures, by name without `%`. */
  readonly structs: ReadonlyMap<string, StructType>
  readonly globals: ReadonlyMap<string, GlobalVariable>
  readonly functions: ReadonlyMap<string, IrFunction>
  readonly aliases: ReadonlyMap<string, Alias>
  /** Assembler at file scope, one entry per line. */
  readonly moduleAsm: readonly string[]
  readonly metadata: MetadataTable
  readonly debug: DebugInfo
  /** Lines at file scope that were skipped because they could not be parsed. */
  readonly problems: readonly ReadProblem[]
}
