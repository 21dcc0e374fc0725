// SPDX-License-Identifier: GPL-2.0-only
import type { CallInstruction, Value } from '@pfo-workbench/ir'
import { pushStackPointer } from './calls.ts'
import { emitZeroExtended, mask, signExtend } from './casts.ts'
import type { FunctionContext } from './context.ts'
import { bitsOf } from './flatten.ts'
import { emitAccess, loadRaw, storeRaw, swapBytes } from './memory.ts'
import { emitOverflow, emitSaturating } from './overflow.ts'
import { popResult } from './results.ts'
import { Untranslatable } from './untranslatable.ts'
import { globals } from '../wasm/emitter.ts'
import { op } from '../wasm/opcodes.ts'

type Lowering = (context: FunctionContext, call: CallInstruction, name: string) => void

/** Intrinsics that need no code. Most of them only inform the optimizer. */
const silent = [
  'lifetime.start',
  'lifetime.end',
  'assume',
  'donothing',
  'prefetch',
  'va_end',
  'invariant.start',
  'invariant.end',
  'experimental.noalias.scope.decl',
  'sideeffect',
  'pseudoprobe',
  'fake.use',
]

const lowerings = new Map<string, Lowering>([
  ...silent.map((name): [string, Lowering] => [name, doNothing]),
  ['expect', passFirst],
  ['expect.with.probability', passFirst],
  ['launder.invariant.group', passFirst],
  ['strip.invariant.group', passFirst],
  ['ssa.copy', passFirst],
  ['annotation', passFirst],
  ['ptr.annotation', passFirst],
  ['threadlocal.address', passFirst],
  ['is.constant', isConstant],
  ['objectsize', objectSize],
  ['memcpy', copy],
  ['memcpy.inline', copy],
  ['memmove', copy],
  ['memset', fill],
  ['memset.inline', fill],
  ['va_start', vaStart],
  ['va_copy', vaCopy],
  ['bswap', byteSwap],
  ['ctpop', countBits],
  ['ctlz', countBits],
  ['cttz', countBits],
  ['abs', absolute],
  ['smin', choose],
  ['smax', choose],
  ['umin', choose],
  ['umax', choose],
  ['fshl', funnelShift],
  ['fshr', funnelShift],
  ['ptrmask', pointerMask],
  ['read_register', readRegister],
  ['returnaddress', zeroResult],
  ['frameaddress', zeroResult],
  ['addressofreturnaddress', zeroResult],
  ['sponentry', zeroResult],
  ['stacksave', stackSave],
  ['stackrestore', stackRestore],
  ['trap', trap],
  ['debugtrap', trap],
  ['ubsantrap', trap],
  ...['uadd', 'usub', 'umul', 'sadd', 'ssub', 'smul'].map((name): [string, Lowering] => [
    `${name}.with.overflow`,
    (context, call) => emitOverflow(context, call, name),
  ]),
  ...['uadd', 'usub', 'sadd', 'ssub'].map((name): [string, Lowering] => [
    `${name}.sat`,
    (context, call) => emitSaturating(context, call, name),
  ]),
])

/** Translates a call of `llvm.*`; `name` is the part after `llvm.`. @throws Untranslatable */
export function emitIntrinsic(context: FunctionContext, call: CallInstruction, name: string): void {
  // `ctlz.i32` and `memcpy.p0.p0.i64` end with the types of their operands.
  let base = name
  while (!lowerings.has(base) && base.includes('.')) base = base.slice(0, base.lastIndexOf('.'))
  const lower = lowerings.get(base)
  if (lower === undefined) throw new Untranslatable(`intrinsic llvm.${name}`)
  lower(context, call, base)
}

function argument(call: CallInstruction, index: number): Value {
  const value = call.arguments[index]
  if (value === undefined) throw new Untranslatable('an intrinsic with too few arguments')
  return value
}

function doNothing(): void {
  // See `silent`.
}

function passFirst(context: FunctionContext, call: CallInstruction): void {
  context.push(argument(call, 0))
  popResult(context, call)
}

function zeroResult(context: FunctionContext, call: CallInstruction): void {
  context.push({ kind: 'zero', type: call.type })
  popResult(context, call)
}

function isConstant(context: FunctionContext, call: CallInstruction): void {
  context.emitter.i32(context.constants.isConstant(argument(call, 0)) ? 1 : 0)
  popResult(context, call)
}

/** The size of an object is unknown. Returns the maximum, or 0 if the caller asks for a lower bound. */
function objectSize(context: FunctionContext, call: CallInstruction): void {
  const smallest = argument(call, 1)
  const known = smallest.kind === 'integer' && smallest.value === 1n ? 0n : -1n
  const bits = bitsOf(call.type)
  if (bits <= 32) context.emitter.i32(Number(BigInt.asIntN(32, BigInt.asUintN(bits, known))))
  else context.emitter.i64(known)
  popResult(context, call)
}

function copy(context: FunctionContext, call: CallInstruction): void {
  context.push(argument(call, 0))
  context.push(argument(call, 1))
  emitZeroExtended(context, argument(call, 2))
  context.emitter.callRuntime('copy')
}

function fill(context: FunctionContext, call: CallInstruction): void {
  context.push(argument(call, 0))
  context.push(argument(call, 1))
  emitZeroExtended(context, argument(call, 2))
  context.emitter.callRuntime('fill')
}

/** A `va_list` of the ppc64 ABI is a pointer to the next argument. */
function vaStart(context: FunctionContext, call: CallInstruction): void {
  if (context.variadicParameter === null) throw new Untranslatable('va_start in a function without arguments')
  const offset = emitAccess(context, argument(call, 0), 0, 8, true)
  context.emitter.get(context.variadicParameter)
  storeRaw(context, 8, 'i64', offset)
}

function vaCopy(context: FunctionContext, call: CallInstruction): void {
  const offset = emitAccess(context, argument(call, 0), 0, 8, true)
  loadRaw(context, 8, 'i64', emitAccess(context, argument(call, 1), 0, 8, false))
  storeRaw(context, 8, 'i64', offset)
}

function byteSwap(context: FunctionContext, call: CallInstruction): void {
  const value = argument(call, 0)
  const bits = bitsOf(value.type)
  const { emitter } = context
  if (bits === 128) {
    for (const local of context.hold(value).toReversed()) {
      emitter.get(local)
      swapBytes(emitter, 8, 'i64')
    }
  } else if (bits === 16 || bits === 32 || bits === 64) {
    context.push(value)
    swapBytes(emitter, bits === 16 ? 2 : bits === 32 ? 4 : 8, bits === 64 ? 'i64' : 'i32')
  } else throw new Untranslatable(`byte swap of ${bits} bits`)
  popResult(context, call)
}

const counters = {
  ctpop: [op.i32Popcnt, op.i64Popcnt],
  ctlz: [op.i32Clz, op.i64Clz],
  cttz: [op.i32Ctz, op.i64Ctz],
} as const

function countBits(context: FunctionContext, call: CallInstruction, name: string): void {
  const value = argument(call, 0)
  const bits = bitsOf(value.type)
  if (bits > 64) throw new Untranslatable(`${name} of ${bits} bits`)
  const { emitter } = context
  const narrow = bits <= 32
  const width = narrow ? 32 : 64
  context.push(value)
  if (name === 'cttz' && bits < width) {
    // A bit above the value stops the count if the value is 0.
    if (narrow) emitter.i32(1 << bits)
    else emitter.i64(1n << BigInt(bits))
    emitter.op(narrow ? op.i32Or : op.i64Or)
  }
  emitter.op(counters[name as keyof typeof counters][narrow ? 0 : 1])
  if (name === 'ctlz' && bits < width) {
    if (narrow) emitter.i32(width - bits)
    else emitter.i64(BigInt(width - bits))
    emitter.op(narrow ? op.i32Sub : op.i64Sub)
  }
  popResult(context, call)
}

/** Comparison opcodes for 32 and 64 bits. */
const comparisons = {
  umin: [op.i32LtU, op.i64LtU],
  umax: [op.i32GtU, op.i64GtU],
  smin: [op.i32LtS, op.i64LtS],
  smax: [op.i32GtS, op.i64GtS],
} as const

function choose(context: FunctionContext, call: CallInstruction, name: string): void {
  const [left, right] = [argument(call, 0), argument(call, 1)]
  const bits = bitsOf(left.type)
  if (bits > 64) throw new Untranslatable(`${name} of ${bits} bits`)
  const signed = name.startsWith('s')
  context.push(left)
  context.push(right)
  for (const value of [left, right]) {
    context.push(value)
    if (signed) signExtend(context.emitter, bits)
  }
  context.emitter.op(comparisons[name as keyof typeof comparisons][bits <= 32 ? 0 : 1], op.select)
  popResult(context, call)
}

function absolute(context: FunctionContext, call: CallInstruction): void {
  const value = argument(call, 0)
  const bits = bitsOf(value.type)
  if (bits > 64) throw new Untranslatable(`abs of ${bits} bits`)
  const { emitter } = context
  const narrow = bits <= 32
  const zero = (): void => (narrow ? emitter.i32(0) : emitter.i64(0n))
  zero()
  context.push(value)
  emitter.op(narrow ? op.i32Sub : op.i64Sub)
  mask(emitter, bits)
  context.push(value)
  context.push(value)
  signExtend(emitter, bits)
  zero()
  emitter.op(narrow ? op.i32LtS : op.i64LtS, op.select)
  popResult(context, call)
}

/**
 * `fshl(a, b, n)` returns the high half of `a:b` shifted left by n modulo the width. `fshr` returns the low half,
 * shifted right.
 */
function funnelShift(context: FunctionContext, call: CallInstruction, name: string): void {
  const [high, low, amount] = [argument(call, 0), argument(call, 1), argument(call, 2)]
  const bits = bitsOf(high.type)
  const { emitter } = context
  const left = name === 'fshl'
  if (bits === 8 || bits === 16) {
    // Both halves fit side by side in 32 bits.
    context.push(high)
    emitter.i32(bits)
    emitter.op(op.i32Shl)
    context.push(low)
    emitter.op(op.i32Or)
    if (left) {
      // A left shift by n equals a right shift by the width minus n.
      emitter.i32(bits)
      context.push(amount)
      emitter.i32(bits - 1)
      emitter.op(op.i32And, op.i32Sub)
    } else {
      context.push(amount)
      emitter.i32(bits - 1)
      emitter.op(op.i32And)
    }
    emitter.op(op.i32ShrU)
    mask(emitter, bits)
    popResult(context, call)
    return
  }
  if (bits !== 32 && bits !== 64) throw new Untranslatable(`${name} of ${bits} bits`)
  const narrow = bits === 32
  const [shl, shr, or, xor] = narrow
    ? [op.i32Shl, op.i32ShrU, op.i32Or, op.i32Xor]
    : [op.i64Shl, op.i64ShrU, op.i64Or, op.i64Xor]
  const number = (value: number): void => (narrow ? emitter.i32(value) : emitter.i64(BigInt(value)))
  // Shift the other half by 1 and then by the rest, because WebAssembly takes the amount modulo the width.
  context.push(left ? high : low)
  context.push(amount)
  emitter.op(left ? shl : shr)
  context.push(left ? low : high)
  number(1)
  emitter.op(left ? shr : shl)
  context.push(amount)
  number(-1)
  emitter.op(xor, left ? shr : shl, or)
  popResult(context, call)
}

function pointerMask(context: FunctionContext, call: CallInstruction): void {
  context.push(argument(call, 0))
  context.push(argument(call, 1))
  context.emitter.op(op.i64And)
  popResult(context, call)
}

function readRegister(context: FunctionContext, call: CallInstruction): void {
  const register = argument(call, 0)
  const node = register.kind === 'metadata' && register.node !== null ? register.node : -1
  const [name] = context.unit.module.metadata.node(node).elements
  const text = name?.kind === 'string' ? name.text : '?'
  if (text === 'r1') pushStackPointer(context)
  else if (text === 'r13') context.emitter.getGlobal(globals.r13)
  else throw new Untranslatable(`register ${text}`)
  if (bitsOf(call.type) <= 32) context.emitter.op(op.i32WrapI64)
  popResult(context, call)
}

function stackSave(context: FunctionContext, call: CallInstruction): void {
  pushStackPointer(context)
  popResult(context, call)
}

function stackRestore(context: FunctionContext, call: CallInstruction): void {
  context.push(argument(call, 0))
  context.emitter.op(op.i32WrapI64)
  context.emitter.setGlobal(globals.sp)
}

function trap(context: FunctionContext): void {
  context.emitter.callRuntime('trap')
  context.emitter.op(op.unreachable)
}
