// SPDX-License-Identifier: GPL-2.0-only
import type { Instruction } from './instructions.ts'
import type { Value } from './values.ts'

/** Instructions that run in sequence. The last one selects the next block. */
export interface BasicBlock {
  /** The label, without `%` and colon. */
  readonly name: string
  readonly instructions: readonly Instruction[]
}

/** Maps an address (`declare`) or a value to a variable of the source. */
export interface DebugRecord {
  readonly kind: 'declare' | 'value'
  /** Null if the variable was optimized away or has no address. */
  readonly value: Value | null
  /** Number of the `DILocalVariable` node. */
  readonly variable: number
  /** Operands of the `DIExpression`; empty for a plain variable. Not read, and empty, for IR of clang 16 to 18. */
  readonly expression: string
}

/** The code of a function. */
export interface FunctionBody {
  /** The first block is the entry. */
  readonly blocks: readonly BasicBlock[]
  readonly debugRecords: readonly DebugRecord[]
}
