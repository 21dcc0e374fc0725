// SPDX-License-Identifier: GPL-2.0-only
import {
  successors,
  type BasicBlock,
  type FunctionBody,
  type Instruction,
  type IrFunction,
} from '@pfo-workbench/ir'
import { ConstantValues } from './constant-values.ts'
import type { FunctionContext, ValueLocals, UnitContext } from './context.ts'
import { flatten, signatureOf } from './flatten.ts'
import { layOutFrame, type FrameLayout } from './frame.ts'
import { emitInstruction } from './instruction.ts'
import { Untranslatable } from './untranslatable.ts'
import { emitValue, valueInLocals } from './values.ts'
import { Emitter, globals, type NameTable } from '../wasm/emitter.ts'
import { Flow } from '../wasm/flow.ts'
import { op } from '../wasm/opcodes.ts'

/** Maximum number of blocks in a function. No hand-written function comes near it. */
const maxBlocks = 20_000

/** V8 accepts 50 000 locals and bodies of 7 654 321 bytes. It would reject the whole image for one larger function. */
const maxLocals = 49_000
const maxCodeBytes = 7_000_000

/** Instructions that end a block. */
const terminators: ReadonlySet<Instruction['opcode']> = new Set([
  'br',
  'condbr',
  'switch',
  'indirectbr',
  'callbr',
  'ret',
  'unreachable',
] as const)

/** Source locations and allocations of instructions. */
export interface InstructionFacts {
  /** Line and file number of a location; null if there is none. */
  place(location: number | null): { readonly line: number; readonly file: number } | null
  /** Number of the structure that a call allocates, or -1. */
  allocation(instruction: Instruction): number
  /** Number of a block's coverage point, or null. */
  coveragePoint(block: BasicBlock): number | null
}

/**
 * Translates a function. Code that cannot be translated stops the program when it is reached.
 *
 * @throws Untranslatable if WebAssembly cannot express the type of the function
 */
export function translateFunction(
  source: IrFunction,
  body: FunctionBody,
  unit: UnitContext,
  names: NameTable,
  places: InstructionFacts,
): Emitter {
  const { parameters } = signatureOf(source.type)
  const emitter = new Emitter(names, parameters.length)
  try {
    if (body.blocks.length > maxBlocks) throw new Untranslatable(`${body.blocks.length} basic blocks`)
    new FunctionTranslator(source, body, unit, emitter, places).emit()
    if (emitter.localCount > maxLocals || emitter.length > maxCodeBytes) {
      throw new Untranslatable(`${emitter.localCount} values and ${emitter.length} bytes of code`)
    }
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error
    const whole = new Emitter(names, parameters.length)
    whole.enterFrame()
    stopHere(whole, unit, source.name, 0, error.message)
    return whole
  }
  return emitter
}

function stopHere(emitter: Emitter, unit: UnitContext, name: string, line: number, reason: string): void {
  emitter.linkedNumber('untranslated', unit.untranslated(name, line, reason))
  emitter.callRuntime('untranslated')
  emitter.op(op.unreachable)
}

class FunctionTranslator {
  private readonly body: FunctionBody
  private readonly places: InstructionFacts
  private readonly context: FunctionContext

  constructor(
    source: IrFunction,
    body: FunctionBody,
    unit: UnitContext,
    emitter: Emitter,
    places: InstructionFacts,
  ) {
    this.body = body
    this.places = places
    const frame = layOutFrame(body, unit.layout)
    const blockIndex = new Map(body.blocks.map(({ name }, i) => [name, i]))
    const held = new Map<string, ValueLocals>()
    let parameter = 0
    for (const { name, type } of source.parameters) {
      const types = flatten(type)
      held.set(name, { types, locals: types.map(() => parameter++) })
    }
    const { promoted } = frame
    const variables = new Map<string, ValueLocals>()
    for (const [name, type] of promoted) variables.set(name, newLocals(emitter, flatten(type)))
    for (const { instructions } of body.blocks) {
      for (const instruction of instructions) {
        const types = resultTypes(instruction, frame)
        if (types !== null && instruction.result !== null)
          held.set(instruction.result, newLocals(emitter, types))
      }
    }
    const targets = body.blocks.map((block) => {
      const last = block.instructions.at(-1)
      const names = last === undefined ? [] : successors(last)
      return names.map((name) => blockIndex.get(name) ?? failNoBlock(name))
    })
    this.context = {
      unit,
      source,
      emitter,
      flow: new Flow(emitter, targets),
      frame,
      framePointer: emitter.local('i32'),
      callerStack: emitter.local('i32'),
      variadicParameter: source.type.variadic ? parameter : null,
      held,
      variables,
      constants: new ConstantValues(body, new Set(variables.keys())),
      blockIndex,
      line: 0,
      push: (value) => emitValue(this.context, value),
      hold: (value) => valueInLocals(this.context, value),
    }
  }

  emit(): void {
    const { context, body } = this
    context.emitter.enterFrame()
    this.prologue()
    context.flow.emit((index) => {
      const block = body.blocks[index]
      if (block !== undefined) this.block(block)
    })
    // Execution does not get here, but the WebAssembly validator requires an end that cannot fall through.
    context.emitter.op(op.unreachable)
  }

  /** Allocates the frame after a check for stack overflow, and sets the redzones of its variables. */
  private prologue(): void {
    const { context } = this
    const { emitter, frame, unit, source } = context
    if (frame.size === 0 && !frame.dynamic) return
    emitter.getGlobal(globals.sp)
    emitter.tee(context.callerStack)
    const room = frame.size + (frame.alignment > 16 ? frame.alignment : 0)
    if (room > 0x7fffffff) throw new Untranslatable(`a frame of ${room} bytes`)
    emitter.getGlobal(globals.stackLow)
    emitter.op(op.i32Sub)
    emitter.i32(room)
    emitter.op(op.i32LtU)
    emitter.block(op.if)
    emitter.callRuntime('stackOverflow')
    emitter.op(op.unreachable, op.end)
    emitter.get(context.callerStack)
    emitter.i32(frame.size)
    emitter.op(op.i32Sub)
    if (frame.alignment > 16) {
      emitter.i32(-frame.alignment)
      emitter.op(op.i32And)
    }
    emitter.tee(context.framePointer)
    emitter.setGlobal(globals.sp)
    for (const slot of frame.slots) {
      if (!slot.guarded) continue
      emitter.get(context.framePointer)
      emitter.i32(slot.offset)
      emitter.op(op.i32Add)
      emitter.i32(slot.size)
      emitter.linkedNumber('stackVariable', unit.stackVariable(source.name, slot.name, slot.size))
      emitter.callRuntime('guard')
    }
  }

  private block(block: BasicBlock): void {
    const { context, places } = this
    const { emitter, flow } = context
    const coveragePoint = places.coveragePoint(block)
    if (coveragePoint !== null) {
      emitter.linkedNumber('coveragePoint', coveragePoint)
      emitter.i32(1)
      emitter.memory(op.i32Store8, 0)
    }
    for (const instruction of block.instructions) {
      const place = places.place(instruction.location)
      if (place !== null && place.line > 0) {
        context.line = place.line
        emitter.mark(place.line, place.file, places.allocation(instruction))
      }
      const before = emitter.snapshot()
      const labels = flow.openLabels
      try {
        emitInstruction(context, block, this.body.blocks, instruction)
      } catch (error) {
        if (!(error instanceof Untranslatable)) throw error
        emitter.restore(before)
        flow.forget(labels)
        stopHere(emitter, context.unit, context.source.name, context.line, error.message)
        return
      }
    }
    const last = block.instructions.at(-1)
    if (last === undefined || !terminators.has(last.opcode)) emitter.op(op.unreachable)
  }
}

function failNoBlock(name: string): never {
  throw new Untranslatable(`a branch to %${name}, which does not exist`)
}

function newLocals(emitter: Emitter, types: ValueLocals['types']): ValueLocals {
  return { types, locals: types.map((type) => emitter.local(type)) }
}

/** Types of the locals for a result; null if it needs none or cannot be held in locals. */
function resultTypes(instruction: Instruction, frame: FrameLayout): ValueLocals['types'] | null {
  const { result, type } = instruction
  if (result === null || instruction.opcode === 'unknown') return null
  if (frame.addresses.has(result) || frame.promoted.has(result)) return null
  try {
    return flatten(type)
  } catch (error) {
    if (error instanceof Untranslatable) return null
    throw error
  }
}
