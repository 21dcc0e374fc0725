// SPDX-License-Identifier: GPL-2.0-only
import type { Constant, DataLayout, GlobalVariable, IrModule, Type } from '@pfo-workbench/ir'
import { evaluate } from './lower/constants.ts'
import { Untranslatable } from './lower/untranslatable.ts'
import { floatBits } from './lower/float-bits.ts'
import type { DataRelocation } from './object.ts'

/** The initial value of a variable. */
export interface InitialData {
  /** Null if all bytes are zero. */
  readonly bytes: Uint8Array | null
  readonly relocations: readonly DataRelocation[]
  /** Reason why part of the value differs from the source, or null. */
  readonly problem: string | null
}

/**
 * Converts the initializer of a variable to bytes and relocations. A part that cannot be converted stays zero, and
 * `problem` states the first reason.
 */
export function initialData(global: GlobalVariable, module: IrModule): InitialData {
  const { initializer, type } = global
  if (initializer === null) return { bytes: null, relocations: [], problem: null }
  const writer = new DataWriter(module)
  const bytes = new Uint8Array(module.dataLayout.size(type))
  writer.write(bytes, 0, type, initializer)
  const empty = writer.relocations.length === 0 && bytes.every((byte) => byte === 0)
  return { bytes: empty ? null : bytes, relocations: writer.relocations, problem: writer.problem }
}

class DataWriter {
  readonly relocations: DataRelocation[] = []
  problem: string | null = null
  private readonly module: IrModule
  private readonly layout: DataLayout

  constructor(module: IrModule) {
    this.module = module
    this.layout = module.dataLayout
  }

  write(bytes: Uint8Array, at: number, type: Type, value: Constant): void {
    switch (value.kind) {
      case 'zero':
      case 'null':
      case 'undef':
      case 'poison':
        return
      case 'bytes':
        bytes.set(value.bytes, at)
        return
      case 'aggregate':
        value.elements.forEach((element, i) => {
          this.write(bytes, at + this.elementOffset(type, i), element.type, element)
        })
        return
      default:
        try {
          this.writeNumber(bytes, at, type, value)
        } catch (error) {
          if (!(error instanceof Untranslatable)) throw error
          this.problem ??= error.message
        }
    }
  }

  private elementOffset(type: Type, index: number): number {
    if (type.kind === 'struct') return this.layout.struct(type).offsets[index] ?? 0
    return type.kind === 'array' || type.kind === 'vector' ? index * this.layout.size(type.element) : 0
  }

  private writeNumber(bytes: Uint8Array, at: number, type: Type, value: Constant): void {
    const size = this.layout.storeSize(type)
    if (value.kind === 'float') {
      this.writeBytes(bytes, at, size, floatBits(type, value.text))
      return
    }
    const linear = evaluate(value, { module: this.module, layout: this.layout })
    if (linear.symbol === null && linear.minus === null) {
      this.writeBytes(bytes, at, size, linear.addend)
      return
    }
    const addend = Number(linear.addend)
    if (linear.symbol === null || !Number.isSafeInteger(addend) || (size !== 8 && size !== 4)) {
      throw new Untranslatable('an address in a constant')
    }
    this.relocations.push({ offset: at, size, symbol: linear.symbol, minus: linear.minus, addend })
  }

  private writeBytes(bytes: Uint8Array, at: number, size: number, value: bigint): void {
    let rest = BigInt.asUintN(size * 8, value)
    for (let i = 0; i < size; i++) {
      bytes[at + (this.layout.bigEndian ? size - 1 - i : i)] = Number(rest & 255n)
      rest >>= 8n
    }
  }
}
