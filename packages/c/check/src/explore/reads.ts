// SPDX-License-Identifier: GPL-2.0-only
import type { Instruction, Value } from '@pfo-workbench/ir'

/** Names of the local values that an instruction reads. */
export function localsUsedBy(instruction: Instruction): readonly string[] {
  const names: string[] = []
  const add = (value: Value | null): void => {
    if (value?.kind === 'local') names.push(value.name)
    else if (value?.kind === 'metadata') add(value.value)
  }
  switch (instruction.opcode) {
    case 'binary':
    case 'icmp':
      add(instruction.left)
      add(instruction.right)
      break
    case 'cast':
    case 'freeze':
      add(instruction.value)
      break
    case 'select':
      add(instruction.condition)
      add(instruction.left)
      add(instruction.right)
      break
    case 'alloca':
      add(instruction.count)
      break
    case 'load':
      add(instruction.address)
      break
    case 'store':
    case 'atomicrmw':
      add(instruction.value)
      add(instruction.address)
      break
    case 'getelementptr':
      add(instruction.base)
      instruction.indices.forEach(add)
      break
    case 'extractvalue':
      add(instruction.aggregate)
      break
    case 'insertvalue':
      add(instruction.aggregate)
      add(instruction.element)
      break
    case 'phi':
      for (const { value } of instruction.incoming) add(value)
      break
    case 'call':
    case 'callbr':
      add(instruction.callee)
      instruction.arguments.forEach(add)
      break
    case 'va_arg':
      add(instruction.list)
      break
    case 'cmpxchg':
      add(instruction.address)
      add(instruction.expected)
      add(instruction.replacement)
      break
    case 'condbr':
      add(instruction.condition)
      break
    case 'switch':
    case 'ret':
      add(instruction.value)
      break
    case 'indirectbr':
      add(instruction.address)
      break
    case 'br':
    case 'fence':
    case 'unreachable':
    case 'unknown':
      break
  }
  return names
}
