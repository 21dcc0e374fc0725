// SPDX-License-Identifier: GPL-2.0-only
import type { Instruction, Type } from '@pfo-workbench/ir'
import { examineReturn, type FieldUse } from '../findings/at-return.ts'
import type { PathLedger } from '../findings/ledger.ts'
import { foldBinary, foldCast, foldCompare } from '../value/fold.ts'
import { integer, opaque, pointerTo, type Value } from '../value/value.ts'
import { anyTarget, asmTarget, switchTarget } from './branches.ts'
import { objectsFilled, runCall } from './calls.ts'
import { addressIn, bitsOf, evaluate } from './operands.ts'
import { PathEnd } from './path-end.ts'
import type { ActiveCall, Path } from './path.ts'

/** A path ends after this many visits of one block in one call, even in a loop with known bounds. */
const longestLoop = 600

/** Runs when the entry function returns, while its variables still exist. */
export type AtReturn = (path: Path, ledger: PathLedger, returned: Value, args: readonly Value[]) => void

/**
 * Executes a function with unknown arguments on one path, to its return, and applies the rules.
 *
 * @returns the effects of the function on fields of structures.
 * @throws PathEnd if the path ends earlier.
 */
export function runEntry(path: Path, ledger: PathLedger, name: string): readonly FieldUse[] {
  let uses: readonly FieldUse[] = []
  const contract = path.context.contracts.function(name)
  const give = (args: readonly Value[]): void => {
    for (const i of contract?.drops ?? []) ledger.given(args[i] ?? opaque, contract?.class ?? '')
  }
  runBody(path, ledger, name, give, (_path, _ledger, value, args) => {
    uses = examineReturn(path, ledger, value, objectsFilled(path, contract?.onSuccess?.fills, args))
  })
  return uses
}

/**
 * Executes a function with unknown arguments on one path, to its return. Ignores its own contract.
 *
 * @param begin - called with the arguments before the first instruction.
 * @throws PathEnd if the path ends earlier.
 */
export function runBody(
  path: Path,
  ledger: PathLedger,
  name: string,
  begin: (args: readonly Value[]) => void,
  atReturn: AtReturn,
): void {
  const facts = path.context.facts.of(name)
  if (facts === null) throw new PathEnd('broken')
  const { debug, metadata } = path.context.module
  const names = new Map<number, string>()
  for (const { variable } of facts.function.body()?.debugRecords ?? []) {
    const described = debug.variable(variable)
    const scope = metadata.node(variable).reference('scope')
    if (described !== null && described.argument > 0 && scope === facts.function.subprogram) {
      names.set(described.argument - 1, described.name)
    }
  }
  const args = facts.function.parameters.map((parameter, i): Value => {
    const text = names.get(i) ?? parameter.name
    if (parameter.type.kind === 'pointer') return path.newPointer({ kind: 'text', text }, { argument: i })
    return path.unknown(parameter.type, { kind: 'text', text })
  })
  begin(args)
  new Interpreter(path, ledger).run(name, args, (value) => atReturn(path, ledger, value, args))
}

class Interpreter {
  private readonly path: Path
  private readonly ledger: PathLedger

  constructor(path: Path, ledger: PathLedger) {
    this.path = path
    this.ledger = ledger
  }

  /** Runs a body. `beforeReturn` runs while the variables of the frame still exist. */
  run(name: string, args: readonly Value[], beforeReturn?: (value: Value) => void): Value {
    const { path } = this
    const facts = path.context.facts.of(name)
    const entry = facts?.blocks[0]
    if (facts === null || entry === undefined) throw new PathEnd('broken')
    if (!facts.understood) path.approximate = true
    const frame: ActiveCall = {
      facts,
      registers: new Map(),
      variables: new Map(),
      choices: new Map(),
      visits: new Map(),
      entered: new Map(),
      decided: new Set(),
      blocksEntered: 0,
      block: entry,
      index: 0,
    }
    facts.function.parameters.forEach((parameter, i) =>
      frame.registers.set(parameter.name, args[i] ?? opaque),
    )
    path.frames.push(frame)
    const caller = path.current
    let previous: string | null = null
    for (;;) {
      const next = this.runBlock(frame, previous)
      if ('value' in next) {
        if (beforeReturn !== undefined) path.returnedFrom = returnBefore(frame, previous)
        beforeReturn?.(next.value)
        path.frames.pop()
        path.current = caller
        return next.value
      }
      previous = frame.block.name
      const block = facts.blockByName.get(next.block)
      if (block === undefined) throw new PathEnd('broken')
      frame.block = block
    }
  }

  private runBlock(frame: ActiveCall, previous: string | null): { block: string } | { value: Value } {
    const { path } = this
    const { block } = frame
    const visits = (frame.visits.get(block) ?? 0) + 1
    frame.visits.set(block, visits)
    if (visits > longestLoop) throw new PathEnd('loop')
    frame.entered.set(block, [++frame.blocksEntered, frame.entered.get(block)?.[0] ?? 0])
    const start = this.runPhis(frame, previous)
    for (let i = start; i < block.instructions.length; i++) {
      const instruction = block.instructions[i]
      if (instruction === undefined) break
      if (++path.executed > path.context.limits.steps) throw new PathEnd('steps')
      frame.index = i
      path.current = instruction
      switch (instruction.opcode) {
        case 'br':
          return { block: instruction.target }
        case 'condbr': {
          const { forks } = path
          const isTrue = path.conditions.truth(this.value(instruction.condition, frame))
          if (path.forks === forks) frame.decided.add(block)
          else frame.decided.delete(block)
          return { block: isTrue ? instruction.whenTrue : instruction.whenFalse }
        }
        case 'switch':
          return { block: switchTarget(path, instruction, this.value(instruction.value, frame)) }
        case 'ret':
          return { value: instruction.value === null ? opaque : this.value(instruction.value, frame) }
        case 'callbr':
          if (instruction.result !== null)
            frame.registers.set(instruction.result, path.unknownResult(instruction.type, 'asm'))
          return { block: asmTarget(path, instruction, frame) }
        case 'unreachable':
          throw new PathEnd('no-return')
        case 'indirectbr':
          return { block: anyTarget(path, instruction.targets, 'goto *') }
        default: {
          const result = this.execute(instruction, frame)
          if (instruction.result !== null) frame.registers.set(instruction.result, result)
        }
      }
    }
    throw new PathEnd('broken')
  }

  /** Phis read the values from the end of the previous block. */
  private runPhis(frame: ActiveCall, previous: string | null): number {
    const { instructions } = frame.block
    const values: [string, Value][] = []
    let i = 0
    for (; i < instructions.length; i++) {
      const phi = instructions[i]
      if (phi?.opcode !== 'phi') break
      const incoming = phi.incoming.find(({ block }) => block === previous)
      const value = incoming === undefined ? opaque : this.value(incoming.value, frame)
      if (phi.result !== null) values.push([phi.result, value])
    }
    for (const [name, value] of values) frame.registers.set(name, value)
    return i
  }

  private execute(instruction: Instruction, frame: ActiveCall): Value {
    const { path } = this
    switch (instruction.opcode) {
      case 'alloca': {
        // clang puts the variables of a loop into the entry block, so each is one object in all iterations.
        const name = instruction.result ?? ''
        const object = path.newObject('stack', frame.facts.variableName(name))
        frame.variables.set(name, object)
        return pointerTo(object)
      }
      case 'load':
        return path.know(path.memory.load(this.followed(instruction.address, frame), instruction.type))
      case 'store':
        path.memory.store(
          this.followed(instruction.address, frame),
          this.value(instruction.value, frame),
          instruction.value.type,
        )
        return opaque
      case 'getelementptr':
        return addressIn(
          path,
          instruction.sourceType,
          this.value(instruction.base, frame),
          instruction.indices.map((index) => this.value(index, frame)),
        )
      case 'icmp':
        return foldCompare(
          instruction.predicate,
          this.value(instruction.left, frame),
          this.value(instruction.right, frame),
          bitsOf(path, instruction.left.type),
        )
      case 'binary':
        return foldBinary(
          instruction.operation,
          this.value(instruction.left, frame),
          this.value(instruction.right, frame),
          bitsOf(path, instruction.type),
          path.pointerBits,
        )
      case 'cast':
        return foldCast(
          instruction.operation,
          this.value(instruction.value, frame),
          bitsOf(path, instruction.value.type),
          bitsOf(path, instruction.type),
          path.pointerBits,
        )
      case 'select':
        return path.conditions.truth(this.value(instruction.condition, frame))
          ? this.value(instruction.left, frame)
          : this.value(instruction.right, frame)
      case 'freeze':
        return this.value(instruction.value, frame)
      case 'call':
        return runCall(path, this.ledger, instruction, frame, (_, name, args) => this.run(name, args))
      case 'extractvalue': {
        let value = this.value(instruction.aggregate, frame)
        for (const i of instruction.path)
          value = value.kind === 'aggregate' ? (value.elements[i] ?? opaque) : opaque
        return path.know(value)
      }
      case 'insertvalue':
        return withElement(
          this.value(instruction.aggregate, frame),
          instruction.aggregate.type,
          instruction.path,
          this.value(instruction.element, frame),
        )
      case 'atomicrmw': {
        const address = this.followed(instruction.address, frame)
        const { type } = instruction.value
        const old = path.know(path.memory.load(address, type))
        const next =
          instruction.operation === 'xchg'
            ? this.value(instruction.value, frame)
            : path.unknown(type, { kind: 'text', text: 'an atomic' })
        path.memory.store(address, next, type)
        return old
      }
      case 'cmpxchg': {
        const address = this.followed(instruction.address, frame)
        const { type } = instruction.expected
        const old = path.know(path.memory.load(address, type))
        const expected = this.value(instruction.expected, frame)
        const isEqual = path.conditions.truth(foldCompare('eq', old, expected, bitsOf(path, type)))
        const stores =
          isEqual && (!instruction.weak || path.fork('weak exchange succeeds', 'weak exchange fails'))
        if (stores) path.memory.store(address, this.value(instruction.replacement, frame), type)
        return { kind: 'aggregate', elements: [path.know(old), integer(stores ? 1n : 0n, 1)] }
      }
      default:
        if (instruction.opcode === 'unknown') path.approximate = true
        return opaque
    }
  }

  private value(operand: Parameters<typeof evaluate>[1], frame: ActiveCall): Value {
    return evaluate(this.path, operand, frame)
  }

  /** Dereferences the address of a read or write, and notes the use of the object. */
  private followed(operand: Parameters<typeof evaluate>[1], frame: ActiveCall): ReturnType<Path['follow']> {
    const address = this.path.follow(this.value(operand, frame))
    this.ledger.use(address.object, null)
    return address
  }
}

/**
 * Location of the `return` statement. clang compiles every `return` to a jump to one block, whose location is the
 * closing brace.
 *
 * @returns the number of a location; null if the block of `ret` has other instructions.
 */
function returnBefore(frame: ActiveCall, previous: string | null): number | null {
  const isShared = frame.block.instructions.every(
    ({ opcode }) => opcode === 'phi' || opcode === 'load' || opcode === 'call' || opcode === 'ret',
  )
  const block = previous === null ? undefined : frame.facts.blockByName.get(previous)
  return isShared ? (block?.instructions.at(-1)?.location ?? null) : null
}

function withElement(
  aggregate: Value,
  type: Type,
  [first, ...rest]: readonly number[],
  element: Value,
): Value {
  if (first === undefined) return element
  const count = type.kind === 'struct' ? (type.fields?.length ?? 0) : type.kind === 'array' ? type.length : 0
  const elements =
    aggregate.kind === 'aggregate'
      ? [...aggregate.elements]
      : Array.from({ length: Math.min(count, 64) }, (): Value => opaque)
  const inner =
    type.kind === 'struct' ? type.fields?.[first] : type.kind === 'array' ? type.element : undefined
  elements[first] =
    inner === undefined ? element : withElement(elements[first] ?? opaque, inner, rest, element)
  return { kind: 'aggregate', elements }
}
