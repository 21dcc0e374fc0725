// SPDX-License-Identifier: GPL-2.0-only
import type { BasicBlock, Constant, Instruction, IrModule, SourceLocation, Type } from '@pfo-workbench/ir'
import type { ContractTable } from '../contracts/table.ts'
import type { FunctionFacts } from '../explore/function-facts.ts'
import type { ModuleFacts } from '../explore/module-facts.ts'
import type { Origin, PathStep, SourceLine } from '../findings/finding.ts'
import { Memory, type SymbolSource } from '../memory/memory.ts'
import {
  MemoryObject,
  type FieldPlace,
  type ObjectKind,
  integer,
  opaque,
  pointerTo,
  resolved,
  type PointerSymbol,
  type SymbolName,
  type SymbolValue,
  type UndecidedValue,
  type Value,
} from '../value/value.ts'
import { showValue } from '../value/show.ts'
import { Conditions, type Forking } from './conditions.ts'
import { Constraints } from './constraints.ts'
import { PathEnd } from './path-end.ts'
import type { SourceText } from './source-text.ts'

/** Limits of one path. Steps are instructions; nothing depends on time. */
interface PathLimits {
  readonly steps: number
  /** Nesting depth of calls. */
  readonly depth: number
  /** Maximum number of times that a branch may be forked each way in one call. */
  readonly branch: number
}

/** State that all paths of a module share. */
export interface PathContext {
  readonly module: IrModule
  readonly facts: ModuleFacts
  readonly contracts: ContractTable
  readonly source: SourceText
  readonly limits: PathLimits
  /** The value of a constant in an initializer. No register is read, so no active call is needed. */
  readonly evaluate: (path: Path, value: Constant) => Value
}

/** A call that has not returned. */
export interface ActiveCall {
  readonly facts: FunctionFacts
  readonly registers: Map<string, Value>
  /** Objects of local variables, by the name of their address. */
  readonly variables: Map<string, MemoryObject>
  /** Number of times that each instruction took each outcome of its forks. A `switch` has one fork per case. */
  readonly choices: Map<Instruction, [yes: number, no: number][]>
  readonly visits: Map<BasicBlock, number>
  /** For each block, the number of blocks that the call had entered at its latest visit and at the one before. */
  readonly entered: Map<BasicBlock, readonly [latest: number, previous: number]>
  /** Blocks whose last branch, on the latest visit, was decided by known facts, without a fork. */
  readonly decided: Set<BasicBlock>
  blocksEntered: number
  block: BasicBlock
  index: number
}

/** One path through a function: the facts that hold on it, and its effects. */
export class Path implements Forking, SymbolSource {
  readonly context: PathContext
  readonly pointerBits: number
  readonly constraints: Constraints = new Constraints()
  readonly conditions: Conditions = new Conditions(this)
  readonly memory: Memory
  readonly frames: ActiveCall[] = []
  /** Number of forks so far. */
  forks = 0
  readonly objects: MemoryObject[] = []
  /** The decisions so far. */
  readonly steps: PathStep[] = []
  /** Number of executed instructions. */
  executed = 0
  /** Time of the latest fork, and its number among the forks of that instruction. */
  private forkedAt = -1
  private forkNumber = 0
  /** True if unsupported code was encountered, or if a call was not executed because too many calls were active. */
  approximate = false
  current: Instruction | null = null
  /** Location of the `return` that leaves the entry function; null before. */
  returnedFrom: number | null = null
  private readonly globals = new Map<string, MemoryObject>()
  private readonly addressed = new Map<string, MemoryObject>()
  private readonly choose: (path: Path, whenTrue: string, whenFalse: string) => boolean
  private symbols = 0

  constructor(context: PathContext, choose: (path: Path, whenTrue: string, whenFalse: string) => boolean) {
    this.context = context
    this.choose = choose
    this.pointerBits = context.module.dataLayout.pointerSize * 8
    this.memory = new Memory(context.module.dataLayout, this)
  }

  // Values

  newSymbol(bits: number, text: string): SymbolValue {
    return this.namedSymbol(bits, { kind: 'text', text })
  }

  /** An unknown integer. */
  namedSymbol(bits: number, name: SymbolName): SymbolValue {
    return { kind: 'symbol', id: ++this.symbols, bits, name }
  }

  /** An unknown pointer: NULL, an error, or an object, unless the caller restricts it. */
  newPointer(name: SymbolName, makes: Partial<PointerSymbol['makes']> = {}): UndecidedValue {
    const symbol: PointerSymbol = {
      id: ++this.symbols,
      name,
      mayBeNull: true,
      mayBeError: true,
      object: null,
      decided: null,
      makes: { kind: 'outside', argument: null, readFrom: null, dataOf: null, ...makes },
    }
    return { kind: 'undecided', symbol, offset: 0, index: '', field: null }
  }

  unknown(type: Type, name: SymbolName): Value {
    switch (type.kind) {
      case 'integer':
        return this.namedSymbol(type.bits, name)
      case 'pointer': {
        const from = name.kind === 'memory' ? name : null
        return this.newPointer(name, {
          readFrom: from === null ? null : { object: from.object, offset: from.offset, field: from.field },
        })
      }
      default:
        return opaque
    }
  }

  /** An unknown result of any type. */
  unknownResult(type: Type, called: string): Value {
    const name: SymbolName = { kind: 'call', function: called }
    if (type.kind === 'pointer') return this.newPointer(name, { kind: 'returned' })
    if (type.kind === 'struct' && type.fields !== null) {
      return { kind: 'aggregate', elements: type.fields.map((field) => this.unknownResult(field, called)) }
    }
    if (type.kind === 'array' && type.length <= 64) {
      return {
        kind: 'aggregate',
        elements: Array.from({ length: type.length }, () => this.unknownResult(type.element, called)),
      }
    }
    return this.unknown(type, name)
  }

  /** A value with everything that is known about it now. */
  know(value: Value): Value {
    const current = resolved(value)
    if (current.kind !== 'symbol') return current
    const number = this.constraints.known(current)
    return number === null ? current : integer(number, current.bits)
  }

  constant(value: Constant): Value {
    return this.context.evaluate(this, value)
  }

  show(value: Value): string {
    return showValue(this.know(value), (field) => this.fieldName(field))
  }

  /** The name of a field, such as `device.of_node`; null if the debug information does not have it. */
  fieldName(field: FieldPlace | null): string | null {
    if (field === null) return null
    const { debug } = this.context.module
    const struct = field.struct.replace(/^(struct|union)\./, '').replace(/\.\d+$/, '')
    const number = debug.structNamed(struct)
    const name = number === null ? '' : debug.fieldAt(number, field.offset)
    return name === '' ? null : `${struct}.${name}`
  }

  // Objects

  newObject(kind: ObjectKind, name: string): MemoryObject {
    const object = new MemoryObject(this.objects.length + 1, kind, name)
    this.objects.push(object)
    return object
  }

  /** The object of a global variable or function. */
  global(name: string): MemoryObject {
    let object = this.globals.get(name)
    if (object === undefined) {
      const { module } = this.context
      const variable = module.globals.get(name)
      object = this.newObject(variable === undefined ? 'function' : 'global', name)
      this.globals.set(name, object)
      // Any code may have changed a variable that is not constant.
      if (variable?.constant === true) {
        object.constant = true
        object.initializer = variable.initializer
      }
    }
    return object
  }

  /** The objects of the global variables and functions that the path has used so far. */
  globalObjects(): ReadonlyMap<string, MemoryObject> {
    return this.globals
  }

  /**
   * Dereferences an address. An address about which nothing is known becomes an object of its own.
   *
   * @throws PathEnd `null` if the address is NULL, close to NULL, or an error
   */
  follow(given: Value): { object: MemoryObject; offset: number; index: string; field: FieldPlace | null } & {
    readonly kind: 'pointer'
  } {
    const value = this.know(given)
    switch (value.kind) {
      case 'pointer':
        return value
      case 'undecided': {
        const { symbol } = value
        const object = this.objectOf(symbol)
        symbol.decided = pointerTo(object)
        return { kind: 'pointer', object, offset: value.offset, index: value.index, field: value.field }
      }
      case 'integer': {
        const top = (1n << BigInt(this.pointerBits)) - 4096n
        if (value.value < 4096n || value.value > top) throw new PathEnd('null')
        return pointerTo(this.addressedBy(`c${value.value}`))
      }
      default:
        return pointerTo(
          this.addressedBy(
            value.kind === 'expression' ? value.key : value.kind === 'symbol' ? `s${value.id}` : '?',
          ),
        )
    }
  }

  /** The object that a pointer points to if it is neither NULL nor an error. The first call creates the object. */
  objectOf(symbol: PointerSymbol): MemoryObject {
    if (symbol.object === null) {
      const { kind, argument, readFrom, dataOf } = symbol.makes
      const object = this.newObject(
        kind,
        this.show({ kind: 'undecided', symbol, offset: 0, index: '', field: null }),
      )
      object.argument = argument
      object.readFrom = readFrom
      object.dataOf = dataOf
      object.given = symbol.given === true
      symbol.object = object
    }
    return symbol.object
  }

  isMatchedType({ symbol, offset }: UndecidedValue): boolean {
    const from = symbol.makes.readFrom
    return offset === 0 && from?.object.matched === true && this.fieldName(from.field) === 'device.type'
  }

  vanish(pointer: UndecidedValue): void {
    if (pointer.symbol.object !== null) pointer.symbol.object.absent = true
  }

  private addressedBy(key: string): MemoryObject {
    let object = this.addressed.get(key)
    if (object === undefined) this.addressed.set(key, (object = this.newObject('outside', 'memory')))
    return object
  }

  // Decisions and places

  fork(whenTrue: string, whenFalse: string): boolean {
    this.forks++
    const { branch } = this.context.limits
    const counts = this.countsOfFork()
    const [yes, no] = counts
    let result: boolean
    if (yes >= branch && no === 0) result = this.isCounting()
    else if (no >= branch && yes === 0) result = !this.isCounting()
    else if (yes + no >= 2 * branch) {
      if (!this.isCounting()) throw new PathEnd('loop')
      result = yes > no
    } else result = this.choose(this, whenTrue, whenFalse)
    counts[result ? 0 : 1]++
    this.record(result ? whenTrue : whenFalse)
    return result
  }

  /**
   * True in a loop with a known number of iterations. Other branches in the loop may then take the same outcome each
   * time, because the loop does not depend on them to end.
   */
  private isCounting(): boolean {
    const frame = this.frames.at(-1)
    if (frame === undefined) return false
    const [, previous] = frame.entered.get(frame.block) ?? [0, 0]
    return frame.facts
      .exitsOfLoop(frame.block)
      .some(
        (exit) =>
          exit !== frame.block && frame.decided.has(exit) && (frame.entered.get(exit)?.[0] ?? 0) > previous,
      )
  }

  /**
   * The counters of the current fork: how often it took each outcome in this call of the function. An instruction can
   * fork more than once.
   */
  private countsOfFork(): [yes: number, no: number] {
    const frame = this.frames.at(-1)
    if (frame === undefined || this.current === null) return [0, 0]
    this.forkNumber = this.forkedAt === this.executed ? this.forkNumber + 1 : 0
    this.forkedAt = this.executed
    let counts = frame.choices.get(this.current)
    if (counts === undefined) frame.choices.set(this.current, (counts = []))
    return (counts[this.forkNumber] ??= [0, 0])
  }

  /** Adds a step to the history of the path. */
  record(text: string): void {
    this.steps.push(this.step(text))
  }

  /** A step at the current location. */
  step(text: string): PathStep {
    const location = this.location()
    return { file: location?.file ?? '', line: location?.line ?? 0, function: location?.function ?? '', text }
  }

  /**
   * A step at the `return` of the entry function, if the path has left it. Otherwise at the innermost location in a C
   * file, that is, not in an inline function of a header; without such a location, at the current one.
   */
  stepInSource(text: string): PathStep {
    const { debug } = this.context.module
    const returned = debug.location(this.returnedFrom)
    if (returned !== null && returned.line > 0) {
      return { file: returned.file, line: returned.line, function: returned.function, text }
    }
    for (let i = this.frames.length - 1; i >= 0; i--) {
      const frame = this.frames[i]
      const location = debug.location(frame?.block.instructions[frame.index]?.location ?? null)
      if (location?.file.endsWith('.c') === true && location.line > 0) {
        return { file: location.file, line: location.line, function: location.function, text }
      }
    }
    return this.step(text)
  }

  /** The current source location; null if the instruction has none. */
  location(): SourceLocation | null {
    const debug = this.context.module.debug
    const own = debug.location(this.current?.location ?? null)
    return own === null || own.line === 0 ? null : own
  }

  place(): SourceLine | null {
    const location = this.location()
    return location === null ? null : { file: location.file, line: location.line }
  }

  /** The call at the current location, as the origin of an object. */
  originHere(from: string): Origin {
    const location = this.location()
    const place = this.place()
    const text = location === null || place === null ? '' : this.context.source.callAt(place, location.column)
    const ordinal = location === null || text === '' ? 0 : this.ordinalOf(location, text)
    return { from, function: location?.function ?? '', text, ordinal, place }
  }

  /** Index of this call among the calls of the innermost function with the same text. */
  private ordinalOf({ line, column }: SourceLocation, text: string): number {
    const facts = this.frames.at(-1)?.facts
    if (facts === undefined) return 0
    const before = (other: SourceLocation): boolean =>
      other.line < line || (other.line === line && other.column < column)
    return facts
      .callPlaces()
      .filter((other) => before(other) && this.context.source.callAt(other, other.column) === text).length
  }
}
