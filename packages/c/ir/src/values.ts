// SPDX-License-Identifier: GPL-2.0-only
import type { Type } from './types.ts'

/** The result of an instruction, or a parameter of the function. */
export interface LocalValue {
  readonly kind: 'local'
  readonly type: Type
  /** The name without `%`, such as `5` or `retval`. */
  readonly name: string
}

/** An integer. `value` is unsigned: `i8 -1` is 255. */
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

/** The null pointer, all zeroes, or an indeterminate value (`undef`, `poison`). */
export interface SimpleConstant {
  readonly kind: 'null' | 'zero' | 'undef' | 'poison'
  readonly type: Type
}

/** An array of bytes, written `c"..."`. */
export interface BytesConstant {
  readonly kind: 'bytes'
  readonly type: Type
  readonly bytes: Uint8Array
}

/** A structure, array or vector with its elements. */
export interface AggregateConstant {
  readonly kind: 'aggregate'
  readonly type: Type
  readonly elements: readonly Constant[]
}

/** A vector of equal elements. */
export interface SplatConstant {
  readonly kind: 'splat'
  readonly type: Type
  readonly value: Constant
}

/** The address of a global variable, a function or an alias. */
export interface GlobalReference {
  readonly kind: 'global'
  readonly type: Type
  /** The symbol's name without `@`. */
  readonly name: string
}

/** The address of a label in a function (`&&label`, `_THIS_IP_`). */
export interface BlockAddress {
  readonly kind: 'blockaddress'
  readonly type: Type
  readonly function: string
  readonly block: string
}

/** Constant address arithmetic. */
export interface GetElementPtrConstant {
  readonly kind: 'getelementptr'
  readonly type: Type
  readonly sourceType: Type
  readonly base: Constant
  readonly indices: readonly Constant[]
}

/** A constant, converted to another type. */
export interface CastConstant {
  readonly kind: 'cast'
  readonly type: Type
  readonly operation: CastOperation
  readonly value: Constant
}

/** Constant arithmetic. */
export interface BinaryConstant {
  readonly kind: 'binary'
  readonly type: Type
  readonly operation: BinaryOperation
  readonly left: Constant
  readonly right: Constant
}

/** A comparison of constants (clang 16 to 18). */
export interface CompareConstant {
  readonly kind: 'icmp'
  readonly type: Type
  readonly predicate: Predicate
  readonly left: Constant
  readonly right: Constant
}

/** A selection between two constants (clang 16). */
export interface SelectConstant {
  readonly kind: 'select'
  readonly type: Type
  readonly condition: Constant
  readonly left: Constant
  readonly right: Constant
}

/** A constant that this parser does not know; `text` is the IR. */
export interface UnknownConstant {
  readonly kind: 'unknown'
  readonly type: Type
  readonly text: string
}

/** A value that is known without running code: an initializer or a constant operand. */
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

/** Inline assembler as a callee. The constraints are LLVM's; `$0` stands for an operand. */
export interface AsmValue {
  readonly kind: 'asm'
  readonly type: Type
  readonly text: string
  readonly constraints: string
  readonly sideEffect: boolean
}

/** A metadata argument of an intrinsic: a node `!5`, or a value wrapped in metadata. */
export interface MetadataValue {
  readonly kind: 'metadata'
  readonly type: Type
  /** Node number, or null. */
  readonly node: number | null
  readonly value: Value | null
}

/** An operand of an instruction. */
export type Value = LocalValue | Constant | AsmValue | MetadataValue

/** Conversions between integers and pointers. */
export type CastOperation = 'trunc' | 'zext' | 'sext' | 'ptrtoint' | 'inttoptr' | 'bitcast' | 'addrspacecast'

/** Integer operations. `udiv`, `urem` and `lshr` are unsigned; `sdiv`, `srem` and `ashr` are signed. */
export type BinaryOperation =
  'add' | 'sub' | 'mul' | 'udiv' | 'sdiv' | 'urem' | 'srem' | 'shl' | 'lshr' | 'ashr' | 'and' | 'or' | 'xor'

/** Integer comparisons: `u` for unsigned, `s` for signed operands. */
export type Predicate = 'eq' | 'ne' | 'ugt' | 'uge' | 'ult' | 'ule' | 'sgt' | 'sge' | 'slt' | 'sle'
