// SPDX-License-Identifier: GPL-2.0-only
import type { Registers } from './registers.ts'
import type { FunctionContext } from '../lower/context.ts'

/** Context for the translation of an instruction. */
export interface AsmContext {
  readonly context: FunctionContext
  readonly registers: Registers
  /**
   * Emits the branch to the fixup; null if no exception table entry covers the instruction. With a fixup, the
   * instruction accesses memory only if that memory exists.
   */
  readonly onFault: (() => void) | null
}

/** Translates an instruction with its operands. */
export type Lowering = (asm: AsmContext, operands: readonly string[]) => void
