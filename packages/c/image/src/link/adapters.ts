// SPDX-License-Identifier: GPL-2.0-only
import { type Signature, type WasmType } from '@pfo-workbench/object'
import { Emitter, op, type NameTable } from '@pfo-workbench/object/wasm'

/** Emits a function that calls a function of another signature. Arguments and results that are missing are 0. */
export function emitAdapter(names: NameTable, from: Signature, to: Signature): Emitter {
  const emitter = new Emitter(names, from.parameters.length)
  for (const [i, wanted] of to.parameters.entries()) {
    const given = from.parameters[i]
    if (given === undefined) zero(emitter, wanted)
    else {
      emitter.get(i)
      convert(emitter, given, wanted)
    }
  }
  emitter.call('target', to)
  const results = to.results.map((type) => emitter.local(type))
  for (const local of results.toReversed()) emitter.set(local)
  for (const [i, wanted] of from.results.entries()) {
    const local = results[i]
    const given = to.results[i]
    if (local === undefined || given === undefined) zero(emitter, wanted)
    else {
      emitter.get(local)
      convert(emitter, given, wanted)
    }
  }
  return emitter
}

/** Number of arguments that `enter` gets. */
const watchedArguments = 4

/** Emits a function that calls `enter`, the watched function and `leave`. */
export function emitWrapper(names: NameTable, signature: Signature): Emitter {
  const emitter = new Emitter(names, signature.parameters.length)
  emitter.enterFrame()
  emitter.linkedNumber('watch', 0)
  for (let i = 0; i < watchedArguments; i++) {
    const type = signature.parameters[i]
    if (type === undefined) emitter.i64(0n)
    else {
      emitter.get(i)
      convert(emitter, type, 'i64')
    }
  }
  emitter.callRuntime('enter')
  for (const [i] of signature.parameters.entries()) emitter.get(i)
  emitter.call('target', signature)
  const results = signature.results.map((type) => emitter.local(type))
  for (const local of results.toReversed()) emitter.set(local)
  emitter.linkedNumber('watch', 0)
  const [first] = results
  const [type] = signature.results
  if (first === undefined || type === undefined) emitter.i64(0n)
  else {
    emitter.get(first)
    convert(emitter, type, 'i64')
  }
  emitter.callRuntime('leave')
  emitter.leaveFrame()
  for (const local of results) emitter.get(local)
  return emitter
}

function convert(emitter: Emitter, from: WasmType, to: WasmType): void {
  if (from === 'i32' && to === 'i64') emitter.op(op.i64ExtendI32U)
  else if (from === 'i64' && to === 'i32') emitter.op(op.i32WrapI64)
}

function zero(emitter: Emitter, type: WasmType): void {
  if (type === 'i32') emitter.i32(0)
  else emitter.i64(0n)
}
