// SPDX-License-Identifier: GPL-2.0-only
import type { Constant, IrModule } from '@pfo-workbench/ir'

/** Fields of driver structures whose function ends what the driver's other functions began. */
const endingField = /(^|\.)(remove|remove_new|disconnect|unbind)$/

/** Whether a structure, of a field such as `uart_qe_port.np`, is defined in a file. */
export function structureIsOf(module: IrModule, field: string, file: string): boolean {
  const [struct] = field.split('.')
  const number = struct === undefined ? null : module.debug.structNamed(struct)
  if (number === null) return false
  const place = module.metadata.node(number).reference('file')
  const name = place === null ? '' : (module.metadata.node(place).string('filename') ?? '')
  return name === file || name.endsWith(`/${file}`)
}

/** A function of the file that ends a device: the `remove` of a driver, if there is one. */
export function endsObjects(module: IrModule): string | null {
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
