// SPDX-License-Identifier: GPL-2.0-only
import type { Type, Value } from '@pfo-workbench/ir'
import { emitSignExtended } from './casts.ts'
import type { FunctionContext } from './context.ts'
import { bitsOf } from './flatten.ts'
import { Untranslatable } from './untranslatable.ts'
import { op } from '../wasm/opcodes.ts'

/** Pushes the address that a base and indices select. @throws Untranslatable */
export function emitGetElementPtr(
  context: FunctionContext,
  element: { readonly sourceType: Type; readonly base: Value; readonly indices: readonly Value[] },
): void {
  const { emitter, unit } = context
  if (element.base.type.kind === 'vector') throw new Untranslatable('addresses in a vector')
  context.push(element.base)
  let type = element.sourceType
  let fixed = 0n
  for (const [i, index] of element.indices.entries()) {
    if (i > 0 && type.kind === 'struct') {
      if (index.kind !== 'integer') throw new Untranslatable('a field that is not constant')
      const field = Number(index.value)
      fixed += BigInt(unit.layout.struct(type).offsets[field] ?? 0)
      const inner: Type | undefined = type.fields?.[field]
      if (inner === undefined) throw new Untranslatable('a field that does not exist')
      type = inner
      continue
    }
    if (i > 0) {
      if (type.kind !== 'array') throw new Untranslatable(`an element of ${type.kind}`)
      type = type.element
    }
    const size = BigInt(unit.layout.size(type))
    if (index.kind === 'integer') fixed += BigInt.asIntN(bitsOf(index.type), index.value) * size
    else {
      if (bitsOf(index.type) > 64) throw new Untranslatable('an index of more than 64 bits')
      emitSignExtended(context, index)
      if (size !== 1n) {
        emitter.i64(size)
        emitter.op(op.i64Mul)
      }
      emitter.op(op.i64Add)
    }
  }
  if (fixed !== 0n) {
    emitter.i64(fixed)
    emitter.op(op.i64Add)
  }
}
