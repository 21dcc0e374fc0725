// SPDX-License-Identifier: GPL-2.0-only
import type { Instruction } from '@pfo-workbench/ir'
import type { FunctionContext, ValueLocals } from './context.ts'
import { flatten } from './flatten.ts'
import { Untranslatable } from './untranslatable.ts'
import { op } from '../wasm/opcodes.ts'

/** Pops the parts of a result into its locals, or drops them if the result has no name. */
export function popResult(context: FunctionContext, instruction: Instruction): void {
  if (instruction.result === null) {
    flatten(instruction.type).forEach(() => context.emitter.op(op.drop))
    return
  }
  setLocals(context, resultLocals(context, instruction.result))
}

/** Locals of a result, by its name. @throws Untranslatable */
export function resultLocals(context: FunctionContext, name: string): ValueLocals {
  const held = context.held.get(name)
  if (held === undefined) throw new Untranslatable(`unknown value %${name}`)
  return held
}

/** Pops parts into locals, last part first. */
export function setLocals(context: FunctionContext, held: ValueLocals): void {
  for (const local of held.locals.toReversed()) context.emitter.set(local)
}
