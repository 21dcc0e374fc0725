// SPDX-License-Identifier: GPL-2.0-only
import type { FunctionContract } from '../contracts/schema.ts'
import { pointedTo } from '../findings/at-return.ts'
import { isHeld, type PathLedger } from '../findings/ledger.ts'
import { offsetOf } from '../path/calls.ts'
import type { Path } from '../path/path.ts'
import { contains, single } from '../value/intervals.ts'
import type { MemoryObject, Value } from '../value/value.ts'

/**
 * A difference between the effect of a function on references, on one path, and the contract of the function.
 * `argument`, `returned`: the caller gets another number of references. `not-filled`: a pointer that the contract fills
 * has no reference. `lost`: a reference is left that the caller cannot reach. `dropped`: the function drops a reference
 * that it does not own.
 */
export type Deviation =
  | {
      readonly kind: 'argument'
      readonly argument: number
      readonly expected: number
      readonly actual: number
    }
  | { readonly kind: 'returned'; readonly expected: number; readonly actual: number; readonly object: string }
  | { readonly kind: 'not-filled'; readonly argument: number; readonly offset: number }
  | { readonly kind: 'lost'; readonly object: string }
  | { readonly kind: 'dropped'; readonly object: string }

/** Success or failure of a function; `open` if nothing is known about its result. */
type FunctionResult = 'success' | 'failure' | 'open'

/**
 * Compares one path of a function's body, at its return, with the function's contract. References that the path still
 * owns count as passed to the caller, if the caller can reach the object through an argument, a filled structure or
 * the result.
 */
export function differencesAtReturn(
  path: Path,
  ledger: PathLedger,
  returned: Value,
  contract: FunctionContract,
  args: readonly Value[],
): readonly Deviation[] {
  const differences: Deviation[] = []
  const outcome = outcomeOf(path, returned)
  const result = pointedTo(path, returned)
  const counted = path.context.contracts.countedClass(contract.class ?? '')
  const owned = (object: MemoryObject): number =>
    ledger
      .of(object)
      .filter((reference) => contract.class === undefined || reference.class === counted)
      .reduce((sum, reference) => sum + (isHeld(reference) ? 0 : reference.owned), 0)
  const judged = new Set<MemoryObject>()
  const givesReference = contract.returns === 'reference'

  args.forEach((given, i) => {
    const object = followed(path, given)
    if (object === null || object.absent || judged.has(object)) return
    judged.add(object)
    // Counting cannot show who owns the first reference, or who drops a reference that was handed over.
    const isHanded = [contract.begins, contract.handsOver, contract.onSuccess?.handsOver].some(
      (list) => count(list, i) > 0,
    )
    if (isHanded) return
    const always = count(contract.takes, i) - count(contract.drops, i)
    const onSuccess = count(contract.onSuccess?.takes, i)
    if (onSuccess !== 0 && outcome === 'open') return
    const isResult = result.has(object) && givesReference ? 1 : 0
    const expected = always + (outcome === 'success' ? onSuccess : 0) + isResult
    const actual = owned(object)
    // A callee that holds the object may have its own reference.
    const holds = outcome !== 'failure' && count(contract.onSuccess?.holds, i) > 0
    if (actual !== expected && !(holds && actual > expected))
      differences.push({ kind: 'argument', argument: i, expected, actual })
  })

  const from = followed(path, returned)
  if (givesReference && from?.kind === 'outside') result.add(from)
  for (const object of result) {
    if (judged.has(object) || object.absent || object.kind === 'stack') continue
    judged.add(object)
    const isPointer = contract.returns === 'reference' || owned(object) !== 0
    const expected = givesReference ? 1 : 0
    if (isPointer && owned(object) !== expected)
      differences.push({ kind: 'returned', expected, actual: owned(object), object: object.name })
  }

  for (const place of contract.onSuccess?.fills ?? []) {
    const structure = followed(path, args[place.argument])
    const offset = offsetOf(path, place)
    if (structure === null || structure.absent || offset === null || outcome !== 'success') continue
    const cell = structure.cells.get('')?.get(offset)
    const filled = cell === undefined ? [] : [...pointedTo(path, cell.value)]
    for (const object of filled) judged.add(object)
    // Other code may have filled a structure that was passed to it.
    if (structure.given) continue
    if (filled.length === 0 || filled.some((object) => owned(object) < 1))
      differences.push({ kind: 'not-filled', argument: place.argument, offset })
  }
  const isEmptied = ({ readFrom }: MemoryObject): boolean =>
    (contract.empties ?? []).some(
      (place) =>
        readFrom !== null &&
        readFrom.object === followed(path, args[place.argument]) &&
        readFrom.offset === offsetOf(path, place),
    )

  for (const { object, class: name, origin, local } of ledger.all()) {
    if (judged.has(object) || object.absent || (contract.class !== undefined && name !== counted)) continue
    // An object that existed before the call may be held until another function drops it.
    if (owned(object) > 0 && local)
      differences.push({ kind: 'lost', object: origin.text === '' ? origin.from : origin.text })
    // A pointer that an unknown function left in a local variable may carry a reference.
    else if (owned(object) < 0 && object.kind !== 'returned' && object.readFrom?.object.kind !== 'stack') {
      if (!isEmptied(object)) differences.push({ kind: 'dropped', object: object.name })
    }
  }
  return differences
}

function count(list: readonly number[] | undefined, i: number): number {
  return list?.filter((n) => n === i).length ?? 0
}

function objectOf(path: Path, given: Value): MemoryObject | null {
  const value = path.know(given)
  if (value.kind === 'pointer') return value.object
  return value.kind === 'undecided' ? value.symbol.object : null
}

/** The object of a pointer, if the pointer has one, even if the path never dereferenced the pointer. */
function followed(path: Path, given: Value | undefined): MemoryObject | null {
  if (given === undefined) return null
  const value = path.know(given)
  return value.kind === 'undecided' ? path.objectOf(value.symbol) : objectOf(path, value)
}

function outcomeOf(path: Path, returned: Value): FunctionResult {
  const value = path.know(returned)
  if (value.kind === 'integer') return value.value === 0n ? 'success' : 'failure'
  if (value.kind === 'symbol' || value.kind === 'expression') {
    const domain = path.constraints.domain(value, value.bits)
    if (single(domain) === 0n) return 'success'
    if (!contains(domain, 0n)) return 'failure'
  }
  return 'open'
}
