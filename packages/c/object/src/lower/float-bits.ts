// SPDX-License-Identifier: GPL-2.0-only
import type { Type } from '@pfo-workbench/ir'
import { Untranslatable } from './untranslatable.ts'

/**
 * The bits of a `float` or `double` constant. LLVM writes the constant in decimal, or as the bits of a double.
 *
 * @throws Untranslatable for other types and other notations
 */
export function floatBits(type: Type, text: string): bigint {
  const view = new DataView(new ArrayBuffer(8))
  if (/^0x[0-9A-Fa-f]+$/.test(text)) view.setBigUint64(0, BigInt(text))
  else if (/^-?\d/.test(text) && !text.startsWith('0x')) view.setFloat64(0, Number(text))
  else throw new Untranslatable(`constant ${text}`)
  if (type.kind === 'float' && type.name === 'double') return view.getBigUint64(0)
  if (type.kind !== 'float' || type.name !== 'float') throw new Untranslatable(`constant ${text}`)
  view.setFloat32(0, view.getFloat64(0))
  return BigInt(view.getUint32(0))
}
