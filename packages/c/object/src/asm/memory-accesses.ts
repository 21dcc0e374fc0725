// SPDX-License-Identifier: GPL-2.0-only
import type { Lowering } from './lowering.ts'
import { loadRaw, storeRaw, type AccessSize } from '../lower/memory.ts'
import { Untranslatable } from '../lower/untranslatable.ts'
import { op } from '../wasm/opcodes.ts'

export function load(size: AccessSize): Lowering {
  return (asm, operands) => {
    const { context, registers } = asm
    const [target = ''] = operands
    if (asm.onFault !== null) {
      registers.pushAddress(operands, 1)
      context.emitter.i32(size)
      context.emitter.callRuntime('present')
      context.emitter.op(op.i32Eqz)
      asm.onFault()
      registers.pushAddress(operands, 1)
      context.emitter.op(op.i32WrapI64)
    } else {
      registers.pushAddress(operands, 1)
      context.emitter.callRuntime(`read${size}`)
    }
    loadRaw(context, size, 'i64', 0)
    registers.set(target)
  }
}

/** A reservation is never lost. The fourth operand is a hint and ignored. */
export function loadReserved(size: AccessSize): Lowering {
  const plain = load(size)
  return (asm, operands) => plain(asm, operands.slice(0, 3))
}

export function store(size: AccessSize): Lowering {
  return ({ context, registers, onFault }, operands) => {
    if (onFault !== null) throw new Untranslatable('assembler that stores where a fault is caught')
    const [value = ''] = operands
    registers.pushAddress(operands, 1)
    context.emitter.callRuntime(`write${size}`)
    registers.push(value)
    storeRaw(context, size, 'i64', 0)
  }
}

/** Always stores, and sets condition field 0 to "equal" for success. */
export function storeConditional(size: AccessSize): Lowering {
  const plain = store(size)
  return (asm, operands) => {
    plain(asm, operands)
    asm.context.emitter.i32(0)
    asm.context.emitter.set(asm.registers.condition('0'))
  }
}
