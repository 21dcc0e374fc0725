// SPDX-License-Identifier: GPL-2.0-only
import { type MemoryObject, type Value } from '../value/value.ts'
import type { Path } from '../path/path.ts'
import type { Doubt, FindingData, Origin, SourceLine, Rule, Severity } from './finding.ts'

/** The references that this call of the entry function holds on one object. */
export interface Reference {
  readonly object: MemoryObject
  readonly class: string
  /** Taken minus dropped. Negative if the function dropped a reference that other code took. */
  owned: number
  /** True if a finder returned the object on this path. */
  readonly local: boolean
  origin: Origin
  /** True if the object may have been freed: none of the known references is left. */
  released: boolean
  /** True if a callee holds its own reference, or the reference was handed over to a callee. */
  held: boolean
  /** True if a use after the last drop was reported. Further uses are the same fault. */
  useReported: boolean
  readonly taken: SourceLine[]
  readonly dropped: SourceLine[]
  /** Sources of the owned references. The newest is last. */
  readonly owners: Origin[]
  /** Time of the last drop, in steps of the path; -1 if there was none. */
  lastDrop: number
  /** True if the reference was dropped by a search that continues from the object. */
  droppedBySearch: boolean
  /** Reason why a leak of the object would be only a question. */
  doubt: Doubt | null
}

/** Functions that return new memory, unknown to any other code. */
export const allocatingName: RegExp = /alloc/

/** Receives the faults that the ledger detects. */
export interface FindingSink {
  report(path: Path, rule: Rule, severity: Severity, reference: Reference, data: FindingData): void
}

/**
 * Counts references on one path. An object that a finder returned starts with one reference, an object from outside
 * with none. NULL is never counted.
 */
export class PathLedger {
  private readonly references = new Map<MemoryObject, Map<string, Reference>>()
  private readonly path: Path
  private readonly sink: FindingSink

  constructor(path: Path, sink: FindingSink) {
    this.path = path
    this.sink = sink
  }

  /** All references of all objects on this path. */
  *all(): Generator<Reference> {
    for (const [object, byClass] of this.references) {
      if (!object.absent) yield* byClass.values()
    }
  }

  /** The references on an object. */
  of(object: MemoryObject): readonly Reference[] {
    return [...(this.references.get(object)?.values() ?? [])]
  }

  /** A finder returned an object with one reference. */
  found(object: MemoryObject, className: string, callee: string): void {
    const reference = this.open(object, className, true, this.path.originHere(callee))
    reference.owned = 1
    reference.owners.push(reference.origin)
    const place = this.path.place()
    if (place !== null) reference.taken.push(place)
  }

  /**
   * The count of an object is initialized to one reference. If the object was not allocated here, that reference may
   * belong to the caller of the entry function, or to the code that allocated the object.
   */
  begin(value: Value, className: string, callee: string): void {
    const object = this.objectOf(value) ?? this.variableOf(value)
    if (object === null || this.of(object).some(({ local }) => local)) return
    // Nothing else owns a variable at file scope. A leak of its reference matters although the variable is never freed:
    // the name of the device is allocated memory.
    const isOwn = object.kind === 'global' || (object.kind === 'returned' && allocatingName.test(object.name))
    if (isOwn) this.found(object, className, callee)
    else {
      this.given(value, className)
    }
  }

  /**
   * The caller of the entry function passes a reference with an argument: the contract says that the function drops it.
   */
  given(value: Value, className: string): void {
    const reference = this.referenceOf(value, className)
    if (reference === null) return
    reference.owned++
    if (reference.owned > 0) reference.owners.push(reference.origin)
  }

  /** Takes a reference. Reports `use-after-put` if all known references were dropped before. */
  take(value: Value, className: string, callee: string): void {
    const reference = this.referenceOf(value, className)
    if (reference === null) return
    if (reference.released && !isHeld(reference)) {
      const severity = this.isHeldElsewhere(reference) ? 'question' : 'error'
      this.wrong('use-after-put', severity, reference, { callee })
    }
    const place = this.path.place()
    if (place !== null) reference.taken.push(place)
    const origin = this.path.originHere(callee)
    if (!reference.local && reference.owned === 0) reference.origin = origin
    reference.owned++
    if (reference.owned > 0) reference.owners.push(origin)
    reference.released = false
    reference.useReported = false
  }

  /**
   * Drops a reference. Reports `double-put` if all references of a found object were dropped before, or if an object
   * from outside is dropped a second time.
   *
   * @param bySearch - true if the callee is a search that continues from the object.
   */
  drop(value: Value, className: string, callee: string, bySearch = false): void {
    const reference = this.referenceOf(value, className)
    if (reference === null) return
    const place = this.path.place()
    const { object } = reference
    const lowest = reference.local ? 0 : -1
    // A pointer from elsewhere was equal to this one, so it may carry a reference of its own.
    if (reference.owned <= lowest && reference.released && object.knownOutside) return
    // The pointer was read from a structure that this path has freed. Only a second release of the structure leads to
    // this put, and the count of the structure prevents that.
    if (reference.owned <= lowest && reference.released && object.readFrom?.object.freed === true) return
    if (reference.owned <= lowest && reference.released) {
      this.wrong('double-put', this.isHeldElsewhere(reference) ? 'question' : 'error', reference, { callee })
      // The path continues as if the surplus drop had not happened, so that later faults are judged separately.
      return
    }
    if (place !== null) reference.dropped.push(place)
    reference.lastDrop = this.path.executed
    reference.droppedBySearch ||= bySearch
    reference.owned--
    this.endOne(reference, callee, bySearch)
    if (reference.owned <= lowest) reference.released = true
  }

  /**
   * Decides which of the owned references a drop ends. A search that continues from the object ends the oldest one,
   * which a search returned. Any other drop ends the newest reference that the same function took, or else the newest
   * one: a put of the caller does not end a reference that a callee took and leaked.
   */
  private endOne({ owners }: Reference, callee: string, bySearch: boolean): void {
    const here = this.path.originHere(callee).function
    const own = bySearch ? 0 : owners.findLastIndex((owner) => owner.function === here)
    owners.splice(own < 0 ? owners.length - 1 : own, 1)
  }

  /** Hands a reference over to a callee, which drops the reference later. */
  handOver(value: Value): void {
    const object = this.objectOf(value) ?? this.variableOf(value)
    if (object === null) return
    const known = this.of(object)
    if (known.length === 0) object.escaped = true
    for (const reference of known) {
      if (reference.owned > 0) {
        reference.owned--
        reference.owners.pop()
      }
      reference.held = true
    }
  }

  /** Notes that a callee holds its own reference. */
  hold(value: Value): void {
    const object = this.objectOf(value)
    for (const reference of object === null ? [] : this.of(object)) reference.held = true
  }

  /**
   * Code uses an object: it dereferences it, or passes it to a function.
   *
   * - `use-after-put`: its references were dropped.
   * - `derived-use`: it is data of an object whose references were dropped.
   */
  use(object: MemoryObject, callee: string | null): void {
    if (object.absent) return
    for (const reference of this.of(object)) {
      if (reference.released && !isHeld(reference) && !reference.useReported) {
        reference.useReported = true
        // An object that an unknown function returned may have more references than the known ones. The same is true
        // for an object of a class that is held from one call to another.
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

  /** Notes that an unknown function received an object and may keep or drop it. Only the first doubt is kept. */
  doubt(object: MemoryObject, doubt: Doubt): void {
    for (const reference of this.of(object)) reference.doubt ??= doubt
  }

  /**
   * The references on the object of a value, in a class. Null for NULL, code and variables, except for a variable at
   * file scope whose count was initialized on this path.
   */
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
      owners: [],
      lastDrop: -1,
      droppedBySearch: false,
      doubt: null,
    }
    byClass.set(counted, reference)
    return reference
  }
}

/** True if other code is known to hold its own reference. */
export function isHeld({ held, object }: Reference): boolean {
  return held || object.knownOutside
}
