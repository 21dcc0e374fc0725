// SPDX-License-Identifier: GPL-2.0-only
import {
  overwriteSigned64,
  overwriteUnsigned,
  relocationKinds,
  type RelocationKind,
} from '@pfo-workbench/object/wasm'

/** Resolves relocations. Indices refer to the lists of the object that the code belongs to. */
export interface RelocationTargets {
  /** Index of the function to call for a symbol, with the caller's signature. */
  call(symbol: number, signature: number): number
  runtime(name: number): number
  type(signature: number): number
  /** Address of a symbol as C sees it. */
  address(symbol: number, addend: number): bigint
  number(kind: Exclude<RelocationKind, 'call' | 'runtime' | 'type' | 'address'>, index: number): number
}

/** Applies relocations to a function body. */
export function applyRelocations(
  body: Uint8Array,
  relocations: readonly number[],
  meanings: RelocationTargets,
): void {
  for (let i = 0; i < relocations.length; i += 4) {
    const [offset = 0, kindNumber = -1, index = 0, addend = 0] = relocations.slice(i, i + 4)
    const kind = relocationKinds[kindNumber]
    switch (kind) {
      case undefined:
        throw new Error(`relocation of unknown kind ${kindNumber}`)
      case 'call':
        overwriteUnsigned(body, offset, meanings.call(index, addend))
        break
      case 'runtime':
        overwriteUnsigned(body, offset, meanings.runtime(index))
        break
      case 'type':
        overwriteUnsigned(body, offset, meanings.type(index))
        break
      case 'address':
        overwriteSigned64(body, offset, meanings.address(index, addend))
        break
      default:
        overwriteUnsigned(body, offset, meanings.number(kind, index))
    }
  }
}
