// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule, Value } from '@pfo-workbench/ir'
import type { ContractTable } from '../contracts/table.ts'
import { FunctionFacts } from './function-facts.ts'

/** The facts of all functions of a module. */
export class ModuleFacts {
  readonly module: IrModule
  private readonly contracts: ContractTable
  private readonly facts = new Map<string, FunctionFacts>()
  private readonly reaching = new Map<string, boolean>()
  private callbacks: ReadonlySet<string> | null = null
  private readonly idle = new Map<string, boolean>()
  private readonly sizes = new Map<string, number>()

  constructor(module: IrModule, contracts: ContractTable) {
    this.module = module
    this.contracts = contracts
  }

  /** The facts of a function; null if the module does not define it. */
  of(name: string): FunctionFacts | null {
    let facts = this.facts.get(name)
    if (facts === undefined) {
      const fn = this.module.functions.get(name)
      if (fn?.defined !== true) return null
      this.facts.set(name, (facts = new FunctionFacts(fn, this.module.debug)))
    }
    return facts
  }

  /**
   * True if a function of the module calls, directly or through other functions of the module, a function whose
   * contract counts references.
   */
  countsReferences(name: string): boolean {
    const known = this.reaching.get(name)
    if (known !== undefined) return known
    const answer = this.leadsTo(
      name,
      (callee) => this.contracts.counts(callee),
      (callee) => this.contracts.function(callee) === undefined,
    )
    this.reaching.set(name, answer)
    return answer
  }

  /**
   * True if executing a function cannot change what a path knows: the function returns nothing, and neither the
   * function nor its callees write anything.
   */
  isIdle(name: string): boolean {
    const known = this.idle.get(name)
    if (known !== undefined) return known
    // For recursion: false until proven otherwise.
    this.idle.set(name, false)
    const facts = this.of(name)
    const answer =
      facts !== null &&
      facts.function.type.result.kind === 'void' &&
      facts.writesNothing &&
      [...facts.callees].every((callee) => {
        if (callee.startsWith('llvm.')) return !callee.startsWith('llvm.mem')
        const contract = this.contracts.function(callee)
        return contract !== undefined ? Object.keys(contract).length === 0 : this.isIdle(callee)
      })
    this.idle.set(name, answer)
    return answer
  }

  /**
   * Number of instructions of a function and of its callees in the module. A callee with a contract counts nothing,
   * because its body is never executed. A recursive function counts as large.
   */
  sizeWithCallees(name: string): number {
    const known = this.sizes.get(name)
    if (known !== undefined) return known
    this.sizes.set(name, 1000)
    const facts = this.of(name)
    if (facts === null) {
      this.sizes.set(name, 1)
      return 1
    }
    let size = facts.size
    for (const callee of facts.callees) {
      if (this.contracts.function(callee) === undefined) size += this.sizeWithCallees(callee)
    }
    this.sizes.set(name, size)
    return size
  }

  private reaches(name: string, target: string): boolean {
    return this.leadsTo(name, (callee) => callee === target)
  }

  /** True if a function calls a wanted one, directly or through functions that `isEntered` accepts. */
  private leadsTo(
    name: string,
    isWanted: (callee: string) => boolean,
    isEntered: (callee: string) => boolean = () => true,
  ): boolean {
    const seen = new Set([name])
    for (const open of seen) {
      for (const callee of this.of(open)?.callees ?? []) {
        if (isWanted(callee)) return true
        if (isEntered(callee)) seen.add(callee)
      }
    }
    return false
  }

  /** True if the address of a function is used other than for a call. Any code may then call the function. */
  isCallback(name: string): boolean {
    this.callbacks ??= addressesTaken(this.module)
    return this.callbacks.has(name)
  }

  /** True if a function calls another function of the module, directly or indirectly. False if they call each other. */
  calls(name: string, callee: string): boolean {
    return this.reaches(name, callee) && !this.reaches(callee, name)
  }

  /** Functions of the module that call a function by name. */
  callersOf(name: string): readonly string[] {
    const callers: string[] = []
    for (const [caller, fn] of this.module.functions) {
      if (fn.defined && this.of(caller)?.callees.has(name) === true) callers.push(caller)
    }
    return callers
  }
}

/** Functions whose address is stored, passed, or used in an initializer. */
function addressesTaken(module: IrModule): ReadonlySet<string> {
  const names = new Set<string>()
  const add = (value: Value | null): void => {
    if (value?.kind === 'global') names.add(value.name)
    else if (value?.kind === 'aggregate') value.elements.forEach(add)
    else if (value?.kind === 'cast') add(value.value)
  }
  for (const variable of module.globals.values()) add(variable.initializer)
  for (const fn of module.functions.values()) {
    for (const { instructions } of fn.defined ? (fn.body()?.blocks ?? []) : []) {
      for (const instruction of instructions) {
        if (instruction.opcode === 'store' || instruction.opcode === 'cast') add(instruction.value)
        else if (instruction.opcode === 'call') instruction.arguments.forEach(add)
        else if (instruction.opcode === 'phi') for (const { value } of instruction.incoming) add(value)
        else if (instruction.opcode === 'select') [instruction.left, instruction.right].forEach(add)
        else if (instruction.opcode === 'ret') add(instruction.value)
      }
    }
  }
  return names
}
