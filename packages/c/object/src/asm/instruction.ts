// SPDX-License-Identifier: GPL-2.0-only

/** An instruction of inline assembler, with its operands as written. */
export interface AsmInstruction {
  readonly mnemonic: string
  readonly operands: readonly string[]
  readonly text: string
}
