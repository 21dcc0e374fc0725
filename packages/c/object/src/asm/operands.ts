// SPDX-License-Identifier: GPL-2.0-only
import type { AsmValue, CallBranchInstruction, CallInstruction, Value } from '@pfo-workbench/ir'
import { emitZeroExtended } from '../lower/casts.ts'
import type { FunctionContext } from '../lower/context.ts'
import { flatten, leaves } from '../lower/flatten.ts'
import { Untranslatable } from '../lower/untranslatable.ts'

/** An operand of inline assembler. */
export type AsmOperand =
  /** A register or an immediate, held in a local. */
  | { readonly kind: 'register'; readonly local: number; readonly constant: bigint | null }
  /** A memory operand; the local holds its address. */
  | { readonly kind: 'memory'; readonly local: number }
  /** A label of `asm goto`: its position among the indirect targets. */
  | { readonly kind: 'label'; readonly target: number }

/** Operands by number, and the locals of the outputs, in order. */
export interface AsmOperands {
  readonly all: readonly AsmOperand[]
  readonly results: readonly number[]
}

/** Binds the arguments of the call to operands, according to LLVM's constraints. @throws Untranslatable */
export function bindOperands(
  context: FunctionContext,
  call: CallInstruction | CallBranchInstruction,
  callee: AsmValue,
): AsmOperands {
  const all: AsmOperand[] = []
  const results: number[] = []
  let argument = 0
  let labels = 0
  const next = (): Value => {
    const value = call.arguments[argument++]
    if (value === undefined) throw new Untranslatable('assembler with too few operands')
    return value
  }
  for (const constraint of callee.constraints.split(',')) {
    if (constraint === '' || constraint.startsWith('~')) continue
    if (constraint.startsWith('!')) {
      all.push({ kind: 'label', target: labels++ })
      continue
    }
    if (constraint.includes('*')) {
      const local = context.emitter.local('i64')
      context.push(next())
      context.emitter.set(local)
      all.push({ kind: 'memory', local })
      continue
    }
    if (constraint.startsWith('=')) {
      const local = context.emitter.local('i64')
      results.push(local)
      all.push({ kind: 'register', local, constant: null })
      continue
    }
    const value = next()
    const tied = /^\d+$/.test(constraint) ? all[Number(constraint)] : undefined
    if (tied !== undefined && tied.kind !== 'register')
      throw new Untranslatable('assembler with a tied operand in memory')
    const local = tied?.local ?? context.emitter.local('i64')
    if (flatten(value.type).length !== 1) throw new Untranslatable('assembler with a wide operand')
    emitZeroExtended(context, value)
    context.emitter.set(local)
    all.push({ kind: 'register', local, constant: value.kind === 'integer' ? value.value : null })
  }
  const parts = leaves(call.type, context.unit.layout).filter(({ type }) => type.kind !== 'void')
  if (parts.length !== results.length) throw new Untranslatable('assembler with other results than outputs')
  return { all, results }
}
