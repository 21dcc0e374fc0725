// SPDX-License-Identifier: GPL-2.0-only
import type { Constant, IrModule } from '@pfo-workbench/ir'

/** Fields of driver structures that point to the function that undoes the work of the driver's other functions. */
const endingField = /(^|\.)(remove|remove_new|disconnect|unbind)$/

/** True if the file defines the structure of a field such as `uart_qe_port.np`. */
export function isStructDefinedIn(module: IrModule, field: string, file: string): boolean {
  const [struct] = field.split('.')
  const number = struct === undefined ? null : module.debug.structNamed(struct)
  if (number === null) return false
  const place = module.metadata.node(number).reference('file')
  const name = place === null ? '' : (module.metadata.node(place).string('filename') ?? '')
  return name === file || name.endsWith(`/${file}`)
}

/** The function of the file that removes a device: the `remove` of a driver. Null if there is none. */
export function findRemoveFunction(module: IrModule): string | null {
  for (const variable of module.globals.values()) {
    const { initializer } = variable
    if (initializer?.kind !== 'aggregate') continue
    const type = module.debug.variable(variable.debug)?.type ?? null
    if (type === null) continue
    const found = functionAt(module, initializer, type, 0)
    if (found !== null) return found
  }
  return null
}

function functionAt(module: IrModule, value: Constant, type: number, offset: number): string | null {
  if (value.kind === 'aggregate') {
    const layout = module.dataLayout
    const offsets = value.type.kind === 'struct' ? layout.struct(value.type).offsets : null
    for (const [i, element] of value.elements.entries()) {
      const at = offsets === null ? i * layout.size(element.type) : (offsets[i] ?? 0)
      const found = functionAt(module, element, type, offset + at)
      if (found !== null) return found
    }
    return null
  }
  if (value.kind !== 'global' || module.functions.get(value.name)?.defined !== true) return null
  return endingField.test(module.debug.fieldAt(type, offset)) ? value.name : null
}
