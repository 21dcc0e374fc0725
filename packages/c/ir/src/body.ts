// SPDX-License-Identifier: GPL-2.0-only
import type { Instruction } from './instructions.ts'
import type { Value } from './values.ts'

/** Instructions that run one after the other; the last one says where to go on. */
export interface BasicBlock {
  /** The label without `%` and colon. */
  readonly name: string
  readonly instructions: readonly Instruction[]
}

/** Which variable of the source an address (`declare`) or a value is. */
export interface DebugRecord {
  readonly kind: 'declare' | 'value'
  /** Null where the variable has no place. */
  readonly value: Value | null
  /** Number of the `DILocalVariable` node. */
  readonly variable: number
  /** Operands of the `DIExpression`, empty for a plain variable. */
  readonly expression: string
}

/** The code of a function. */
export interface FunctionBody {
  /** The first one is the entry. */
  readonly blocks: readonly BasicBlock[]
  readonly debugRecords: readonly DebugRecord[]
}
