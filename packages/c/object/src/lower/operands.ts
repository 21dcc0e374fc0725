// SPDX-License-Identifier: GPL-2.0-only
import type { Instruction, Value } from '@pfo-workbench/ir'

/** Values that an instruction reads. */
export function operands(instruction: Instruction): readonly Value[] {
  switch (instruction.opcode) {
    case 'binary':
    case 'icmp':
      return [instruction.left, instruction.right]
    case 'cast':
    case 'freeze':
      return [instruction.value]
    case 'select':
      return [instruction.condition, instruction.left, instruction.right]
    case 'alloca':
      return instruction.count === null ? [] : [instruction.count]
    case 'load':
    case 'indirectbr':
      return [instruction.address]
    case 'store':
    case 'atomicrmw':
      return [instruction.value, instruction.address]
    case 'getelementptr':
      return [instruction.base, ...instruction.indices]
    case 'extractvalue':
      return [instruction.aggregate]
    case 'insertvalue':
      return [instruction.aggregate, instruction.element]
    case 'phi':
      return instruction.incoming.map(({ value }) => value)
    case 'call':
    case 'callbr':
      return [instruction.callee, ...instruction.arguments]
    case 'va_arg':
      return [instruction.list]
    case 'cmpxchg':
      return [instruction.address, instruction.expected, instruction.replacement]
    case 'condbr':
      return [instruction.condition]
    case 'switch':
      return [instruction.value]
    case 'ret':
      return instruction.value === null ? [] : [instruction.value]
    default:
      return []
  }
}
