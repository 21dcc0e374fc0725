// SPDX-License-Identifier: GPL-2.0-only
import {
  isLifetimeMarker,
  successors,
  type BasicBlock,
  type DebugInfo,
  type IrFunction,
  type SourceLocation,
} from '@pfo-workbench/ir'
import { leavingBlocksOfLoops } from './loops.ts'
import { localsUsedBy } from './reads.ts'

/** The values that are live at a point: registers, and local variables that may still be read. */
export interface Live {
  readonly registers: readonly string[]
  readonly variables: ReadonlySet<string>
}

interface Effects {
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
}

/** Facts about a function that do not depend on a path: its blocks, its callees and its liveness. */
export class FunctionFacts {
  readonly function: IrFunction
  readonly blocks: readonly BasicBlock[]
  readonly blockByName: ReadonlyMap<string, BasicBlock>
  /** Number of instructions. */
  readonly size: number
  /** Functions that are called by name. */
  readonly callees: ReadonlySet<string>
  /** True if the function writes only its own local variables. Its callees are ignored. */
  readonly writesNothing: boolean
  /** True if every instruction is supported. */
  readonly understood: boolean
  /** Local variables that are only loaded and stored as a whole, and whose address is never taken. */
  private readonly plainVariables: ReadonlySet<string>
  private readonly effectsByBlock = new Map<BasicBlock, readonly Effects[]>()
  private readonly debug: DebugInfo
  private names: Map<string, number> | null = null
  private places: readonly SourceLocation[] | null = null
  private loopExits: Map<BasicBlock, readonly BasicBlock[]> | null = null
  private liveIn: Map<string, Set<string>> | null = null
  private readonly liveAt = new Map<BasicBlock, Map<number, Live>>()

  constructor(fn: IrFunction, debug: DebugInfo) {
    this.function = fn
    this.debug = debug
    this.blocks = fn.body()?.blocks ?? []
    this.blockByName = new Map(this.blocks.map((block) => [block.name, block]))
    const callees = new Set<string>()
    const plain = new Set<string>()
    let size = 0
    let understood = true
    for (const block of this.blocks) {
      for (const instruction of block.instructions) {
        size++
        if (instruction.opcode === 'unknown') understood = false
        if (instruction.opcode === 'alloca' && instruction.result !== null) plain.add(instruction.result)
        if (instruction.opcode === 'call' && instruction.callee.kind === 'global')
          callees.add(instruction.callee.name)
      }
    }
    for (const block of this.blocks) {
      for (const instruction of block.instructions) {
        if (instruction.opcode === 'load' || isLifetimeMarker(instruction)) continue
        for (const name of localsUsedBy(instruction)) {
          const onlyAddress =
            instruction.opcode === 'store' &&
            instruction.address.kind === 'local' &&
            instruction.address.name === name &&
            !(instruction.value.kind === 'local' && instruction.value.name === name)
          if (!onlyAddress) plain.delete(name)
        }
      }
    }
    this.size = size
    this.writesNothing = this.blocks.every(({ instructions }) =>
      instructions.every(
        (instruction) =>
          instruction.opcode !== 'atomicrmw' &&
          instruction.opcode !== 'cmpxchg' &&
          (instruction.opcode !== 'store' ||
            (instruction.address.kind === 'local' && plain.has(instruction.address.name))),
      ),
    )
    this.callees = callees
    this.understood = understood
    this.plainVariables = plain
  }

  /** The source name of the variable at an address, or the name of the address itself. */
  variableName(address: string): string {
    if (this.names === null) {
      this.names = new Map()
      for (const { kind, value, variable } of this.function.body()?.debugRecords ?? []) {
        if (kind === 'declare' && value?.kind === 'local') this.names.set(value.name, variable)
      }
    }
    const variable = this.names.get(address)
    const described = variable === undefined ? null : this.debug.variable(variable)
    return described?.name ?? address
  }

  /** Source locations of the function's calls, without duplicates. */
  callPlaces(): readonly SourceLocation[] {
    if (this.places === null) {
      const places = new Map<string, SourceLocation>()
      for (const { instructions } of this.blocks) {
        for (const { opcode, location } of instructions) {
          const place = opcode === 'call' ? this.debug.location(location) : null
          if (place !== null && place.line > 0)
            places.set(`${place.file} ${place.line} ${place.column}`, place)
        }
      }
      this.places = [...places.values()]
    }
    return this.places
  }

  /** The values that are live before an instruction of a block. */
  live(block: BasicBlock, index: number): Live {
    let places = this.liveAt.get(block)
    if (places === undefined) this.liveAt.set(block, (places = new Map<number, Live>()))
    let live = places.get(index)
    if (live === undefined) places.set(index, (live = this.computeLive(block, index)))
    return live
  }

  /** The blocks that leave the outermost loop around a block; empty if the block is in no loop. */
  exitsOfLoop(block: BasicBlock): readonly BasicBlock[] {
    this.loopExits ??= leavingBlocksOfLoops(this.blocks, this.blockByName)
    return this.loopExits.get(block) ?? []
  }

  /** True if a name is a local variable whose address is never taken. */
  isPlain(variable: string): boolean {
    return this.plainVariables.has(variable)
  }

  private computeLive(block: BasicBlock, from: number): Live {
    const live = this.liveOut(block)
    this.backwards(block, live, from)
    const registers: string[] = []
    const variables = new Set<string>()
    for (const name of live) {
      if (name.startsWith('*')) variables.add(name.slice(1))
      else registers.push(name)
    }
    return { registers: registers.sort(), variables }
  }

  private liveOut(block: BasicBlock): Set<string> {
    const liveIn = (this.liveIn ??= this.solve())
    const out = new Set<string>()
    const last = block.instructions.at(-1)
    for (const next of last === undefined ? [] : successors(last)) {
      for (const name of liveIn.get(next) ?? []) out.add(name)
    }
    return out
  }

  /** The names that each instruction reads and writes: `*name` for the content of a variable, `name` for a register. */
  private effects(block: BasicBlock): readonly Effects[] {
    let effects = this.effectsByBlock.get(block)
    if (effects === undefined) {
      effects = block.instructions.map((instruction) => {
        const reads = new Set<string>()
        const writes = new Set<string>()
        for (const name of localsUsedBy(instruction)) if (!this.plainVariables.has(name)) reads.add(name)
        if (instruction.result !== null) writes.add(instruction.result)
        if (instruction.opcode === 'load' && instruction.address.kind === 'local') {
          if (this.plainVariables.has(instruction.address.name)) reads.add(`*${instruction.address.name}`)
        }
        if (instruction.opcode === 'store' && instruction.address.kind === 'local') {
          if (this.plainVariables.has(instruction.address.name)) writes.add(`*${instruction.address.name}`)
        }
        return { reads, writes }
      })
      this.effectsByBlock.set(block, effects)
    }
    return effects
  }

  private backwards(block: BasicBlock, live: Set<string>, from: number): void {
    const effects = this.effects(block)
    for (let i = effects.length - 1; i >= from; i--) {
      const effect = effects[i]
      if (effect === undefined) continue
      for (const name of effect.writes) live.delete(name)
      for (const name of effect.reads) live.add(name)
    }
  }

  private solve(): Map<string, Set<string>> {
    const liveIn = new Map<string, Set<string>>(this.blocks.map((block) => [block.name, new Set<string>()]))
    this.liveIn = liveIn
    for (let changed = true; changed;) {
      changed = false
      for (let i = this.blocks.length - 1; i >= 0; i--) {
        const block = this.blocks[i]
        if (block === undefined) continue
        const live = this.liveOut(block)
        this.backwards(block, live, 0)
        const before = liveIn.get(block.name)
        if (before?.size !== live.size) {
          liveIn.set(block.name, live)
          changed = true
        }
      }
    }
    return liveIn
  }
}
