// SPDX-License-Identifier: GPL-2.0-only
import type { CallBase, Type } from '@pfo-workbench/ir'
import type { FilledPlace, FunctionContract } from '../contracts/schema.ts'
import type { PathLedger } from '../findings/ledger.ts'
import { type MemoryObject, integer, opaque, pointerTo, type Value } from '../value/value.ts'
import { pointerType } from './pointer-type.ts'
import { setOfOne, setOf } from '../value/intervals.ts'
import { callIntrinsic } from './intrinsics.ts'
import { bitsOf, evaluate } from './operands.ts'
import { PathEnd } from './path-end.ts'
import type { ActiveCall, Path } from './path.ts'

/** A body of at most this many instructions, including its callees, is executed even if it counts no references. */
const smallBody = 80

/** Maximum number of times that a function may be on the stack. */
const recursion = 2

/** Names of functions that probably drop or free their argument. */
export const releasingName: RegExp =
  /(^|_)(put|release|free|destroy|unregister|del|delete|remove|drop|unref|cleanup)(_|$)/

/** Runs the body of a function of the module. */
export type RunBody = (path: Path, name: string, args: readonly Value[]) => Value

/** Handles a call: by contract, by executing the body, or as an unknown function. */
export function runCall(
  path: Path,
  ledger: PathLedger,
  call: CallBase,
  frame: ActiveCall,
  runBody: RunBody,
): Value {
  const args = call.arguments.map((argument) =>
    argument.kind === 'metadata' ? opaque : evaluate(path, argument, frame),
  )
  if (call.callee.kind === 'asm') return path.unknownResult(call.type, 'asm')
  const callee = evaluate(path, call.callee, frame)
  const target =
    callee.kind === 'pointer' && callee.object.kind === 'function' && callee.offset === 0
      ? callee.object.name
      : null
  if (target === null) return unknownCall(path, ledger, path.show(callee), call, args)
  if (target.startsWith('llvm.')) return callIntrinsic(path, target, call, args)
  const contract = path.context.contracts.function(target)
  if (contract !== undefined) return callByContract(path, ledger, target, contract, call.type, args)
  const { facts } = path.context
  const body = facts.of(target)
  const wanted =
    facts.countsReferences(target) ||
    facts.sizeWithCallees(target) <= smallBody ||
    args.some((value) => isOwnedHere(path, ledger, value))
  if (body !== null && wanted && !facts.isIdle(target)) {
    const depth = path.frames.filter((open) => open.facts === body).length
    const isTooDeep = path.frames.length >= path.context.limits.depth
    if (!isTooDeep && depth < recursion) return runBody(path, target, args)
    // Recursion is bounded like a loop, so the exploration still counts as exact.
    if (isTooDeep) path.approximate = true
  }
  return unknownCall(path, ledger, target, call, args)
}

function objectOf(path: Path, given: Value): MemoryObject | null {
  const value = path.know(given)
  if (value.kind === 'pointer') return value.object
  return value.kind === 'undecided' ? value.symbol.object : null
}

function isOwnedHere(path: Path, ledger: PathLedger, value: Value): boolean {
  const object = objectOf(path, value)
  return object !== null && ledger.of(object).some(({ owned }) => owned > 0)
}

function useArguments(
  path: Path,
  ledger: PathLedger,
  name: string,
  args: readonly Value[],
  except: readonly number[],
): void {
  args.forEach((value, i) => {
    const object = except.includes(i) ? null : objectOf(path, value)
    if (object !== null) ledger.use(object, name)
  })
}

/** A callee may write to local variables whose address it receives. */
function forgetVariables(path: Path, ledger: PathLedger, args: readonly Value[]): void {
  for (const value of args) {
    const object = objectOf(path, value)
    if (object?.kind !== 'stack') continue
    path.memory.forget(object, (target) => ledger.of(target).some(({ owned }) => owned > 0))
  }
}

/** Calls an unknown function. It may return anything and change numbers, but it takes and drops no references. */
function unknownCall(
  path: Path,
  ledger: PathLedger,
  name: string,
  call: CallBase,
  args: readonly Value[],
): Value {
  const fn = path.context.module.functions.get(name)
  if (fn?.attributes.has('noreturn') === true || call.attributes.has('noreturn'))
    throw new PathEnd('no-return')
  useArguments(path, ledger, name, args, [])
  forgetVariables(path, ledger, args)
  args.forEach((value, i) => {
    const object = objectOf(path, value)
    const pointer = path.know(value)
    if (pointer.kind === 'undecided') pointer.symbol.given = true
    if (object === null) return
    object.given = true
    if (releasingName.test(name)) {
      object.lastEnded = path.executed
      ledger.doubt(object, { kind: 'dropped-by', function: name })
    } else if (pointerType(path.context.module, name, i) === 'void') {
      ledger.doubt(object, { kind: 'kept-by', function: name })
    }
  })
  return path.unknownResult(call.type, name)
}

function callByContract(
  path: Path,
  ledger: PathLedger,
  name: string,
  contract: FunctionContract,
  type: Type,
  args: readonly Value[],
): Value {
  if (contract.noReturn === true) throw new PathEnd('no-return')
  const drops = contract.drops ?? []
  useArguments(path, ledger, name, args, [...drops, ...(contract.frees ?? []), ...(contract.takes ?? [])])
  forgetVariables(path, ledger, args)
  const className = contract.class ?? ''
  for (const place of contract.empties ?? []) empty(path, ledger, name, className, place, args)
  for (const i of drops) ledger.drop(args[i] ?? opaque, className, name, contract.cursor === i)
  fill(path, ledger, name, contract, contract.fills, contract.failure ?? 'null', args)
  for (const i of contract.takes ?? []) ledger.take(args[i] ?? opaque, className, name)
  for (const i of contract.handsOver ?? []) ledger.handOver(args[i] ?? opaque)
  for (const i of contract.begins ?? []) ledger.begin(args[i] ?? opaque, className, name)
  for (const i of contract.frees ?? []) {
    const object = objectOf(path, args[i] ?? opaque)
    if (object !== null) object.freed = true
  }
  if (contract.onSuccess !== undefined) return callWithOutcome(path, ledger, name, contract, type, args)
  const { returns } = contract
  if (returns === undefined) return path.unknownResult(type, name)
  if (returns === 'reference') {
    const pointer = found(path, ledger, name, contract)
    const object = objectOf(path, pointer)
    if (object !== null) object.matched = isMatchedByFile(path, args[contract.matchedBy ?? -1])
    return pointer
  }
  if (returns === 'errno') {
    const result = path.namedSymbol(bitsOf(path, type), { kind: 'call', function: name })
    path.constraints.restrict(result, result.bits, setOf([[0n, 0n], ...negative(result.bits)]))
    return result
  }
  if ('argument' in returns) return args[returns.argument] ?? opaque
  if ('constant' in returns) return integer(BigInt(returns.constant), bitsOf(path, type))
  const owner = args[returns.dataOf]
  const reference = owner === undefined ? null : ledger.referenceOf(owner, className)
  const data = path.newPointer({ kind: 'call', function: name }, { dataOf: reference?.object ?? null })
  data.symbol.mayBeError = false
  return data
}

/** Calls a function whose effects depend on its success. Splits the path; on one of the two paths it returns 0. */
function callWithOutcome(
  path: Path,
  ledger: PathLedger,
  name: string,
  contract: FunctionContract,
  type: Type,
  args: readonly Value[],
): Value {
  const bits = bitsOf(path, type)
  const result = path.namedSymbol(bits, { kind: 'call', function: name })
  if (!path.conditions.within(result, bits, setOfOne(0n), `${name}() == 0`, `${name}() < 0`)) {
    path.constraints.restrict(result, bits, setOf(negative(bits)))
    return result
  }
  const { takes, fills, handsOver, holds } = contract.onSuccess ?? {}
  for (const i of takes ?? []) ledger.take(args[i] ?? opaque, contract.class ?? '', name)
  fill(path, ledger, name, contract, fills, contract.failure ?? 'never', args)
  for (const i of handsOver ?? []) ledger.handOver(args[i] ?? opaque)
  for (const i of holds ?? []) ledger.hold(args[i] ?? opaque)
  return integer(0n, bits)
}

const pointerInMemory: Type = { kind: 'pointer', addressSpace: 0 }

/** Sets pointers to new objects with one reference each. */
function fill(
  path: Path,
  ledger: PathLedger,
  name: string,
  contract: FunctionContract,
  places: readonly FilledPlace[] | undefined,
  failure: NonNullable<FunctionContract['failure']>,
  args: readonly Value[],
): void {
  for (const place of places ?? []) {
    const address = addressOf(path, place, args)
    if (address === null) continue
    path.memory.store(address, found(path, ledger, name, { ...contract, failure }), pointerInMemory)
  }
}

/** The objects that the pointers at the places point to. Pointers to no known object are left out. */
export function objectsFilled(
  path: Path,
  places: readonly FilledPlace[] | undefined,
  args: readonly Value[],
): ReadonlySet<MemoryObject> {
  const objects = new Set<MemoryObject>()
  for (const place of places ?? []) {
    const address = addressOf(path, place, args)
    const object = address === null ? null : objectOf(path, path.memory.load(address, pointerInMemory))
    if (object !== null) objects.add(object)
  }
  return objects
}

/** Drops the reference that a pointer in a structure holds, and clears the pointer. */
function empty(
  path: Path,
  ledger: PathLedger,
  name: string,
  className: string,
  place: FilledPlace,
  args: readonly Value[],
): void {
  const address = addressOf(path, place, args)
  if (address === null) return
  ledger.drop(path.memory.load(address, pointerInMemory), className, name)
  path.memory.store(address, integer(0n, path.pointerBits), pointerInMemory)
}

/** The address of a pointer in the structure that an argument points to; null without a structure or such a field. */
function addressOf(
  path: Path,
  place: FilledPlace,
  args: readonly Value[],
): ReturnType<Path['follow']> | null {
  const structure = path.know(args[place.argument] ?? opaque)
  const offset = offsetOf(path, place)
  if (structure.kind === 'integer' || structure.kind === 'opaque' || offset === null) return null
  const at = path.follow(structure)
  const [struct = 'of_phandle_args'] = place.field?.split('.') ?? []
  return { ...at, offset: at.offset + offset, field: { struct: `struct.${struct}`, offset } }
}

/** The offset of a pointer in its structure, in bytes; null if the debug information has no such field. */
export function offsetOf(path: Path, { offset, field }: FilledPlace): number | null {
  if (field === undefined) return offset
  const { debug } = path.context.module
  const [struct = '', wanted] = field.split('.')
  const member = debug.fields(debug.structNamed(struct)).find(({ name }) => name === wanted)
  return member === undefined ? null : Math.floor(member.bitOffset / 8)
}

/** True if the file defines the match function of a search. */
function isMatchedByFile(path: Path, match: Value | undefined): boolean {
  const object = match === undefined ? null : objectOf(path, match)
  return object?.kind === 'function' && path.context.module.functions.get(object.name)?.defined === true
}

/** A pointer to a new counted object with one reference. It may still be NULL or an error, as `failure` says. */
function found(path: Path, ledger: PathLedger, name: string, contract: FunctionContract): Value {
  const object = path.newObject('counted', `${name}()`)
  ledger.found(object, contract.class ?? '', name)
  const failure = contract.failure ?? 'null'
  if (failure === 'never') return pointerTo(object)
  const result = path.newPointer({ kind: 'call', function: name })
  result.symbol.object = object
  result.symbol.mayBeNull = failure !== 'error'
  result.symbol.mayBeError = failure !== 'null'
  return result
}

function negative(bits: number): readonly (readonly [bigint, bigint])[] {
  return [[1n << BigInt(bits - 1), (1n << BigInt(bits)) - 1n]]
}
