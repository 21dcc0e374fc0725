// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule } from '@pfo-workbench/ir'

/**
 * The type that a parameter points to according to the function's prototype: `void` for `void *`, and `other` for any
 * other type, or if the debug information lacks the prototype.
 */
export function pointerType(module: IrModule, name: string, position: number): 'void' | 'other' {
  const subprogram = module.functions.get(name)?.subprogram ?? null
  if (subprogram === null) return 'other'
  const type = module.debug.type(module.metadata.node(subprogram).reference('type'))
  // The first type is the type of the result.
  const parameter = type.kind === 'function' ? (type.types[position + 1] ?? null) : null
  if (parameter === null) return 'other'
  const pointer = module.debug.plainType(parameter)
  return pointer.kind === 'pointer' && pointer.target === null ? 'void' : 'other'
}
