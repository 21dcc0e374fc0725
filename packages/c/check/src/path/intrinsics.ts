// SPDX-License-Identifier: GPL-2.0-only
import type { CallBase } from '@pfo-workbench/ir'
import { foldBinary, foldCompare } from '../value/fold.ts'
import { expression, integer, opaque, type Value } from '../value/value.ts'
import { bitsOf } from './operands.ts'
import { PathEnd } from './path-end.ts'
import type { Path } from './path.ts'

/** Maximum length of a `memcpy` or `memset` of unknown length, in bytes. */
const anyLength = 1 << 20

/** Runs an LLVM intrinsic (`llvm.memcpy.p0.p0.i64`). Unlisted intrinsics return an unknown value. */
export function callIntrinsic(path: Path, name: string, call: CallBase, given: readonly Value[]): Value {
  const args = given.map((value) => path.know(value))
  const [first = opaque, second = opaque, third = opaque] = args
  const kind = name.slice('llvm.'.length)
  const bits = bitsOf(path, call.type)
  if (kind.startsWith('lifetime.')) {
    // Newer versions of LLVM pass only the pointer; older versions pass the size first.
    const variable = args.find((value) => value.kind === 'pointer')
    if (variable?.kind === 'pointer' && variable.object.kind === 'stack') {
      variable.object.cells.clear()
      variable.object.zeroes = []
    }
    return opaque
  }
  if (/^(dbg|assume|prefetch|stackrestore|va_|donothing|sideeffect|experimental\.noalias)/.test(kind))
    return opaque
  if (kind.startsWith('memset')) {
    path.memory.fill(path.follow(first), second, lengthOf(third))
    return opaque
  }
  if (/^mem(cpy|move)/.test(kind)) {
    path.memory.copy(path.follow(first), path.follow(second), lengthOf(third))
    return opaque
  }
  if (/^(expect|ptr\.annotation|annotation|launder|strip)/.test(kind)) return first
  if (kind.startsWith('objectsize')) return integer(-1n, bits)
  if (kind.startsWith('is.constant')) return integer(first.kind === 'integer' ? 1n : 0n, 1)
  if (/^(trap|ubsantrap|debugtrap)/.test(kind)) throw new PathEnd('no-return')
  const overflow = /^[us](add|sub|mul)\.with\.overflow/.exec(kind)
  if (overflow !== null) {
    const width = 'bits' in first ? first.bits : path.pointerBits
    const operation = overflow[1] === 'add' ? 'add' : overflow[1] === 'sub' ? 'sub' : 'mul'
    // The rules do not cover overflow of sizes: assume that it does not happen.
    return {
      kind: 'aggregate',
      elements: [foldBinary(operation, first, second, width, path.pointerBits), integer(0n, 1)],
    }
  }
  const extreme = /^([us])(min|max)\./.exec(kind)
  if (extreme !== null && first.kind === 'integer' && second.kind === 'integer') {
    const less = foldCompare(extreme[1] === 'u' ? 'ult' : 'slt', first, second, bits)
    return (less.kind === 'integer' && less.value === 1n) === (extreme[2] === 'min') ? first : second
  }
  // A pure function of integers: equal arguments give equal results.
  if (call.type.kind === 'integer' && args.length > 0 && args.every(isNumber)) {
    return expression(name, bits, args)
  }
  return path.unknownResult(call.type, name)
}

function isNumber(value: Value): boolean {
  return value.kind === 'integer' || value.kind === 'symbol' || value.kind === 'expression'
}

function lengthOf(value: Value): number {
  return value.kind === 'integer' && value.value < BigInt(anyLength) ? Number(value.value) : anyLength
}
