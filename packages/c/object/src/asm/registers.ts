// SPDX-License-Identifier: GPL-2.0-only
import type { AsmOperand, AsmOperands } from './operands.ts'
import { pushStackPointer } from '../lower/calls.ts'
import type { FunctionContext } from '../lower/context.ts'
import { Untranslatable } from '../lower/untranslatable.ts'
import { globals } from '../wasm/emitter.ts'
import { op } from '../wasm/opcodes.ts'

/** Registers and condition fields of a piece of assembler during translation. */
export class Registers {
  private readonly context: FunctionContext
  private readonly operands: AsmOperands
  private readonly conditions = new Map<number, number>()

  constructor(context: FunctionContext, operands: AsmOperands) {
    this.context = context
    this.operands = operands
  }

  /** Resolves `$1` or `${1:X}` to its operand, or null. */
  operand(text: string): AsmOperand | null {
    const match = /^\$(?:(\d+)|\{(\d+)(?::\w)?\})$/.exec(text)
    if (match === null) return null
    return this.operands.all[Number(match[1] ?? match[2])] ?? null
  }

  /** Pushes a register as an i64. In a register position, a plain number names a register. @throws Untranslatable */
  push(text: string): void {
    const operand = this.operand(text)
    if (operand?.kind === 'register') this.context.emitter.get(operand.local)
    else this.pushFixed(text)
  }

  /** Pushes a base register. As a base, register 0 means the value 0. */
  pushBase(text: string): void {
    if (/^(?:%?r)?0$/.test(text)) this.context.emitter.i64(0n)
    else this.push(text)
  }

  /** Pops an i64 into a register. @throws Untranslatable */
  set(text: string): void {
    const operand = this.operand(text)
    if (operand?.kind !== 'register') throw new Untranslatable(`assembler that writes ${text}`)
    this.context.emitter.set(operand.local)
  }

  /** Pushes an immediate. @throws Untranslatable */
  pushImmediate(text: string): void {
    const operand = this.operand(text)
    if (operand?.kind === 'register') this.context.emitter.get(operand.local)
    else this.context.emitter.i64(this.number(text))
  }

  /** The value of a constant immediate. @throws Untranslatable */
  number(text: string): bigint {
    const operand = this.operand(text)
    if (operand?.kind === 'register' && operand.constant !== null) return operand.constant
    if (!/^-?(?:0x[0-9a-fA-F]+|\d+)$/.test(text)) throw new Untranslatable(`assembler operand ${text}`)
    return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
  }

  /** Pushes the address in the operands from a position on: `$1`, `8($1)`, or base and index. @throws Untranslatable */
  pushAddress(operands: readonly string[], position: number): void {
    const { emitter } = this.context
    const [first, second] = [operands[position], operands[position + 1]]
    if (first === undefined) throw new Untranslatable('assembler without an address')
    if (second !== undefined) {
      this.pushBase(first)
      this.push(second)
      emitter.op(op.i64Add)
      return
    }
    const based = /^(.*)\(([^()]+)\)$/.exec(first)
    if (based !== null) {
      this.pushBase(based[2] ?? '')
      this.pushImmediate((based[1] ?? '').trim() || '0')
      emitter.op(op.i64Add)
      return
    }
    const operand = this.operand(first)
    if (operand?.kind !== 'memory') throw new Untranslatable(`assembler address ${first}`)
    emitter.get(operand.local)
  }

  /** The local of a condition field, which holds -1, 0 or 1 for less, equal, greater. */
  condition(text: string): number {
    const field = /^(?:%?cr)?([0-7])$/.exec(text)?.[1]
    if (field === undefined) throw new Untranslatable(`condition field ${text}`)
    let local = this.conditions.get(Number(field))
    if (local === undefined) this.conditions.set(Number(field), (local = this.context.emitter.local('i32')))
    return local
  }

  private pushFixed(text: string): void {
    const number = /^(?:%?r)?(\d+)$/.exec(text)?.[1]
    if (number === '1') pushStackPointer(this.context)
    else if (number === '13') this.context.emitter.getGlobal(globals.r13)
    else throw new Untranslatable(`assembler register ${text}`)
  }
}
