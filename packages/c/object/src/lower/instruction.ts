// SPDX-License-Identifier: GPL-2.0-only
import type { AllocaInstruction, BasicBlock, Instruction } from '@pfo-workbench/ir'
import { emitAtomicUpdate, emitCompareExchange } from './atomics.ts'
import { emitBinary } from './arithmetic.ts'
import { emitCall, pushStackPointer } from './calls.ts'
import { emitCast, emitZeroExtended } from './casts.ts'
import { emitCompare } from './compare.ts'
import type { FunctionContext } from './context.ts'
import {
  emitCallBranchExits,
  emitConditional,
  emitEdge,
  emitIndirectBranch,
  emitReturn,
  emitSwitch,
} from './control.ts'
import { flatten, partOf } from './flatten.ts'
import { emitIntrinsic } from './intrinsics.ts'
import { emitLoad, emitStore } from './memory.ts'
import { emitGetElementPtr } from './pointers.ts'
import { resultLocals, setLocals, popResult } from './results.ts'
import { emitSelect } from './select.ts'
import { Untranslatable } from './untranslatable.ts'
import { emitAsm } from '../asm/lower.ts'
import { globals } from '../wasm/emitter.ts'
import { op } from '../wasm/opcodes.ts'

/** Translates an instruction of a block. @throws Untranslatable, possibly after some code has been emitted */
export function emitInstruction(
  context: FunctionContext,
  block: BasicBlock,
  blocks: readonly BasicBlock[],
  instruction: Instruction,
): void {
  const { emitter, frame } = context
  switch (instruction.opcode) {
    case 'phi':
    case 'fence':
      return
    case 'alloca':
      if (instruction.result !== null && isDynamic(context, instruction))
        emitDynamicAlloca(context, instruction)
      return
    case 'load': {
      const variable =
        instruction.address.kind === 'local' ? context.variables.get(instruction.address.name) : undefined
      if (variable !== undefined) for (const local of variable.locals) emitter.get(local)
      else emitLoad(context, instruction.address, instruction.type)
      popResult(context, instruction)
      return
    }
    case 'store': {
      const variable =
        instruction.address.kind === 'local' ? context.variables.get(instruction.address.name) : undefined
      if (variable === undefined) emitStore(context, instruction.address, instruction.value)
      else {
        context.push(instruction.value)
        setLocals(context, variable)
      }
      return
    }
    case 'binary':
      if (instruction.type.kind === 'vector') throw new Untranslatable('arithmetic of vectors')
      emitBinary(context, instruction.operation, instruction.left, instruction.right)
      popResult(context, instruction)
      return
    case 'cast':
      emitCast(context, instruction.operation, instruction.value, instruction.type)
      popResult(context, instruction)
      return
    case 'icmp':
      emitCompare(context, instruction.predicate, instruction.left, instruction.right)
      popResult(context, instruction)
      return
    case 'select':
      emitSelect(context, instruction)
      popResult(context, instruction)
      return
    case 'freeze':
      context.push(instruction.value)
      popResult(context, instruction)
      return
    case 'getelementptr':
      if (instruction.result !== null && frame.addresses.has(instruction.result)) return
      emitGetElementPtr(context, instruction)
      popResult(context, instruction)
      return
    case 'extractvalue': {
      const { first } = partOf(instruction.aggregate.type, instruction.path)
      const locals = context.hold(instruction.aggregate)
      for (const [i] of flatten(instruction.type).entries()) emitter.get(locals[first + i] ?? 0)
      popResult(context, instruction)
      return
    }
    case 'insertvalue': {
      const { first, type } = partOf(instruction.aggregate.type, instruction.path)
      context.push(instruction.aggregate)
      popResult(context, instruction)
      if (instruction.result === null) return
      const { locals } = resultLocals(context, instruction.result)
      const types = flatten(type)
      context.push(instruction.element)
      setLocals(context, { types, locals: locals.slice(first, first + types.length) })
      return
    }
    case 'atomicrmw':
      emitAtomicUpdate(context, instruction)
      return
    case 'cmpxchg':
      emitCompareExchange(context, instruction)
      return
    case 'call':
      if (instruction.callee.kind === 'asm') emitAsm(context, instruction, instruction.callee)
      else if (instruction.callee.kind === 'global' && instruction.callee.name.startsWith('llvm.')) {
        emitIntrinsic(context, instruction, instruction.callee.name.slice('llvm.'.length))
      } else emitCall(context, instruction)
      return
    case 'callbr': {
      if (instruction.callee.kind !== 'asm') throw new Untranslatable('callbr of a function')
      const left = emitAsm(context, instruction, instruction.callee)
      emitCallBranchExits(context, block, blocks, instruction, left)
      return
    }
    case 'br':
      emitEdge(context, block, blocks, instruction.target)
      return
    case 'condbr':
      context.push(instruction.condition)
      emitConditional(context, block, blocks, instruction.whenTrue, instruction.whenFalse)
      return
    case 'switch':
      emitSwitch(context, block, blocks, instruction)
      return
    case 'indirectbr':
      emitIndirectBranch(context, block, blocks, instruction)
      return
    case 'ret':
      emitReturn(context, instruction)
      return
    case 'unreachable':
      emitter.op(op.unreachable)
      return
    case 'va_arg':
      throw new Untranslatable('va_arg')
    case 'unknown':
      throw new Untranslatable(`${instruction.reason} (${instruction.text.split('\n')[0] ?? ''})`)
  }
}

function isDynamic(context: FunctionContext, { result }: AllocaInstruction): boolean {
  return result !== null && !context.frame.addresses.has(result) && !context.variables.has(result)
}

/** Allocates stack memory at run time. The return from the function frees it. */
function emitDynamicAlloca(context: FunctionContext, instruction: AllocaInstruction): void {
  const { emitter, unit } = context
  const alignment = Math.max(instruction.alignment, 16)
  const count = emitter.borrow('i64')
  const size = emitter.borrow('i64')
  if (instruction.count === null) emitter.i64(1n)
  else emitZeroExtended(context, instruction.count)
  emitter.tee(count)
  emitter.i64(BigInt(unit.layout.size(instruction.allocated)))
  emitter.op(op.i64Mul)
  emitter.i64(BigInt(alignment - 1 + 15))
  emitter.op(op.i64Add)
  emitter.i64(-16n)
  emitter.op(op.i64And)
  emitter.set(size)
  // A large count makes the product overflow, so compare both the count and the size with the free stack.
  for (const local of [count, size]) {
    emitter.get(local)
    emitter.getGlobal(globals.sp)
    emitter.getGlobal(globals.stackLow)
    emitter.op(op.i32Sub, op.i64ExtendI32U, op.i64GtU)
  }
  emitter.op(op.i32Or)
  emitter.block(op.if)
  emitter.callRuntime('stackOverflow')
  emitter.op(op.unreachable, op.end)
  emitter.getGlobal(globals.sp)
  emitter.get(size)
  emitter.op(op.i32WrapI64, op.i32Sub)
  emitter.i32(-alignment)
  emitter.op(op.i32And)
  emitter.setGlobal(globals.sp)
  emitter.giveBack('i64', count)
  emitter.giveBack('i64', size)
  pushStackPointer(context)
  popResult(context, instruction)
}
