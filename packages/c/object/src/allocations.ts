// SPDX-License-Identifier: GPL-2.0-only
import type { FunctionBody, Instruction, IrFunction, IrModule, Value } from '@pfo-workbench/ir'
import type { LayoutReader } from './layouts.ts'

/**
 * Maps calls of a function to the name of the structure that they allocate. The name follows from the destination of
 * the call's result: the pointer type of a variable or field, or the result type of the function itself.
 */
export function findAllocations(
  source: IrFunction,
  body: FunctionBody,
  module: IrModule,
  layouts: LayoutReader,
): ReadonlyMap<Instruction, string> {
  const variables = new Map<string, number>()
  for (const { value, variable, expression } of body.debugRecords) {
    if (value?.kind === 'local' && expression === '') variables.set(value.name, variable)
  }
  const definitions = new Map<string, Instruction>()
  const calls = new Map<string, Instruction>()
  const found = new Map<Instruction, string>()
  /** Variables that hold the result of a call. Macros such as `alloc_hooks` pass the result through several of them. */
  const carriers = new Map<string, Instruction>()
  /** Guesses from variables that the compiler generated. A match in `found` takes precedence. */
  const guessed = new Map<Instruction, string>()
  const returned = (): string | null => {
    const subprogram = source.subprogram
    if (subprogram === null) return null
    const type = module.debug.type(module.metadata.node(subprogram).reference('type'))
    return type.kind === 'function' ? layouts.pointedTo(type.types[0] ?? null) : null
  }
  for (const { instructions } of body.blocks) {
    for (const instruction of instructions) {
      if (instruction.result !== null) definitions.set(instruction.result, instruction)
      if (
        instruction.opcode === 'call' &&
        instruction.type.kind === 'pointer' &&
        instruction.result !== null
      ) {
        calls.set(instruction.result, instruction)
      }
      if (instruction.opcode === 'ret' && instruction.value?.kind === 'local') {
        const call = calls.get(instruction.value.name)
        const name = call === undefined ? null : returned()
        if (call !== undefined && name !== null) found.set(call, name)
      }
      if (
        instruction.opcode === 'load' &&
        instruction.address.kind === 'local' &&
        instruction.result !== null
      ) {
        const carried = carriers.get(instruction.address.name)
        if (carried !== undefined) calls.set(instruction.result, carried)
      }
      if (instruction.opcode !== 'store' || instruction.value.kind !== 'local') continue
      const call = calls.get(instruction.value.name)
      if (call === undefined || found.has(call)) continue
      const { address } = instruction
      const name = storedTo(address, variables, definitions, module, layouts, returned)
      const isVariable = address.kind === 'local' && definitions.get(address.name)?.opcode === 'alloca'
      if (isVariable) carriers.set(address.name, call)
      if (name === null) continue
      if (isVariable && !variables.has(address.name)) guessed.set(call, name)
      else found.set(call, name)
    }
  }
  return new Map([...guessed, ...found])
}

function storedTo(
  address: Value,
  variables: ReadonlyMap<string, number>,
  definitions: ReadonlyMap<string, Instruction>,
  module: IrModule,
  layouts: LayoutReader,
  returned: () => string | null,
): string | null {
  const { debug } = module
  if (address.kind === 'global') {
    const variable = debug.variable(module.globals.get(address.name)?.debug ?? null)
    return variable === null ? null : layouts.pointedTo(variable.type)
  }
  if (address.kind !== 'local') return null
  const variable = variables.get(address.name)
  if (variable !== undefined) return layouts.pointedTo(debug.variable(variable)?.type ?? null)
  const definition = definitions.get(address.name)
  // A compiler-generated variable holds the return value of the function.
  if (definition?.opcode === 'alloca') return definition.allocated.kind === 'pointer' ? returned() : null
  if (definition?.opcode !== 'getelementptr') return null
  return fieldTarget(definition, module, layouts)
}

/** Name of the structure that a field points to; the `getelementptr` selects the field. */
function fieldTarget(
  { sourceType, indices }: Extract<Instruction, { opcode: 'getelementptr' }>,
  module: IrModule,
  layouts: LayoutReader,
): string | null {
  if (sourceType.kind !== 'struct' || sourceType.name === null || indices.length !== 2) return null
  const [, field] = indices
  if (field?.kind !== 'integer') return null
  const offset = module.dataLayout.struct(sourceType).offsets[Number(field.value)]
  const struct = module.debug.structNamed(sourceType.name.replace(/^(?:struct|union)\./, ''))
  if (offset === undefined || struct === null) return null
  const member = module.debug.fields(struct).find(({ bitOffset }) => bitOffset === offset * 8)
  return member === undefined ? null : layouts.pointedTo(member.type)
}
