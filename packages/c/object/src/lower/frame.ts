// SPDX-License-Identifier: GPL-2.0-only
import {
  alignTo,
  isLifetimeMarker,
  type AllocaInstruction,
  type DataLayout,
  type FunctionBody,
  type GetElementPtrInstruction,
  type Instruction,
  type Type,
  type Value,
  sameType,
} from '@pfo-workbench/ir'
import { stackRedzone } from '../memory-model.ts'
import { operands } from './operands.ts'

/** A variable in the function's frame. Offsets are in bytes from the start of the frame. */
interface FrameSlot {
  readonly name: string
  readonly offset: number
  readonly size: number
  /** True if redzones surround the variable, so that an overrun is detected. */
  readonly guarded: boolean
}

/** An address in the frame that is constant at translation time. */
interface FrameAddress {
  readonly slot: FrameSlot
  /** In bytes, from the start of the variable. */
  readonly offset: number
}

/** The storage of a function's variables. */
export interface FrameLayout {
  /** Scalar variables that only loads and stores of their own type access. Each is kept in a local. */
  readonly promoted: ReadonlyMap<string, Type>
  /** Values that are addresses in the frame, by name. */
  readonly addresses: ReadonlyMap<string, FrameAddress>
  readonly slots: readonly FrameSlot[]
  /** Frame offsets of by-value argument copies, by call and argument position. */
  readonly copies: ReadonlyMap<Instruction, ReadonlyMap<number, number>>
  /** Frame offset of the variadic arguments of calls. */
  readonly variadicArea: number
  readonly size: number
  readonly alignment: number
  /** True if the function allocates more of the stack at run time. */
  readonly dynamic: boolean
}

const registerAlignment = 16

/** Decides which variables are kept in locals, and lays out the others in the frame. */
export function layOutFrame(body: FunctionBody, layout: DataLayout): FrameLayout {
  const builder = new FrameBuilder(layout)
  const entry = body.blocks[0]
  const allocas = new Map<string, AllocaInstruction>()
  let dynamic = false
  for (const block of body.blocks) {
    for (const instruction of block.instructions) {
      if (instruction.opcode !== 'alloca' || instruction.result === null) continue
      if (block === entry && countOf(instruction) !== null) allocas.set(instruction.result, instruction)
      else dynamic = true
    }
  }
  const escaped = escapes(body, allocas)
  const promoted = new Map<string, Type>()
  for (const [name, alloca] of allocas) {
    if (!escaped.has(name) && isScalar(alloca.allocated) && countOf(alloca) === 1) {
      promoted.set(name, alloca.allocated)
    } else builder.variable(name, alloca)
  }
  const copies = new Map<Instruction, ReadonlyMap<number, number>>()
  let variadic = 0
  for (const { instructions } of body.blocks) {
    for (const instruction of instructions) {
      if (instruction.opcode !== 'call') continue
      const own = new Map<number, number>()
      instruction.argumentAttributes.forEach(({ byValue, alignment }, i) => {
        if (byValue !== null) own.set(i, builder.space(layout.size(byValue), Math.max(alignment, 8)))
      })
      if (own.size > 0) copies.set(instruction, own)
      if (instruction.functionType.variadic) {
        const values = instruction.arguments.slice(instruction.functionType.parameters.length)
        variadic = Math.max(variadic, variadicSize(values, layout))
      }
    }
  }
  const variadicArea = variadic > 0 ? builder.space(variadic, registerAlignment) : 0
  return {
    promoted,
    addresses: builder.findAddresses(body),
    slots: builder.slots,
    copies,
    variadicArea,
    size: alignTo(builder.size, Math.max(registerAlignment, builder.alignment)),
    alignment: builder.alignment,
    dynamic,
  }
}

/** Bytes of variadic arguments: slots of 8 bytes, aligned to 16 for 128-bit integers. */
function variadicSize(values: readonly Value[], layout: DataLayout): number {
  let size = 0
  for (const { type } of values) {
    if (type.kind === 'metadata') continue
    size = alignTo(size, variadicAlignment(type)) + alignTo(Math.max(layout.size(type), 8), 8)
  }
  return Math.max(size, 8)
}

/** Alignment of the slot of a variadic argument. */
export function variadicAlignment(type: Type): number {
  return type.kind === 'integer' && type.bits > 64 ? 16 : 8
}

function countOf(alloca: AllocaInstruction): number | null {
  if (alloca.count === null) return 1
  return alloca.count.kind === 'integer' ? Number(alloca.count.value) : null
}

function isScalar(type: Type): boolean {
  return (type.kind === 'integer' && type.bits <= 128) || type.kind === 'pointer' || type.kind === 'float'
}

function hasArray(type: Type): boolean {
  if (type.kind === 'array') return type.length > 0
  return type.kind === 'struct' && (type.fields ?? []).some(hasArray)
}

/**
 * Names of values that have a use other than as the address of a load or store. A load or store of another type than
 * the variable's counts as such a use. A lifetime marker does not count.
 */
function escapes(body: FunctionBody, allocas: ReadonlyMap<string, AllocaInstruction>): ReadonlySet<string> {
  const escaped = new Set<string>()
  const escape = (value: Value | null): void => {
    if (value?.kind === 'local') escaped.add(value.name)
    else if (value?.kind === 'metadata') escape(value.value)
  }
  const access = (address: Value, type: Type): void => {
    if (address.kind !== 'local') return
    const alloca = allocas.get(address.name)
    if (alloca !== undefined && !sameType(alloca.allocated, type)) escaped.add(address.name)
  }
  for (const { instructions } of body.blocks) {
    for (const instruction of instructions) {
      if (instruction.opcode === 'load') access(instruction.address, instruction.type)
      else if (instruction.opcode === 'store') {
        access(instruction.address, instruction.value.type)
        escape(instruction.value)
      } else if (!isLifetimeMarker(instruction)) for (const value of operands(instruction)) escape(value)
    }
  }
  return escaped
}

class FrameBuilder {
  readonly slots: FrameSlot[] = []
  size = 0
  alignment = registerAlignment
  private readonly layout: DataLayout
  private readonly byName = new Map<string, FrameSlot>()

  constructor(layout: DataLayout) {
    this.layout = layout
  }

  variable(name: string, alloca: AllocaInstruction): void {
    const size = this.layout.size(alloca.allocated) * (countOf(alloca) ?? 1)
    const guarded = hasArray(alloca.allocated) || (countOf(alloca) ?? 1) > 1
    if (guarded) this.space(stackRedzone, registerAlignment)
    const offset = this.space(size, Math.max(alloca.alignment, guarded ? registerAlignment : 8))
    if (guarded) this.space(stackRedzone, registerAlignment)
    const slot: FrameSlot = { name, offset, size, guarded }
    this.slots.push(slot)
    this.byName.set(name, slot)
  }

  space(size: number, alignment: number): number {
    this.alignment = Math.max(this.alignment, alignment)
    const offset = alignTo(this.size, alignment)
    this.size = offset + alignTo(size, 8)
    return offset
  }

  /** Finds the addresses of variables, and of elements at constant offsets in them. */
  findAddresses(body: FunctionBody): ReadonlyMap<string, FrameAddress> {
    const addresses = new Map<string, FrameAddress>()
    for (const [name, slot] of this.byName) addresses.set(name, { slot, offset: 0 })
    for (const { instructions } of body.blocks) {
      for (const instruction of instructions) {
        if (instruction.opcode !== 'getelementptr' || instruction.result === null) continue
        const base = instruction.base.kind === 'local' ? addresses.get(instruction.base.name) : undefined
        const distance = base === undefined ? null : constantOffset(instruction, this.layout)
        if (base === undefined || distance === null) continue
        const offset = base.offset + distance
        if (offset >= 0 && offset <= base.slot.size) {
          addresses.set(instruction.result, { slot: base.slot, offset })
        }
      }
    }
    return addresses
  }
}

/** Byte offset of a `getelementptr`; null if an index is not constant. */
function constantOffset(instruction: GetElementPtrInstruction, layout: DataLayout): number | null {
  let offset = 0
  let type: Type = instruction.sourceType
  for (const [i, index] of instruction.indices.entries()) {
    if (index.kind !== 'integer' || index.type.kind !== 'integer') return null
    const value = Number(BigInt.asIntN(index.type.bits, index.value))
    if (i === 0) offset += value * layout.size(type)
    else if (type.kind === 'struct') {
      offset += layout.struct(type).offsets[value] ?? NaN
      type = type.fields?.[value] ?? { kind: 'void' }
    } else if (type.kind === 'array') {
      type = type.element
      offset += value * layout.size(type)
    } else return null
  }
  return Number.isSafeInteger(offset) ? offset : null
}
