// SPDX-License-Identifier: GPL-2.0-only
import type { PathLedger } from '../findings/ledger.ts'
import { type MemoryObject, type Value } from '../value/value.ts'
import type { Path } from '../path/path.ts'

/** The part of a state that matters: all of it, or only references, the stack, and pointers to counted objects. */
export type Precision = 'exact' | 'references'

/**
 * Returns a text that identifies the state of a function. With the precision `exact`, two states with the same text
 * behave the same from here on; `references` leaves out values that may matter. The text contains the position, the
 * live values, the reachable memory, the references, and the known facts about all symbols in these. Objects and
 * symbols are renumbered in the order of traversal, so the numbers that the path gave them do not matter.
 */
export function stateKey(path: Path, ledger: PathLedger, precision: Precision): string {
  return new StateKey(path, ledger, precision).text()
}

class StateKey {
  private readonly path: Path
  private readonly ledger: PathLedger
  private readonly precision: Precision
  private readonly objects = new Map<MemoryObject, number>()
  private readonly symbols = new Map<string, number>()
  private readonly queue: MemoryObject[] = []
  private readonly parts: string[] = []

  constructor(path: Path, ledger: PathLedger, precision: Precision) {
    this.path = path
    this.ledger = ledger
    this.precision = precision
  }

  text(): string {
    const { path, parts } = this
    for (const frame of path.frames) {
      const { facts, block, index } = frame
      parts.push(facts.function.name, block.name, String(index))
      const live = facts.live(block, index)
      for (const register of live.registers) {
        const value = frame.registers.get(register)
        if (value !== undefined) parts.push(this.value(value))
      }
      for (const [name, object] of frame.variables) {
        if (facts.isPlain(name) && !live.variables.has(name)) continue
        parts.push(name, this.object(object))
      }
    }
    for (const [name, object] of path.globalObjects()) {
      if (object.kind === 'global' && !object.constant && this.precision === 'exact')
        parts.push(name, this.object(object))
    }
    for (const reference of this.ledger.all()) {
      if (reference.owned !== 0 || reference.object.argument !== null) this.object(reference.object)
    }
    for (let object = this.queue.shift(); object !== undefined; object = this.queue.shift())
      this.content(object)
    const known = new Set<string>()
    // A fact may mention further symbols that have facts of their own.
    for (const symbol of this.symbols.keys()) {
      for (const { value, numbers } of path.constraints.about(symbol)) {
        known.add(`${this.written(value)}:${numbers.join('|')}`)
      }
    }
    parts.push([...known].sort().join(' '))
    return parts.join(' ')
  }

  private object(object: MemoryObject): string {
    let number = this.objects.get(object)
    if (number === undefined) {
      number = this.objects.size
      this.objects.set(object, number)
      this.queue.push(object)
    }
    return `#${number}`
  }

  private symbol(id: string): string {
    let number = this.symbols.get(id)
    if (number === undefined) {
      number = this.symbols.size
      this.symbols.set(id, number)
    }
    return `$${number}`
  }

  /** The key of a symbolic index, with the symbol numbers of this text instead of those of the path. */
  private index(index: string): string {
    return index === '' ? '' : index.replaceAll(/\b([sp]\d+)\b/g, (_, id: string) => this.symbol(id))
  }

  private value(given: Value): string {
    return this.written(this.path.know(given))
  }

  /** A value as stored, even if it is known to equal a number. */
  private written(value: Value): string {
    switch (value.kind) {
      case 'integer':
        return String(value.value)
      case 'pointer':
        return `${this.object(value.object)}+${value.offset}${this.index(value.index)}`
      case 'undecided': {
        const { id, mayBeNull, mayBeError, object, makes } = value.symbol
        const target = object === null ? '' : this.object(object)
        const data = makes.dataOf === null ? '' : this.object(makes.dataOf)
        return `${this.symbol(`p${id}`)}+${value.offset}${mayBeNull ? 'n' : ''}${mayBeError ? 'e' : ''}${target}${data}${this.index(value.index)}`
      }
      case 'symbol':
        return this.symbol(`s${value.id}`)
      case 'expression':
        return `${value.operator}${value.bits}(${value.operands.map((operand) => this.value(operand)).join()})`
      case 'aggregate':
        return `{${value.elements.map((element) => this.value(element)).join()}}`
      case 'opaque':
        return '?'
    }
  }

  private content(object: MemoryObject): void {
    const { parts } = this
    parts.push(`O${String(this.objects.get(object))}`, object.kind)
    if (object.freed) parts.push('freed')
    if (object.escaped) parts.push('escaped')
    if (object.knownOutside) parts.push('known')
    if (object.argument !== null) parts.push(`argument${object.argument}`)
    for (const reference of this.ledger.of(object)) {
      const { owned, released, held, local, origin, owners, doubt } = reference
      parts.push(
        reference.class,
        String(owned),
        released ? 'released' : '',
        held ? 'held' : '',
        doubt === null ? '' : doubt.kind,
      )
      if (local || owned > 0) parts.push(origin.function, origin.text)
      for (const owner of owners) if (owner !== origin) parts.push(owner.function, owner.text)
    }
    if (object.kind === 'function' || object.constant || object.freed) {
      parts.push(object.name)
      return
    }
    for (const [from, to] of object.zeroes) parts.push(`z${from}-${to}`)
    for (const [index, cells] of [...object.cells].sort(byKey)) {
      for (const [offset, cell] of [...cells].sort((a, b) => a[0] - b[0])) {
        if (this.isUntouched(object, cell.lazy, cell.value)) continue
        parts.push(`${this.index(index)}${offset}=${this.value(cell.value)}`)
      }
    }
  }

  /**
   * True if the text leaves out a cell: the cell was read but nothing was learned about its content, or the precision
   * is `references` and the cell, outside of local variables, holds no pointer to an object that the path stored there.
   */
  private isUntouched(object: MemoryObject, lazy: boolean, given: Value): boolean {
    const value = this.path.know(given)
    if (this.precision === 'references' && object.kind !== 'stack') {
      const counted = value.kind === 'pointer' || (value.kind === 'undecided' && value.symbol.object !== null)
      if (lazy || !counted) return true
    }
    if (!lazy) return false
    if (value.kind === 'symbol') return !this.isKnown(`s${value.id}`)
    if (value.kind !== 'undecided') return false
    const { id, mayBeNull, mayBeError, object: target } = value.symbol
    return mayBeNull && mayBeError && target === null && !this.isKnown(`p${id}`)
  }

  private isKnown(symbol: string): boolean {
    return this.symbols.has(symbol) || this.path.constraints.mentions(symbol)
  }
}

function byKey(left: readonly [string, unknown], right: readonly [string, unknown]): number {
  return left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0
}
