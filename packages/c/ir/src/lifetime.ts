// SPDX-License-Identifier: GPL-2.0-only
import type { Instruction } from './instructions.ts'

/** True for a call that only marks where the life of a stack variable starts or ends. */
export function isLifetimeMarker(instruction: Instruction): boolean {
  return (
    instruction.opcode === 'call' &&
    instruction.callee.kind === 'global' &&
    instruction.callee.name.startsWith('llvm.lifetime.')
  )
}
