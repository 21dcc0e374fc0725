// SPDX-License-Identifier: GPL-2.0-only
import type { FunctionBody, Instruction, Value } from '@pfo-workbench/ir'

/** The operands of an instruction whose result is constant if all operands are; null for other instructions. */
function operandsOf(instruction: Instruction): readonly Value[] | null {
  switch (instruction.opcode) {
    case 'binary':
    case 'icmp':
      return [instruction.left, instruction.right]
    case 'select':
      return [instruction.condition, instruction.left, instruction.right]
    case 'cast':
    case 'freeze':
      return [instruction.value]
    default:
      return null
  }
}

/**
 * Finds the values that an optimizing compiler knows at compile time inside of one function: literals, variables that
 * are only ever assigned one constant, and calculations with these. Kernels since 6.13 assert properties of such values
 * in `min()` and `max()`. Constants that are passed to inline functions are not found.
 */
export class ConstantValues {
  readonly #body: FunctionBody
  /** Variables whose address is only used in loads and stores. */
  readonly #variables: ReadonlySet<string>
  #definitions: ReadonlyMap<string, Instruction> | null = null
  readonly #stores = new Map<string, Value | null>()
  readonly #known = new Map<string, boolean>()

  constructor(body: FunctionBody, variables: ReadonlySet<string>) {
    this.#body = body
    this.#variables = variables
  }

  isConstant(value: Value): boolean {
    if (value.kind !== 'local') return value.kind !== 'asm' && value.kind !== 'metadata'
    const known = this.#known.get(value.name)
    if (known !== undefined) return known
    // A value that depends on itself is not constant.
    this.#known.set(value.name, false)
    const constant = this.#isResultConstant(this.#definitionOf(value.name))
    this.#known.set(value.name, constant)
    return constant
  }

  #isResultConstant(definition: Instruction | undefined): boolean {
    if (definition === undefined) return false
    if (definition.opcode === 'load') {
      const { address, volatile } = definition
      if (volatile || address.kind !== 'local') return false
      const stored = this.#stores.get(address.name) ?? null
      return stored !== null && this.isConstant(stored)
    }
    return operandsOf(definition)?.every((operand) => this.isConstant(operand)) ?? false
  }

  #definitionOf(name: string): Instruction | undefined {
    return (this.#definitions ??= this.#findDefinitions()).get(name)
  }

  #findDefinitions(): Map<string, Instruction> {
    const definitions = new Map<string, Instruction>()
    for (const { instructions } of this.#body.blocks) {
      for (const instruction of instructions) {
        if (instruction.result !== null) definitions.set(instruction.result, instruction)
        if (instruction.opcode !== 'store' || instruction.address.kind !== 'local') continue
        const { name } = instruction.address
        if (!this.#variables.has(name)) continue
        // A variable with a second store is not constant.
        this.#stores.set(name, this.#stores.has(name) ? null : instruction.value)
      }
    }
    return definitions
  }
}
