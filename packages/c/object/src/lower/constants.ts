// SPDX-License-Identifier: GPL-2.0-only
import type { Constant, DataLayout, IrModule, Type } from '@pfo-workbench/ir'
import { Untranslatable } from './untranslatable.ts'

/** A number that the linker can compute: the address of one symbol, minus the address of another, plus an addend. */
export interface Linear {
  readonly symbol: string | null
  readonly minus: string | null
  readonly addend: bigint
}

interface ConstantScope {
  readonly module: IrModule
  readonly layout: DataLayout
}

/** Reduces an address to a symbol plus an addend; null if that is not possible. */
export function foldAddress(
  constant: Constant,
  scope: ConstantScope,
): { readonly symbol: string | null; readonly addend: bigint } | null {
  try {
    const linear = evaluate(constant, scope)
    return linear.minus === null ? linear : null
  } catch (error) {
    if (error instanceof Untranslatable) return null
    throw error
  }
}

/** Evaluates an integer or pointer constant. @throws Untranslatable */
export function evaluate(constant: Constant, scope: ConstantScope): Linear {
  switch (constant.kind) {
    case 'integer':
      return number(constant.value)
    case 'null':
    case 'zero':
    case 'undef':
    case 'poison':
      return number(0n)
    case 'global':
      return { symbol: constant.name, minus: null, addend: 0n }
    case 'blockaddress':
      return { symbol: constant.function, minus: null, addend: BigInt(blockNumber(constant, scope.module)) }
    case 'getelementptr': {
      const base = evaluate(constant.base, scope)
      return {
        ...base,
        addend: BigInt.asIntN(64, base.addend + distance(constant.sourceType, constant.indices, scope)),
      }
    }
    case 'cast':
      return castLinear(
        evaluate(constant.value, scope),
        constant.operation,
        constant.value.type,
        constant.type,
      )
    case 'binary':
      return combine(
        constant.operation,
        evaluate(constant.left, scope),
        evaluate(constant.right, scope),
        constant.type,
      )
    case 'icmp': {
      const left = evaluate(constant.left, scope)
      const right = evaluate(constant.right, scope)
      const known = isNumber(left) && isNumber(right)
      // The address of a defined symbol is not NULL.
      const isNull = isNumber(right) && right.addend === 0n
      if (known && constant.predicate === 'eq') return number(left.addend === right.addend ? 1n : 0n)
      if (known && constant.predicate === 'ne') return number(left.addend === right.addend ? 0n : 1n)
      if (isNull && left.symbol !== null && left.minus === null && isDefined(left.symbol, scope.module)) {
        if (constant.predicate === 'eq') return number(0n)
        if (constant.predicate === 'ne') return number(1n)
      }
      throw new Untranslatable('comparison of addresses in a constant')
    }
    default:
      throw new Untranslatable(`constant ${constant.kind === 'unknown' ? constant.text : constant.kind}`)
  }
}

/**
 * Number of a block, from 1; 0 if the function has no such block. The value of `&&label` is the address of the function
 * plus this number.
 */
export function blockNumber(
  address: { readonly function: string; readonly block: string },
  module: IrModule,
): number {
  const blocks = module.functions.get(address.function)?.body()?.blocks ?? []
  return blocks.findIndex(({ name }) => name === address.block) + 1
}

function isNumber({ symbol, minus }: Linear): boolean {
  return symbol === null && minus === null
}

function number(value: bigint): Linear {
  return { symbol: null, minus: null, addend: value }
}

function isDefined(name: string, module: IrModule): boolean {
  if (module.functions.get(name)?.defined === true) return true
  const global = module.globals.get(name)
  return global !== undefined && global.initializer !== null
}

/** Byte offset of constant indices. @throws Untranslatable */
function distance(sourceType: Type, indices: readonly Constant[], scope: ConstantScope): bigint {
  let total = 0n
  let type = sourceType
  for (const [i, index] of indices.entries()) {
    const linear = evaluate(index, scope)
    if (!isNumber(linear) || index.type.kind !== 'integer') throw new Untranslatable('index of a constant')
    const value = BigInt.asIntN(index.type.bits, linear.addend)
    if (i === 0) total += value * BigInt(scope.layout.size(type))
    else if (type.kind === 'struct') {
      const offset: number | undefined = scope.layout.struct(type).offsets[Number(value)]
      const field: Type | undefined = type.fields?.[Number(value)]
      if (offset === undefined || field === undefined) throw new Untranslatable('a field that does not exist')
      total += BigInt(offset)
      type = field
    } else if (type.kind === 'array') {
      type = type.element
      total += value * BigInt(scope.layout.size(type))
    } else throw new Untranslatable(`an element of ${type.kind}`)
  }
  return total
}

function castLinear(value: Linear, operation: string, from: Type, to: Type): Linear {
  const toBits = to.kind === 'integer' ? to.bits : 64
  const fromBits = from.kind === 'integer' ? from.bits : 64
  if (!isNumber(value)) {
    // A relative pointer keeps 32 bits of a difference of symbols. The linker truncates the difference.
    const isRelative = value.minus !== null && toBits === 32
    if (fromBits >= 64 && (toBits >= 64 || isRelative)) return value
    throw new Untranslatable('part of an address in a constant')
  }
  const signed = operation === 'sext' ? BigInt.asIntN(fromBits, value.addend) : value.addend
  return number(BigInt.asUintN(toBits, signed))
}

function combine(operation: string, left: Linear, right: Linear, type: Type): Linear {
  const bits = type.kind === 'integer' ? type.bits : 64
  if (operation === 'add' && isNumber(right)) return { ...left, addend: left.addend + right.addend }
  if (operation === 'add' && isNumber(left)) return { ...right, addend: left.addend + right.addend }
  if (operation === 'sub' && isNumber(right)) return { ...left, addend: left.addend - right.addend }
  if (operation === 'sub' && left.minus === null && right.minus === null) {
    return { symbol: left.symbol, minus: right.symbol, addend: left.addend - right.addend }
  }
  if (!isNumber(left) || !isNumber(right)) throw new Untranslatable(`${operation} of addresses in a constant`)
  const result = compute(operation, left.addend, right.addend, bits)
  return number(BigInt.asUintN(bits, result))
}

function compute(operation: string, a: bigint, b: bigint, bits: number): bigint {
  switch (operation) {
    case 'mul':
      return a * b
    case 'and':
      return a & b
    case 'or':
      return a | b
    case 'xor':
      return a ^ b
    case 'shl':
      return b < BigInt(bits) ? a << b : 0n
    case 'lshr':
      return b < BigInt(bits) ? BigInt.asUintN(bits, a) >> b : 0n
    default:
      throw new Untranslatable(`${operation} in a constant`)
  }
}
