// SPDX-License-Identifier: GPL-2.0-only
import type { Instruction } from '@pfo-workbench/ir'
import { setOfOne } from '../value/intervals.ts'
import type { Value } from '../value/value.ts'
import { bitsOf, evaluate } from './operands.ts'
import { PathEnd } from './path-end.ts'
import type { ActiveCall, Path } from './path.ts'

/**
 * The block at which `asm goto` continues: on different paths, each of its labels and the next block. A static branch
 * falls through. A powerpc trap (WARN_ENTRY() of arch/powerpc/include/asm/bug.h) continues at its label: `twi 31`
 * always, `tdnei` and `twnei` if the register is not 0. An access to user memory continues at its label if it fails.
 */
export function asmTarget(
  path: Path,
  instruction: Instruction & { opcode: 'callbr' },
  frame: ActiveCall,
): string {
  const { callee, fallthrough, indirect, arguments: operands } = instruction
  const text = callee.kind === 'asm' ? callee.text : ''
  const [label = fallthrough] = indirect
  if (/\btwi\s+31\b/.test(text)) return label
  if (text.includes('__jump_table')) return fallthrough
  const [, position] = /\bt[dw]nei\s+\$(\d+)/.exec(text) ?? []
  const operand = position === undefined ? undefined : operands[Number(position)]
  if (operand !== undefined && operand.kind !== 'metadata')
    return path.conditions.truth(evaluate(path, operand, frame)) ? label : fallthrough
  if (!text.includes('__ex_table')) return anyTarget(path, [...indirect, fallthrough], 'asm goto')
  return path.fork('access to user memory fails', 'access to user memory succeeds') ? label : fallthrough
}

/** Continues at each of several blocks, on different paths. */
export function anyTarget(path: Path, targets: readonly string[], text: string): string {
  const last = targets.length - 1
  const taken = targets.findIndex(
    (_, i) => i < last && path.fork(`${text} label ${i + 1}`, `${text} not label ${i + 1}`),
  )
  const target = targets[taken < 0 ? last : taken]
  if (target === undefined) throw new PathEnd('broken')
  return target
}

/** The block at which a `switch` over a value continues. */
export function switchTarget(
  path: Path,
  instruction: Instruction & { opcode: 'switch' },
  value: Value,
): string {
  const bits = bitsOf(path, instruction.value.type)
  const byTarget = new Map<string, bigint[]>()
  for (const { value: label, target } of instruction.cases) {
    if (label.kind !== 'integer') continue
    const labels = byTarget.get(target)
    if (labels === undefined) byTarget.set(target, [label.value])
    else labels.push(label.value)
  }
  const name = path.show(value)
  for (const [target, labels] of byTarget) {
    const set = labels.sort((a, b) => (a < b ? -1 : 1)).map((label) => [label, label] as const)
    const shown = labels.map((label) => String(BigInt.asIntN(bits, label))).join(' or ')
    const [first] = labels
    const isInside =
      labels.length === 1 && first !== undefined
        ? path.conditions.within(value, bits, setOfOne(first), `${name} == ${shown}`, `${name} != ${shown}`)
        : path.conditions.within(value, bits, set, `${name} is ${shown}`, `${name} is not ${shown}`)
    if (isInside) return target
  }
  return instruction.fallback
}
