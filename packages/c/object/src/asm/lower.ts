// SPDX-License-Identifier: GPL-2.0-only
import type { AsmValue, CallBranchInstruction, CallInstruction } from '@pfo-workbench/ir'
import { emitAsmInstruction } from './instructions.ts'
import { bindOperands, type AsmOperands } from './operands.ts'
import { parseAsm, type AsmProgram, type AsmTarget } from './program.ts'
import { Registers } from './registers.ts'
import { mask } from '../lower/casts.ts'
import type { FunctionContext } from '../lower/context.ts'
import { bitsOf, leaves } from '../lower/flatten.ts'
import { loadRaw } from '../lower/memory.ts'
import { resultLocals, setLocals } from '../lower/results.ts'
import { Untranslatable } from '../lower/untranslatable.ts'
import { Flow } from '../wasm/flow.ts'
import { op } from '../wasm/opcodes.ts'

/** Branches by mnemonic: the comparison of the condition field with 0 that takes the branch; null is unconditional. */
const branches = new Map<string, number | null>([
  ['b', null],
  ['beq', op.i32Eq],
  ['bne', op.i32Ne],
  ['blt', op.i32LtS],
  ['bgt', op.i32GtS],
  ['ble', op.i32LeS],
  ['bge', op.i32GeS],
  ['bnl', op.i32GeS],
  ['bng', op.i32LeS],
])

/** Traps that compare a register with an immediate; null traps unconditionally. */
const traps = new Map<string, number | null>([
  ['trap', null],
  ['twi', null],
  ['tdi', null],
  ['tdnei', op.i64Ne],
  ['twnei', op.i64Ne],
  ['tdeqi', op.i64Eq],
  ['tweqi', op.i64Eq],
])

/**
 * Translates inline assembler, instruction by instruction.
 *
 * @returns for `asm goto`, the local that holds the exit: 0 for the fallthrough, n for indirect target n - 1
 * @throws Untranslatable if a reachable instruction is unknown
 */
export function emitAsm(
  context: FunctionContext,
  call: CallInstruction | CallBranchInstruction,
  callee: AsmValue,
): number {
  context.unit.assembler(callee.text)
  const program = parseAsm(callee.text)
  const operands = bindOperands(context, call, callee)
  const left = new AsmLowering(context, program, operands).emit()
  storeOutputs(context, call, operands)
  return left
}

function storeOutputs(
  context: FunctionContext,
  call: CallInstruction | CallBranchInstruction,
  operands: AsmOperands,
): void {
  if (call.result === null) return
  const { emitter } = context
  for (const [i, { type }] of leaves(call.type, context.unit.layout).entries()) {
    emitter.get(operands.results[i] ?? 0)
    const bits = bitsOf(type)
    if (bits <= 32) emitter.op(op.i32WrapI64)
    mask(emitter, bits)
  }
  setLocals(context, resultLocals(context, call.result))
}

class AsmLowering {
  private readonly context: FunctionContext
  private readonly program: AsmProgram
  private readonly operands: AsmOperands
  private readonly registers: Registers
  /** Local that holds the exit of the assembler. */
  private readonly left: number
  /** Number of the block after the last instruction. */
  private readonly exit: number
  private readonly flow: Flow

  constructor(context: FunctionContext, program: AsmProgram, operands: AsmOperands) {
    this.context = context
    this.program = program
    this.operands = operands
    this.registers = new Registers(context, operands)
    this.left = context.emitter.local('i32')
    this.exit = program.instructions.length
    this.flow = new Flow(context.emitter, [...program.instructions.map((_, i) => this.successors(i)), []])
  }

  emit(): number {
    const { emitter } = this.context
    // In a loop, this code runs more than once, so reset the exit.
    emitter.i32(0)
    emitter.set(this.left)
    this.flow.emit((index) => {
      if (index < this.exit) this.instruction(index)
    })
    return this.left
  }

  private after(index: number): number {
    return index + 1 === this.program.end ? this.exit : index + 1
  }

  private blockOf(target: AsmTarget): number {
    return target.kind === 'operand' ? this.exit : target.index
  }

  private successors(index: number): readonly number[] {
    const instruction = this.program.instructions[index]
    const next = this.after(index)
    const extra: number[] = []
    if (instruction !== undefined && branches.has(instruction.mnemonic)) {
      const target = this.branchTarget(index)
      if (branches.get(instruction.mnemonic) === null) return [this.blockOf(target)]
      extra.push(this.blockOf(target))
    }
    const caught = this.program.exceptions.get(index)
    if (caught !== undefined) extra.push(this.blockOf(caught))
    const jump = this.program.jumps.get(index)
    if (jump !== undefined) extra.push(this.blockOf(jump.target))
    // List the next block twice: a conditional branch may also target it.
    return extra.length > 0 ? [...extra, next, next] : [next]
  }

  private branchTarget(index: number): AsmTarget {
    const instruction = this.program.instructions[index]
    const reference = instruction?.operands.at(-1) ?? ''
    const target = this.program.target(reference, index)
    if (target === null) throw new Untranslatable(`assembler "${instruction?.text ?? ''}"`)
    return target
  }

  private goTo(target: AsmTarget): void {
    const { emitter } = this.context
    if (target.kind === 'operand') {
      const label = this.operands.all[target.operand]
      if (label?.kind !== 'label')
        throw new Untranslatable('assembler that jumps to something other than a label')
      emitter.i32(label.target + 1)
      emitter.set(this.left)
    }
    this.flow.branch(this.blockOf(target))
  }

  private when(then: () => void): void {
    this.flow.open(op.if)
    then()
    this.flow.close()
  }

  private instruction(index: number): void {
    const { context, program, flow } = this
    const instruction = program.instructions[index]
    if (instruction === undefined) return
    const { mnemonic, operands } = instruction
    const jump = program.jumps.get(index)
    const comparison = branches.get(mnemonic)
    if (jump !== undefined) this.jumpLabel(jump.key, jump.target)
    else if (comparison !== undefined) {
      this.branch(index, operands, comparison)
      return
    } else if (traps.has(mnemonic)) this.trap(index, operands, traps.get(mnemonic) ?? null)
    else {
      const caught = program.exceptions.get(index)
      const onFault = caught === undefined ? null : (): void => this.when(() => this.goTo(caught))
      emitAsmInstruction({ context, registers: this.registers, onFault }, instruction)
    }
    flow.branch(this.after(index))
  }

  private branch(index: number, operands: readonly string[], comparison: number | null): void {
    const { emitter } = this.context
    const target = this.branchTarget(index)
    if (comparison === null) {
      this.goTo(target)
      return
    }
    emitter.get(this.registers.condition(operands.length > 1 ? (operands[0] ?? '') : '0'))
    emitter.i32(0)
    emitter.op(comparison)
    this.when(() => this.goTo(target))
    this.flow.branch(this.after(index))
  }

  private trap(index: number, operands: readonly string[], comparison: number | null): void {
    const { emitter } = this.context
    if (comparison === null) {
      if (operands.length > 0 && operands[0] !== '31') throw new Untranslatable('an unusual trap')
      this.fire(index)
      return
    }
    const [register = '', value = ''] = operands
    const narrow = this.program.instructions[index]?.mnemonic.startsWith('tw') === true
    this.registers.push(register)
    if (narrow) emitter.op(op.i64Extend32S)
    this.registers.pushImmediate(value)
    emitter.op(comparison)
    this.when(() => this.fire(index))
  }

  /** WARN and BUG are traps whose address is in the bug table. */
  private fire(index: number): void {
    const { emitter } = this.context
    const entry = this.program.bugs.get(index)
    if (entry === undefined) {
      emitter.callRuntime('trap')
      emitter.op(op.unreachable)
      return
    }
    this.pushTable(entry.file)
    for (const operand of [entry.line, entry.flags]) {
      this.pushTable(operand)
      emitter.op(op.i32WrapI64)
    }
    emitter.callRuntime('warn')
    const caught = this.program.exceptions.get(index)
    if (caught !== undefined) this.goTo(caught)
  }

  private pushTable(operand: number): void {
    const value = this.operands.all[operand]
    if (value?.kind === 'register') this.context.emitter.get(value.local)
    else this.context.emitter.i64(0n)
  }

  /** Jumps if the key is enabled; the lowest bit of the key's address inverts the condition. */
  private jumpLabel(operand: number, target: AsmTarget): void {
    const { context } = this
    const { emitter } = context
    const key = this.operands.all[operand]
    if (key?.kind !== 'register') throw new Untranslatable('a jump label without a key')
    emitter.get(key.local)
    emitter.i64(-4n)
    emitter.op(op.i64And)
    emitter.callRuntime('read4')
    loadRaw(context, 4, 'i32', 0)
    emitter.i32(0)
    emitter.op(op.i32GtS)
    emitter.get(key.local)
    emitter.op(op.i32WrapI64)
    emitter.i32(1)
    emitter.op(op.i32And, op.i32Xor)
    this.when(() => this.goTo(target))
  }
}
