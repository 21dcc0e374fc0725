// SPDX-License-Identifier: GPL-2.0-only
import type {
  BasicBlock,
  CallBranchInstruction,
  IndirectBranchInstruction,
  PhiInstruction,
  ReturnInstruction,
  SwitchInstruction,
} from '@pfo-workbench/ir'
import { blockNumber } from './constants.ts'
import type { FunctionContext } from './context.ts'
import { bitsOf } from './flatten.ts'
import { emitCompare } from './compare.ts'
import { resultLocals, setLocals } from './results.ts'
import { Untranslatable } from './untranslatable.ts'
import { globals } from '../wasm/emitter.ts'
import { op } from '../wasm/opcodes.ts'

/** Branches from one block to another, after copying the values for the target's phi instructions. */
export function emitEdge(
  context: FunctionContext,
  from: BasicBlock,
  blocks: readonly BasicBlock[],
  to: string,
): void {
  const index = blockAt(context, to)
  copyMerged(context, from, blocks[index])
  context.flow.branch(index)
}

/** True if the branch from one block to another copies values for phi instructions. */
function merges(from: BasicBlock, to: BasicBlock | undefined): boolean {
  return phisOf(to).some(({ incoming }) => incoming.some(({ block }) => block === from.name))
}

/** Pushes all values before a phi changes, because a value may be the old result of another phi. */
function copyMerged(context: FunctionContext, from: BasicBlock, to: BasicBlock | undefined): void {
  const phis = phisOf(to)
  const results: string[] = []
  for (const { incoming, result } of phis) {
    const own = incoming.find(({ block }) => block === from.name)
    if (own === undefined || result === null) throw new Untranslatable('a merge without a value')
    context.push(own.value)
    results.push(result)
  }
  for (const result of results.toReversed()) setLocals(context, resultLocals(context, result))
}

function phisOf(block: BasicBlock | undefined): readonly PhiInstruction[] {
  const phis: PhiInstruction[] = []
  for (const instruction of block?.instructions ?? []) {
    if (instruction.opcode !== 'phi') break
    phis.push(instruction)
  }
  return phis
}

function blockAt(context: FunctionContext, name: string): number {
  const index = context.blockIndex.get(name)
  if (index === undefined) throw new Untranslatable(`a branch to %${name}, which does not exist`)
  return index
}

/** Branches to `whenTrue` if the i32 on the stack is not 0, otherwise to `whenFalse`. */
export function emitConditional(
  context: FunctionContext,
  from: BasicBlock,
  blocks: readonly BasicBlock[],
  whenTrue: string,
  whenFalse: string,
): void {
  emitWhen(context, from, blocks, whenTrue)
  emitEdge(context, from, blocks, whenFalse)
}

/** Branches to a block if the i32 on the stack is not 0. */
function emitWhen(
  context: FunctionContext,
  from: BasicBlock,
  blocks: readonly BasicBlock[],
  to: string,
): void {
  const { flow } = context
  const index = blockAt(context, to)
  if (!merges(from, blocks[index]) && !flow.isBackwardDispatch(index)) {
    flow.branchIf(index)
    return
  }
  flow.open(op.if)
  emitEdge(context, from, blocks, to)
  flow.close()
}

/** A switch becomes a table if its range of values is less than this factor times the number of cases. */
const tableDensity = 3
const smallestTable = 4
/** Maximum number of entries of a table. V8 accepts 65 520. */
const largestTable = 4096

export function emitSwitch(
  context: FunctionContext,
  from: BasicBlock,
  blocks: readonly BasicBlock[],
  instruction: SwitchInstruction,
): void {
  const { value, cases, fallback } = instruction
  if (emitTable(context, from, blocks, instruction)) return
  for (const { value: wanted, target } of cases) {
    emitCompare(context, 'eq', value, wanted)
    emitWhen(context, from, blocks, target)
  }
  emitEdge(context, from, blocks, fallback)
}

/**
 * Emits a branch table if the value has at most 64 bits, there are enough cases, their values are dense, and no branch
 * copies phi values or is a backward dispatch. Otherwise emits nothing and returns false.
 */
function emitTable(
  context: FunctionContext,
  from: BasicBlock,
  blocks: readonly BasicBlock[],
  { value, cases, fallback }: SwitchInstruction,
): boolean {
  const { emitter, flow } = context
  const bits = bitsOf(value.type)
  if (bits > 64 || cases.length < smallestTable) return false
  const numbers = cases.map((one) => (one.value.kind === 'integer' ? one.value.value : null))
  const known = numbers.filter((number) => number !== null)
  if (known.length !== cases.length) return false
  const signed = known.map((number) => BigInt.asIntN(bits, number))
  const lowest = signed.reduce((a, b) => (a < b ? a : b))
  const highest = signed.reduce((a, b) => (a > b ? a : b))
  if (highest - lowest >= BigInt(Math.min(cases.length * tableDensity, largestTable))) return false
  const indexes = [...cases.map(({ target }) => blockAt(context, target)), blockAt(context, fallback)]
  if (indexes.some((index) => flow.isBackwardDispatch(index) || merges(from, blocks[index]))) return false
  const otherwise = flow.depth(blockAt(context, fallback))
  const depths = Array.from({ length: Number(highest - lowest) + 1 }, () => otherwise)
  for (const [i, number] of signed.entries()) depths[Number(number - lowest)] = flow.depth(indexes[i] ?? 0)
  context.push(value)
  if (bits <= 32) {
    emitter.i32(Number(BigInt.asIntN(32, BigInt.asUintN(bits, lowest))))
    emitter.op(op.i32Sub)
    if (bits < 32) {
      emitter.i32(2 ** bits - 1)
      emitter.op(op.i32And)
    }
  } else {
    // A table index has 32 bits. Replace a distance outside of the table by -1, which selects the fallback.
    const distance = emitter.borrow('i64')
    emitter.i64(BigInt.asIntN(64, BigInt.asUintN(bits, lowest)))
    emitter.op(op.i64Sub)
    if (bits < 64) {
      emitter.i64((1n << BigInt(bits)) - 1n)
      emitter.op(op.i64And)
    }
    emitter.tee(distance)
    emitter.op(op.i32WrapI64)
    emitter.i32(-1)
    emitter.get(distance)
    emitter.i64(BigInt(depths.length))
    emitter.op(op.i64LtU, op.select)
    emitter.giveBack('i64', distance)
  }
  emitter.branchTable(depths, otherwise)
  return true
}

/** Compares the address with the address of the function plus the number of each target. Traps if none matches. */
export function emitIndirectBranch(
  context: FunctionContext,
  from: BasicBlock,
  blocks: readonly BasicBlock[],
  { address, targets }: IndirectBranchInstruction,
): void {
  const { emitter, source, unit } = context
  for (const target of new Set(targets)) {
    context.push(address)
    emitter.address(source.name, blockNumber({ function: source.name, block: target }, unit.module))
    emitter.op(op.i64Eq)
    emitWhen(context, from, blocks, target)
  }
  emitter.callRuntime('trap')
  emitter.op(op.unreachable)
}

/** Branches after `asm goto`; `left` is the local that holds the exit. */
export function emitCallBranchExits(
  context: FunctionContext,
  from: BasicBlock,
  blocks: readonly BasicBlock[],
  instruction: CallBranchInstruction,
  left: number,
): void {
  const { emitter } = context
  for (const [i, target] of instruction.indirect.entries()) {
    emitter.get(left)
    emitter.i32(i + 1)
    emitter.op(op.i32Eq)
    emitWhen(context, from, blocks, target)
  }
  emitEdge(context, from, blocks, instruction.fallthrough)
}

/** Releases the frame and returns. */
export function emitReturn(context: FunctionContext, { value }: ReturnInstruction): void {
  const { emitter, frame } = context
  if (value !== null) context.push(value)
  if (frame.slots.some(({ guarded }) => guarded)) {
    emitter.get(context.framePointer)
    emitter.i32(frame.size)
    emitter.callRuntime('unguard')
  }
  if (frame.size > 0 || frame.dynamic) {
    emitter.get(context.callerStack)
    emitter.setGlobal(globals.sp)
  }
  emitter.leaveFrame()
  emitter.op(op.return)
}
