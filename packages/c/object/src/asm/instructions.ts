// SPDX-License-Identifier: GPL-2.0-only
import type { AsmInstruction } from './instruction.ts'
import type { AsmContext, Lowering } from './lowering.ts'
import { load, loadReserved, store, storeConditional } from './memory-accesses.ts'
import type { AccessSize } from '../lower/memory.ts'
import { Untranslatable } from '../lower/untranslatable.ts'
import { machineStateRegister } from '../memory-model.ts'
import type { Emitter } from '../wasm/emitter.ts'
import { op } from '../wasm/opcodes.ts'

/**
 * Instructions that do nothing on this machine: barriers, because there is one processor; hints for the cache; writes
 * of the machine state register, because this register always has the same value.
 */
const withoutEffect = [
  'sync',
  'hwsync',
  'lwsync',
  'ptesync',
  'isync',
  'eieio',
  'nop',
  'dcbt',
  'dcbtst',
  'dcbst',
  'dcbf',
  'mtmsrd',
]

/** PowerPC instructions by mnemonic. A trailing dot sets condition field 0 to the sign of the result. */
const lowerings = new Map<string, Lowering>([
  ...withoutEffect.map((name): [string, Lowering] => [name, () => undefined]),
  ...entries({ lbz: 1, lhz: 2, lwz: 4, ld: 8 }, (size) => load(size)),
  ...entries({ lbzx: 1, lhzx: 2, lwzx: 4, ldx: 8 }, (size) => load(size)),
  ...entries({ lbarx: 1, lharx: 2, lwarx: 4, ldarx: 8 }, (size) => loadReserved(size)),
  ...entries({ stb: 1, sth: 2, stw: 4, std: 8 }, (size) => store(size)),
  ...entries({ stbx: 1, sthx: 2, stwx: 4, stdx: 8 }, (size) => store(size)),
  ...entries({ 'stbcx.': 1, 'sthcx.': 2, 'stwcx.': 4, 'stdcx.': 8 }, (size) => storeConditional(size)),
  ['add', binary(op.i64Add)],
  ['addc', binary(op.i64Add)],
  ['and', binary(op.i64And)],
  ['or', orOrHint],
  ['xor', binary(op.i64Xor)],
  ['mulld', binary(op.i64Mul)],
  ['sub', binary(op.i64Sub)],
  ['subc', binary(op.i64Sub)],
  ['subf', binary(op.i64Sub, true)],
  ['subfc', binary(op.i64Sub, true)],
  ['andc', andComplement],
  ['addi', addImmediate(true)],
  ['addic', addImmediate(false)],
  ['subi', subtractImmediate],
  ['subic', subtractImmediate],
  ['ori', immediate(op.i64Or)],
  ['xori', immediate(op.i64Xor)],
  ['andi', immediate(op.i64And)],
  ['neg', negate],
  ['not', complement],
  ['mr', unary(() => undefined)],
  ['li', loadImmediate],
  ['cntlzd', unary((emitter) => emitter.op(op.i64Clz))],
  ['cnttzd', unary((emitter) => emitter.op(op.i64Ctz))],
  ['popcntd', unary((emitter) => emitter.op(op.i64Popcnt))],
  ['cntlzw', unary(narrow(op.i32Clz))],
  ['cnttzw', unary(narrow(op.i32Ctz))],
  ['extsb', unary((emitter) => emitter.op(op.i64Extend8S))],
  ['extsh', unary((emitter) => emitter.op(op.i64Extend16S))],
  ['extsw', unary((emitter) => emitter.op(op.i64Extend32S))],
  ['sld', shift(op.i64Shl)],
  ['srd', shift(op.i64ShrU)],
  ['sldi', shiftImmediate(op.i64Shl)],
  ['srdi', shiftImmediate(op.i64ShrU)],
  ['clrrdi', clearRight],
  ['clrldi', clearLeft],
  ['clrlsldi', clearLeftShift],
  ['cmpb', compareBytes],
  ['cmpw', compare('i32', false, false)],
  ['cmpwi', compare('i32', false, true)],
  ['cmplw', compare('i32', true, false)],
  ['cmplwi', compare('i32', true, true)],
  ['cmpd', compare('i64', false, false)],
  ['cmpdi', compare('i64', false, true)],
  ['cmpld', compare('i64', true, false)],
  ['cmpldi', compare('i64', true, true)],
  ['mfspr', readSpecial],
  ['mtspr', writeSpecial],
  ['mfmsr', (asm, [target = '']) => readRegister(asm, target, machineStateRegister)],
  ['mftb', (asm, [target = '']) => readRegister(asm, target, 268)],
])

/**
 * Translates an instruction that is neither a branch nor a trap. @throws Untranslatable if the instruction is unknown
 */
export function emitAsmInstruction(asm: AsmContext, instruction: AsmInstruction): void {
  const { mnemonic, operands } = instruction
  const exact = lowerings.get(mnemonic)
  if (exact !== undefined) {
    exact(asm, operands)
    return
  }
  const base = mnemonic.endsWith('.') ? lowerings.get(mnemonic.slice(0, -1)) : undefined
  const [target] = operands
  if (base === undefined || target === undefined) throw new Untranslatable(`assembler "${instruction.text}"`)
  base(asm, operands)
  const { emitter } = asm.context
  const sign = asm.registers.condition('0')
  asm.registers.push(target)
  emitter.i64(0n)
  emitter.op(op.i64GtS)
  asm.registers.push(target)
  emitter.i64(0n)
  emitter.op(op.i64LtS, op.i32Sub)
  emitter.set(sign)
}

function entries<T extends AccessSize>(
  sizes: Readonly<Record<string, T>>,
  make: (size: T) => Lowering,
): [string, Lowering][] {
  return Object.entries(sizes).map(([name, size]) => [name, make(size)])
}

function binary(opcode: number, reversed = false): Lowering {
  return ({ context, registers }, [target = '', left = '', right = '']) => {
    registers.push(reversed ? right : left)
    registers.push(reversed ? left : right)
    context.emitter.op(opcode)
    registers.set(target)
  }
}

/** `or 1,1,1`, with the same register three times, is a priority hint. */
function orOrHint(asm: AsmContext, operands: readonly string[]): void {
  const [target = '', left, right] = operands
  if (/^\d+$/.test(target) && left === target && right === target) return
  binary(op.i64Or)(asm, operands)
}

function andComplement(
  { context, registers }: AsmContext,
  [target = '', left = '', right = '']: readonly string[],
): void {
  registers.push(left)
  registers.push(right)
  context.emitter.i64(-1n)
  context.emitter.op(op.i64Xor, op.i64And)
  registers.set(target)
}

/** Register 0 as the base of `addi` means the value 0. `addic` reads the register. */
function addImmediate(zeroBase: boolean): Lowering {
  return ({ context, registers }, [target = '', base = '', value = '']) => {
    if (zeroBase) registers.pushBase(base)
    else registers.push(base)
    registers.pushImmediate(value)
    context.emitter.op(op.i64Add)
    registers.set(target)
  }
}

function subtractImmediate(
  { context, registers }: AsmContext,
  [target = '', base = '', value = '']: readonly string[],
): void {
  registers.push(base)
  registers.pushImmediate(value)
  context.emitter.op(op.i64Sub)
  registers.set(target)
}

function immediate(opcode: number): Lowering {
  return ({ context, registers }, [target = '', left = '', value = '']) => {
    // `ori 0,0,0` is the preferred no-op.
    if (target === '0' && left === '0' && value === '0') return
    registers.push(left)
    registers.pushImmediate(value)
    context.emitter.op(opcode)
    registers.set(target)
  }
}

function negate({ context, registers }: AsmContext, [target = '', source = '']: readonly string[]): void {
  context.emitter.i64(0n)
  registers.push(source)
  context.emitter.op(op.i64Sub)
  registers.set(target)
}

function complement({ context, registers }: AsmContext, [target = '', source = '']: readonly string[]): void {
  registers.push(source)
  context.emitter.i64(-1n)
  context.emitter.op(op.i64Xor)
  registers.set(target)
}

function unary(apply: (emitter: Emitter) => void): Lowering {
  return ({ context, registers }, [target = '', source = '']) => {
    registers.push(source)
    apply(context.emitter)
    registers.set(target)
  }
}

function narrow(opcode: number): (emitter: Emitter) => void {
  return (emitter) => emitter.op(op.i32WrapI64, opcode, op.i64ExtendI32U)
}

function loadImmediate({ registers }: AsmContext, [target = '', value = '']: readonly string[]): void {
  registers.pushImmediate(value)
  registers.set(target)
}

/** The low seven bits of the amount count. A shift by 64 or more yields 0. */
function shift(opcode: number): Lowering {
  return ({ context, registers }, [target = '', source = '', amount = '']) => {
    const { emitter } = context
    registers.push(source)
    registers.push(amount)
    emitter.op(opcode)
    emitter.i64(0n)
    registers.push(amount)
    emitter.i64(64n)
    emitter.op(op.i64And, op.i64Eqz, op.select)
    registers.set(target)
  }
}

function shiftImmediate(opcode: number): Lowering {
  return ({ context, registers }, [target = '', source = '', amount = '']) => {
    registers.push(source)
    context.emitter.i64(registers.number(amount) & 63n)
    context.emitter.op(opcode)
    registers.set(target)
  }
}

function clearRight(
  { context, registers }: AsmContext,
  [target = '', source = '', count = '']: readonly string[],
): void {
  registers.push(source)
  context.emitter.i64(-1n << (registers.number(count) & 63n))
  context.emitter.op(op.i64And)
  registers.set(target)
}

function clearLeft(
  { context, registers }: AsmContext,
  [target = '', source = '', count = '']: readonly string[],
): void {
  registers.push(source)
  context.emitter.i64((1n << (64n - (registers.number(count) & 63n))) - 1n)
  context.emitter.op(op.i64And)
  registers.set(target)
}

/** `clrlsldi ra, rs, b, n`: clears the b leftmost bits, then shifts left by n. */
function clearLeftShift(
  asm: AsmContext,
  [target = '', source = '', count = '', amount = '']: readonly string[],
): void {
  clearLeft(asm, [target, source, count])
  shiftImmediate(op.i64Shl)(asm, [target, target, amount])
}

/** Sets each byte of the result to all ones if the corresponding bytes are equal, otherwise to 0. */
function compareBytes(
  { context, registers }: AsmContext,
  [target = '', left = '', right = '']: readonly string[],
): void {
  const { emitter } = context
  const difference = emitter.borrow('i64')
  registers.push(left)
  registers.push(right)
  emitter.op(op.i64Xor)
  emitter.set(difference)
  // Computes the high bit of each byte: set if the byte of the difference is not 0, without carries between bytes.
  const low = 0x7f7f7f7f7f7f7f7fn
  emitter.get(difference)
  emitter.i64(low)
  emitter.op(op.i64And)
  emitter.i64(low)
  emitter.op(op.i64Add)
  emitter.get(difference)
  emitter.op(op.i64Or)
  emitter.i64(BigInt.asIntN(64, ~low))
  emitter.op(op.i64And)
  emitter.i64(BigInt.asIntN(64, ~low))
  emitter.op(op.i64Xor)
  emitter.i64(7n)
  emitter.op(op.i64ShrU)
  emitter.i64(255n)
  emitter.op(op.i64Mul)
  registers.set(target)
  emitter.giveBack('i64', difference)
}

function compare(type: 'i32' | 'i64', unsigned: boolean, withImmediate: boolean): Lowering {
  return ({ context, registers }, operands) => {
    const { emitter } = context
    const [left = '', right = ''] = operands.slice(-2)
    const field = registers.condition(operands.length > 2 ? (operands[0] ?? '') : '0')
    const push = (): void => {
      registers.push(left)
      if (type === 'i32') emitter.op(op.i32WrapI64)
      if (withImmediate) registers.pushImmediate(right)
      else registers.push(right)
      if (type === 'i32') emitter.op(op.i32WrapI64)
    }
    const [above, below] =
      type === 'i32'
        ? unsigned
          ? [op.i32GtU, op.i32LtU]
          : [op.i32GtS, op.i32LtS]
        : unsigned
          ? [op.i64GtU, op.i64LtU]
          : [op.i64GtS, op.i64LtS]
    push()
    emitter.op(above)
    push()
    emitter.op(below, op.i32Sub)
    emitter.set(field)
  }
}

function readSpecial(asm: AsmContext, [target = '', register = '']: readonly string[]): void {
  readRegister(asm, target, Number(asm.registers.number(register)))
}

function readRegister({ context, registers }: AsmContext, target: string, number: number): void {
  context.emitter.i32(number)
  context.emitter.callRuntime('readRegister')
  registers.set(target)
}

function writeSpecial(
  { context, registers }: AsmContext,
  [register = '', source = '']: readonly string[],
): void {
  context.emitter.i32(Number(registers.number(register)))
  registers.push(source)
  context.emitter.callRuntime('writeRegister')
}
