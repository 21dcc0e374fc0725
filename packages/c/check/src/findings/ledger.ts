// SPDX-License-Identifier: GPL-2.0-only
import { type MemoryObject, type Value } from '../value/value.ts'
import type { Path } from '../path/path.ts'
import type { Doubt, FindingData, Origin, Place, Rule, Severity } from './finding.ts'

/** The references that this call of the entry function has to one object. */
export interface Reference {
  readonly object: MemoryObject
  readonly class: string
  /** Taken minus dropped; negative if a reference was dropped that somebody else took. */
  owned: number
  /** Whether a finder returned the object here. */
  readonly local: boolean
  origin: Origin
  /** Whether the object may be gone: no reference is left of those that are known. */
  released: boolean
  /** Whether a callee has a reference of its own, or the reference was handed over to one. */
  held: boolean
  /** Whether a use after the last drop was reported: what follows is the same fault. */
  useReported: boolean
  readonly taken: Place[]
  readonly dropped: Place[]
  /** When it was last dropped, in steps of the path. */
  lastDrop: number
  /** Whether a search that went on from the object dropped it. */
  droppedBySearch: boolean
  /** Why a leak of it would be a question. */
  doubt: Doubt | null
}

/** Functions that return memory of which nobody else knows. */
export const allocatingName: RegExp = /alloc/

/** Receives what the ledger finds wrong. */
export interface FindingSink {
  report(path: Path, rule: Rule, severity: Severity, reference: Reference, data: FindingData): void
}

/**
 * Counts references on one path. An object that a finder returned begins with one reference; what came from outside
 * with none. NULL is never counted.
 */
export class Ledger {
  private readonly references = new Map<MemoryObject, Map<string, Reference>>()
  private readonly path: Path
  private readonly sink: FindingSink

  constructor(path: Path, sink: FindingSink) {
    this.path = path
    this.sink = sink
  }

  /** Every reference of an object that there is, on this path. */
  *all(): Generator<Reference> {
    for (const [object, byClass] of this.references) {
      if (!object.absent) yield* byClass.values()
    }
  }

  /** What is known about an object. */
  of(object: MemoryObject): readonly Reference[] {
    return [...(this.references.get(object)?.values() ?? [])]
  }

  /** A finder returned an object with one reference. */
  found(object: MemoryObject, className: string, callee: string): void {
    const reference = this.open(object, className, true, this.path.originHere(callee))
    reference.owned = 1
    const place = this.path.place()
    if (place !== null) reference.taken.push(place)
  }

  /**
   * The count of an object begins with one reference. That of an object which was not allocated here may be left to the
   * caller of the entry function, or to whoever allocated it.
   */
  begin(value: Value, className: string, callee: string): void {
    const object = this.objectOf(value) ?? this.variableOf(value)
    if (object === null || this.of(object).some(({ local }) => local)) return
    // A variable at file scope is nobody else's either, and its name is allocated.
    const isOwn = object.kind === 'global' || (object.kind === 'returned' && allocatingName.test(object.name))
    if (isOwn) this.found(object, className, callee)
    else {
      const reference = this.referenceOf(value, className)
      if (reference !== null) reference.owned++
    }
  }

  /** The caller of the entry function gives a reference with an argument: its contract says that it is dropped. */
  given(value: Value, className: string): void {
    const reference = this.referenceOf(value, className)
    if (reference !== null) reference.owned++
  }

  /** One more reference. */
  take(value: Value, className: string, callee: string): void {
    const reference = this.referenceOf(value, className)
    if (reference === null) return
    if (reference.released && !isHeld(reference)) {
      const severity = this.isHeldElsewhere(reference) ? 'question' : 'error'
      this.wrong('use-after-put', severity, reference, { callee })
    }
    const place = this.path.place()
    if (place !== null) reference.taken.push(place)
    if (!reference.local && reference.owned === 0) reference.origin = this.path.originHere(callee)
    reference.owned++
    reference.released = false
    reference.useReported = false
  }

  /**
   * One reference less.
   *
   * - `double-put`: a found object whose references were all dropped before; or one from outside, dropped twice.
   * - `use-after-put`: the cursor of an iteration was dropped before it is advanced.
   */
  drop(value: Value, className: string, callee: string, bySearch = false): void {
    const reference = this.referenceOf(value, className)
    if (reference === null) return
    const place = this.path.place()
    const { object } = reference
    const lowest = reference.local ? 0 : -1
    // A pointer from elsewhere was equal to this one: it may have come with a reference of its own.
    if (reference.owned <= lowest && reference.released && object.knownOutside) return
    if (reference.owned <= lowest && reference.released) {
      this.wrong('double-put', this.isHeldElsewhere(reference) ? 'question' : 'error', reference, { callee })
      // The path goes on as if the surplus drop were not there: what comes later is judged on its own.
      return
    }
    if (place !== null) reference.dropped.push(place)
    reference.lastDrop = this.path.executed
    reference.droppedBySearch ||= bySearch
    reference.owned--
    if (reference.owned <= lowest) reference.released = true
  }

  /** The callee drops the reference later. */
  handOver(value: Value): void {
    const object = this.objectOf(value) ?? this.variableOf(value)
    if (object === null) return
    const known = this.of(object)
    if (known.length === 0) object.escaped = true
    for (const reference of known) {
      if (reference.owned > 0) reference.owned--
      reference.held = true
    }
  }

  /** The callee has a reference of its own. */
  hold(value: Value): void {
    const object = this.objectOf(value)
    for (const reference of object === null ? [] : this.of(object)) reference.held = true
  }

  /**
   * Something is done with an object: it is followed, or given to a function.
   *
   * - `use-after-put`: its references were dropped.
   * - `derived-use`: it is data of an object whose references were dropped.
   */
  use(object: MemoryObject, callee: string | null): void {
    if (object.absent) return
    for (const reference of this.of(object)) {
      if (reference.released && !isHeld(reference) && !reference.useReported) {
        reference.useReported = true
        // What an unknown function returned may have more references than those that were seen.
        // So may an object of a class that is held from one call to another.
        const severity = object.kind === 'returned' || this.isHeldElsewhere(reference) ? 'question' : 'error'
        this.wrong('use-after-put', severity, reference, callee === null ? {} : { callee })
      }
    }
    const owner = object.dataOf
    if (owner === null || owner.absent) return
    for (const reference of this.of(owner)) {
      if (reference.released && !isHeld(reference) && reference.owned <= 0) {
        this.wrong('derived-use', 'note', reference, callee === null ? {} : { callee })
      }
    }
  }

  /** An unknown function got an object: it may keep it or drop it. */
  doubt(object: MemoryObject, doubt: Doubt): void {
    for (const reference of this.of(object)) reference.doubt ??= doubt
  }

  /** The references that a value has in a class; null for NULL, code, and variables. */
  referenceOf(value: Value, className: string): Reference | null {
    const object = this.objectOf(value) ?? this.variableOf(value)
    if (object === null) return null
    const counted = this.path.context.contracts.countedClass(className)
    const known = this.references.get(object)?.get(counted)
    if (known !== undefined) return known
    if (object.kind === 'global') return null
    const from =
      object.argument !== null
        ? `argument ${object.name}`
        : (this.path.fieldName(object.readFrom?.field ?? null) ?? object.readFrom?.object.name ?? object.name)
    return this.open(object, counted, false, { from, function: '', text: '', ordinal: 0, place: null })
  }

  wrong(rule: Rule, severity: Severity, reference: Reference, data: FindingData): void {
    this.sink.report(this.path, rule, severity, reference, {
      ...data,
      taken: [...reference.taken],
      dropped: [...reference.dropped],
    })
  }

  private isHeldElsewhere({ class: name, local }: Reference): boolean {
    return !local && this.path.context.contracts.class(name)?.heldOpen === true
  }

  /** The variable at file scope that a value points to. */
  private variableOf(given: Value): MemoryObject | null {
    const value = this.path.know(given)
    return value.kind === 'pointer' && value.object.kind === 'global' ? value.object : null
  }

  private objectOf(given: Value): MemoryObject | null {
    const value = this.path.know(given)
    const object =
      value.kind === 'pointer'
        ? value.object
        : value.kind === 'undecided'
          ? this.path.objectOf(value.symbol)
          : null
    if (object === null || object.absent) return null
    return object.kind === 'function' || object.kind === 'global' || object.kind === 'stack' ? null : object
  }

  private open(object: MemoryObject, className: string, local: boolean, origin: Origin): Reference {
    const counted = this.path.context.contracts.countedClass(className)
    let byClass = this.references.get(object)
    if (byClass === undefined) this.references.set(object, (byClass = new Map<string, Reference>()))
    const reference: Reference = {
      object,
      class: counted,
      owned: 0,
      local,
      origin,
      released: false,
      held: false,
      useReported: false,
      taken: [],
      dropped: [],
      lastDrop: -1,
      droppedBySearch: false,
      doubt: null,
    }
    byClass.set(counted, reference)
    return reference
  }
}

/** Whether somebody is known to have a reference of his own. */
export function isHeld({ held, object }: Reference): boolean {
  return held || object.knownOutside
}
