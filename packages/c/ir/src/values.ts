// SPDX-License-Identifier: GPL-2.0-only
import type { Type } from './types.ts'

/** A result of an instruction or a parameter of the function. */
export interface LocalValue {
  readonly kind: 'local'
  readonly type: Type
  /** The name without `%`, such as `5` or `retval`. */
  readonly name: string
}

/** An integer; `value` is unsigned: `i8 -1` is 255. */
export interface IntegerConstant {
  readonly kind: 'integer'
  readonly type: Type
  readonly value: bigint
}

/** A floating-point number as written: decimal, or the hexadecimal digits of its bits. */
export interface FloatConstant {
  readonly kind: 'float'
  readonly type: Type
  readonly text: string
}

/** The null pointer, all zeroes, or a value that may be anything (`undef`, `poison`). */
export interface SimpleConstant {
  readonly kind: 'null' | 'zero' | 'undef' | 'poison'
  readonly type: Type
}

/** An array of bytes, written as `c"..."`. */
export interface BytesConstant {
  readonly kind: 'bytes'
  readonly type: Type
  readonly bytes: Uint8Array
}

/** A structure, array or vector, element by element. */
export interface AggregateConstant {
  readonly kind: 'aggregate'
  readonly type: Type
  readonly elements: readonly Constant[]
}

/** A vector whose elements are all the same. */
export interface SplatConstant {
  readonly kind: 'splat'
  readonly type: Type
  readonly value: Constant
}

/** The address of a global variable, function or alias. */
export interface GlobalReference {
  readonly kind: 'global'
  readonly type: Type
  /** The symbol's name without `@`. */
  readonly name: string
}

/** The address of a label of a function (`&&label`, `_THIS_IP_`). */
export interface BlockAddress {
  readonly kind: 'blockaddress'
  readonly type: Type
  readonly function: string
  readonly block: string
}

/** Address arithmetic on constants. */
export interface GetElementPtrConstant {
  readonly kind: 'getelementptr'
  readonly type: Type
  readonly sourceType: Type
  readonly base: Constant
  readonly indices: readonly Constant[]
}

/** A constant as another type. */
export interface CastConstant {
  readonly kind: 'cast'
  readonly type: Type
  readonly operation: CastOperation
  readonly value: Constant
}

/** Arithmetic on constants. */
export interface BinaryConstant {
  readonly kind: 'binary'
  readonly type: Type
  readonly operation: BinaryOperation
  readonly left: Constant
  readonly right: Constant
}

/** A comparison of constants; clang 16 to 18 write it. */
export interface CompareConstant {
  readonly kind: 'icmp'
  readonly type: Type
  readonly predicate: Predicate
  readonly left: Constant
  readonly right: Constant
}

/** One of two constants; clang 16 writes it. */
export interface SelectConstant {
  readonly kind: 'select'
  readonly type: Type
  readonly condition: Constant
  readonly left: Constant
  readonly right: Constant
}

/** A constant this reader does not know; `text` is the IR. */
export interface UnknownConstant {
  readonly kind: 'unknown'
  readonly type: Type
  readonly text: string
}

/** What an initialiser or an operand can be without running anything. */
export type Constant =
  | IntegerConstant
  | FloatConstant
  | SimpleConstant
  | BytesConstant
  | AggregateConstant
  | SplatConstant
  | GlobalReference
  | BlockAddress
  | GetElementPtrConstant
  | CastConstant
  | BinaryConstant
  | CompareConstant
  | SelectConstant
  | UnknownConstant

/** Inline assembler as a callee. Constraints are LLVM's, `$0` is an operand. */
export interface AsmValue {
  readonly kind: 'asm'
  readonly type: Type
  readonly text: string
  readonly constraints: string
  readonly sideEffect: boolean
}

/** An argument of an intrinsic that is metadata: `!5`, or a value in metadata's clothes. */
export interface MetadataValue {
  readonly kind: 'metadata'
  readonly type: Type
  /** The number of the node, or null. */
  readonly node: number | null
  readonly value: Value | null
}

/** An operand of an instruction. */
export type Value = LocalValue | Constant | AsmValue | MetadataValue

/** Conversions of integers and pointers. */
export type CastOperation = 'trunc' | 'zext' | 'sext' | 'ptrtoint' | 'inttoptr' | 'bitcast' | 'addrspacecast'

/** Integer arithmetic; `u` and `s`, `l` and `a` tell numbers without sign from those with one. */
export type BinaryOperation =
  'add' | 'sub' | 'mul' | 'udiv' | 'sdiv' | 'urem' | 'srem' | 'shl' | 'lshr' | 'ashr' | 'and' | 'or' | 'xor'

/** Comparisons of integers, without (`u`) and with (`s`) sign. */
export type Predicate = 'eq' | 'ne' | 'ugt' | 'uge' | 'ult' | 'ule' | 'sgt' | 'sge' | 'slt' | 'sle'
