// SPDX-License-Identifier: GPL-2.0-only
import type { Value } from '@pfo-workbench/ir'
import type { FunctionContext } from './context.ts'
import { flatten } from './flatten.ts'
import { Untranslatable } from './untranslatable.ts'
import { op } from '../wasm/opcodes.ts'

/** Pushes one of two values. Structures are selected part by part. @throws Untranslatable */
export function emitSelect(
  context: FunctionContext,
  choice: { readonly condition: Value; readonly left: Value; readonly right: Value },
): void {
  const { emitter } = context
  const { condition, left, right } = choice
  if (condition.type.kind === 'vector') throw new Untranslatable('select of a vector')
  if (flatten(left.type).length === 1) {
    context.push(left)
    context.push(right)
    context.push(condition)
    emitter.op(op.select)
    return
  }
  const lefts = context.hold(left)
  const rights = context.hold(right)
  const [chosen] = context.hold(condition)
  for (const [i, local] of lefts.entries()) {
    emitter.get(local)
    emitter.get(rights[i] ?? local)
    emitter.get(chosen ?? 0)
    emitter.op(op.select)
  }
}
