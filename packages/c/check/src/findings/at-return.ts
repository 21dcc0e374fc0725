// SPDX-License-Identifier: GPL-2.0-only
import { type FieldPlace, type MemoryObject, type Value } from '../value/value.ts'
import type { Path } from '../path/path.ts'
import type { Origin, PathStep } from './finding.ts'
import { allocatingName, isHeld, type PathLedger, type Reference } from './ledger.ts'

/** A place that outlives the call and points to a counted object. */
interface Holder {
  readonly object: MemoryObject
  readonly field: FieldPlace | null
}

/** Effect of a function on a field of a structure. Used to pair the functions of a file. */
export interface FieldUse {
  /** `struct.field`, or the name of a variable at file scope. */
  readonly field: string
  /**
   * `stores`: leaves a reference in the field. `stores-unowned`: leaves a pointer without a reference. `takes`: leaves
   * an additional reference on the object that the field points to. `drops`: drops the reference that the field held.
   */
  readonly kind: 'stores' | 'stores-unowned' | 'takes' | 'drops'
  /** For a drop: the class of the dropped object. */
  readonly class?: string
  /** For `stores`: the object whose reference is left in the field. Null for the other kinds. */
  readonly stored: {
    readonly class: string
    readonly origin: Origin
    readonly at: PathStep
    readonly inVariable: boolean
  } | null
}

/**
 * The rules that are evaluated at the end of a path.
 *
 * - `leak`: references are owned, and the object is neither returned nor stored where it outlives the call.
 * - `returned-unowned`: a found object is returned after all its references were dropped.
 * - `stored-unowned`: the same, for a stored object.
 * - `put-of-argument`: a reference of the caller was dropped.
 * - `drop-stored`: a reference that was found in a field was dropped.
 * - `put-of-owned-field`: the same, for a field whose reference belongs to a structure that remains in use.
 *
 * @param expected - objects whose reference goes to the caller according to the function's own contract.
 * @returns the effects of the path on fields, for rules that look at all functions of the file.
 */
export function examineReturn(
  path: Path,
  ledger: PathLedger,
  returned: Value,
  expected: ReadonlySet<MemoryObject>,
): readonly FieldUse[] {
  const fails = isFailure(path, returned)
  const { holders, others } = findHolders(path, returned, fails)
  const result = pointedTo(path, returned)
  const uses: FieldUse[] = []
  for (const reference of ledger.all()) {
    const { object } = reference
    const held = (holders.get(object) ?? []).filter(
      (holder) => reference.owned > 0 || !isReleased(ledger, holder.object),
    )
    if (reference.owned > 0) {
      // The function did not take this reference: the caller passes it by contract, or the count was initialized here.
      const isGiven = !reference.local && reference.taken.length === 0
      if (held.length === 0 && !result.has(object) && !isGiven && !expected.has(object))
        leak(path, ledger, reference, uses, leadsInto(path, returned, object))
      for (const holder of held) addUse(uses, path, holder, 'stores', reference)
    } else if (reference.owned === 0 && reference.local && !isHeld(reference)) {
      if (result.has(object)) ledger.wrong('returned-unowned', 'error', reference, {})
      else if (held[0] !== undefined && reference.released && !held.every((holder) => isLent(path, holder))) {
        // A variable at file scope has no release function that might drop the reference.
        const inVariable = held[0].object.kind === 'global'
        // The pointers of a structure are not used after a failed setup. For a variable, this depends on the callers.
        if (fails && !inVariable) continue
        const severity = inVariable && held[0].field === null && !fails ? 'error' : 'question'
        ledger.wrong('stored-unowned', severity, reference, { field: nameOf(path, held[0]) })
        for (const holder of held) addUse(uses, path, holder, 'stores-unowned')
      }
    } else if (reference.owned === 0 && reference.local && !reference.released) {
      // The reference was handed over; another function may drop it from this holder.
      for (const holder of held) uses.push({ field: nameOf(path, holder), kind: 'takes', stored: null })
    } else if (reference.owned < 0 && !isHeld(reference)) {
      surplusDrop(path, ledger, reference, uses, isIteration(ledger, reference.class, result))
    }
  }
  for (const [object, places] of holders) {
    const counted = ledger.of(object).some(({ owned, local }) => owned > 0 || local)
    if (counted || object.kind !== 'outside') continue
    for (const holder of places) addUse(uses, path, holder, 'stores-unowned')
  }
  for (const holder of others) addUse(uses, path, holder, 'stores-unowned')
  return uses
}

/** True if a function returns an error number, or an error pointer. */
function isFailure(path: Path, returned: Value): boolean {
  const value = path.know(returned)
  if (value.kind === 'integer') return isErrorNumber(value.value, value.bits)
  if (value.kind !== 'symbol' && value.kind !== 'expression') return false
  const domain = path.constraints.domain(value, value.bits)
  if (domain.length > 0 && domain.every(([low]) => low >= 1n << BigInt(value.bits - 1))) return true
  // `PTR_ERR()` truncated to int, or an int sign-extended, is still an error number.
  const isConverted = value.kind === 'expression' && (value.operator === 'trunc' || value.operator === 'sext')
  const [inner] = isConverted ? value.operands : []
  return inner !== undefined && isErrorRange(path, inner)
}

/** True if a value can only be an error number. */
function isErrorRange(path: Path, given: Value): boolean {
  const value = path.know(given)
  if (value.kind === 'integer') return isErrorNumber(value.value, value.bits)
  if (value.kind !== 'symbol' && value.kind !== 'expression') return false
  const lowest = (1n << BigInt(value.bits)) - 4095n
  const domain = path.constraints.domain(value, value.bits)
  return domain.length > 0 && domain.every(([low]) => low >= lowest)
}

function isErrorNumber(value: bigint, bits: number): boolean {
  const signed = BigInt.asIntN(bits, value)
  return signed < 0n && signed >= -4095n
}

/** Memory that devres frees when the probe of a device fails. */
const devresMemory = /^devm_\w*alloc\w*\(\)$/

/** True if the subsystem only borrows the object in this field. */
function isLent(path: Path, { field }: Holder): boolean {
  const name = path.fieldName(field)
  return name !== null && path.context.contracts.droppedBy(name) === 'storer'
}

/** A structure whose last reference was dropped keeps nothing: its release function has run. */
function isReleased(ledger: PathLedger, object: MemoryObject): boolean {
  return ledger.of(object).some(({ released }) => released)
}

/**
 * True if the returned value, or data that it points to, was read from an object. The caller can then reach the object.
 */
function leadsInto(path: Path, returned: Value, object: MemoryObject): boolean {
  const seen = new Set<MemoryObject>()
  const open = [...pointedTo(path, returned)]
  const value = path.know(returned)
  if (value.kind === 'undecided' && value.symbol.makes.readFrom?.object === object) return true
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next) || seen.size > 64) continue
    seen.add(next)
    for (let from = next.readFrom; from !== null; from = from.object.readFrom)
      if (from.object === object) return true
    for (const cells of next.cells.values()) {
      for (const { value: inside } of cells.values()) open.push(...pointedTo(path, inside))
    }
  }
  return false
}

function leak(
  path: Path,
  ledger: PathLedger,
  reference: Reference,
  uses: FieldUse[],
  isFindable: boolean,
): void {
  const { owned, local, dropped, object } = reference
  // Another function may drop the reference from the field that the object was read from.
  const field = local ? null : path.fieldName(object.readFrom?.field ?? null)
  if (field !== null) uses.push({ field, kind: 'takes', stored: null })
  const isHeldOpen =
    path.context.contracts.class(reference.class)?.heldOpen === true &&
    ((!local && dropped.length === 0) || isFindable)
  const doubt = reference.doubt ?? (isHeldOpen ? { kind: 'held-open' as const } : null)
  const origins = new Map(
    reference.owners.map((origin) => [
      [origin.function, origin.from, origin.text, origin.ordinal].join('|'),
      origin,
    ]),
  )
  for (const origin of origins.values()) {
    ledger.wrong(
      'leak',
      doubt === null ? 'error' : 'question',
      { ...reference, origin },
      {
        owned,
        ...(field === null ? {} : { field }),
        // An additional reference on an object that was passed to another function before.
        ...(object.given && (!local || reference.taken.length > 1) ? { mayBeKept: true } : {}),
        ...(doubt === null ? {} : { doubt }),
      },
    )
  }
}

/** More references were dropped than taken, on an object from outside. */
function surplusDrop(
  path: Path,
  ledger: PathLedger,
  reference: Reference,
  uses: FieldUse[],
  isIterator: boolean,
): void {
  const { object } = reference
  // An unknown function may have returned the object with a reference.
  if (object.kind === 'returned') return
  if (object.argument !== null) {
    // Objects of a held-open class are taken by some functions and dropped by others.
    const isHeldOpen = path.context.contracts.class(reference.class)?.heldOpen === true
    ledger.wrong('put-of-argument', isIterator || isHeldOpen ? 'question' : 'error', reference, {
      ...(reference.droppedBySearch ? { bySearch: true } : {}),
    })
    return
  }
  const from = object.readFrom
  // A pointer that an unknown function left in a local variable may carry a reference.
  if (from === null || from.object.kind === 'stack') return
  const field = path.fieldName(from.field) ?? from.object.name
  // No other code has stored anything in memory that was allocated here.
  const isNew = from.object.kind === 'returned' && allocatingName.test(from.object.name)
  if (!isNew) uses.push({ field, kind: 'drops', class: reference.class, stored: null })
  if (from.object.freed || replaced(path, from.object, from.offset, object)) return
  const owner = path.fieldName(from.field)
  const ownedByStructure = owner !== null && path.context.contracts.droppedBy(owner) === 'structure'
  const mayEnd = from.object.lastEnded > reference.lastDrop
  if (ownedByStructure && !mayEnd) ledger.wrong('put-of-owned-field', 'error', reference, { field })
  else ledger.wrong('drop-stored', 'question', reference, { field })
}

/** True if a function iterates: it drops the object that it is given and returns another one. */
function isIteration(ledger: PathLedger, className: string, returned: ReadonlySet<MemoryObject>): boolean {
  return [...returned].some((object) =>
    ledger.of(object).some((reference) => reference.class === className && reference.owned > 0),
  )
}

/** True if a field no longer points to the object that was read from it. */
function replaced(path: Path, holder: MemoryObject, offset: number, object: MemoryObject): boolean {
  const cell = holder.cells.get('')?.get(offset)
  return cell !== undefined && !cell.lazy && !pointedTo(path, cell.value).has(object)
}

function addUse(
  uses: FieldUse[],
  path: Path,
  holder: Holder,
  kind: FieldUse['kind'],
  reference: Reference | null = null,
): void {
  uses.push({
    field: nameOf(path, holder),
    kind,
    stored:
      reference === null
        ? null
        : {
            class: reference.class,
            origin: reference.origin,
            at: path.step(''),
            inVariable: isDefinedHere(path, holder.object),
          },
  })
}

/** True for a global variable that this module defines. Code that drops its reference is expected in the same file. */
function isDefinedHere(path: Path, { kind, name }: MemoryObject): boolean {
  return kind === 'global' && path.context.module.globals.get(name)?.initializer != null
}

function nameOf(path: Path, { object, field }: Holder): string {
  return path.fieldName(field) ?? object.name
}

/** The objects that a value points to. */
export function pointedTo(path: Path, given: Value, into: Set<MemoryObject> = new Set()): Set<MemoryObject> {
  const value = path.know(given)
  if (value.kind === 'pointer') into.add(value.object)
  else if (value.kind === 'undecided' && value.symbol.object !== null) into.add(value.symbol.object)
  else if (value.kind === 'aggregate') for (const element of value.elements) pointedTo(path, element, into)
  else if (value.kind === 'expression' && pointerArithmetic.has(value.operator)) {
    for (const operand of value.operands) pointedTo(path, operand, into)
  }
  return into
}

/**
 * A pointer with a flag in its lowest bits, or truncated to an integer, still counts as the pointer. A comparison does
 * not.
 */
const pointerArithmetic: ReadonlySet<string> = new Set(['add', 'sub', 'and', 'or', 'zext', 'trunc'])

/**
 * For each object, the places that outlive the call and were set to its address on this path. Also the places that were
 * set to pointers from outside that were never dereferenced.
 */
function findHolders(
  path: Path,
  returned: Value,
  fails: boolean,
): { holders: ReadonlyMap<MemoryObject, readonly Holder[]>; others: readonly Holder[] } {
  const holders = new Map<MemoryObject, Holder[]>()
  const others: Holder[] = []
  const reached = new Set<MemoryObject>()
  const open: MemoryObject[] = []
  const reach = (object: MemoryObject): void => {
    if (reached.has(object) || object.freed || object.absent) return
    if (fails && object.kind === 'returned' && devresMemory.test(object.name)) return
    reached.add(object)
    open.push(object)
  }
  for (const object of path.objects) if (object.outlives) reach(object)
  for (const object of pointedTo(path, returned)) reach(object)
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    for (const cells of object.cells.values()) {
      for (const cell of cells.values()) {
        if (cell.lazy) continue
        const value = path.know(cell.value)
        if (
          value.kind === 'undecided' &&
          value.symbol.object === null &&
          value.symbol.makes.kind === 'outside'
        ) {
          others.push({ object, field: cell.field })
        }
        for (const target of pointedTo(path, cell.value)) {
          if (target === object) continue
          let known = holders.get(target)
          if (known === undefined) holders.set(target, (known = []))
          known.push({ object, field: cell.field })
          reach(target)
        }
      }
    }
  }
  return { holders, others }
}
