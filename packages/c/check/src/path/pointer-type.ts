// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule } from '@pfo-workbench/ir'

/**
 * What a parameter of a function points to as its prototype says: `void` for `void *`, `other` for anything else, and
 * for what the debug information does not tell.
 */
export function pointerType(module: IrModule, name: string, position: number): 'void' | 'other' {
  const subprogram = module.functions.get(name)?.subprogram ?? null
  if (subprogram === null) return 'other'
  const type = module.debug.type(module.metadata.node(subprogram).reference('type'))
  // The first type is that of the result.
  const parameter = type.kind === 'function' ? (type.types[position + 1] ?? null) : null
  if (parameter === null) return 'other'
  const pointer = module.debug.plainType(parameter)
  return pointer.kind === 'pointer' && pointer.target === null ? 'void' : 'other'
}
