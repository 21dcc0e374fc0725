// SPDX-License-Identifier: GPL-2.0-only
import { functionBase, functionStride } from '@pfo-workbench/object'
import type { Image, ImageSymbol } from '@pfo-workbench/image'
import { addressOf, pointerTo } from './memory.ts'

/** The named things of an image, by name and by place. */
export class Symbols {
  readonly #byName = new Map<string, ImageSymbol>()
  readonly #functions = new Map<bigint, ImageSymbol>()
  readonly #data: readonly ImageSymbol[]

  constructor({ symbols }: Pick<Image, 'symbols'>) {
    for (const symbol of symbols) {
      // A global name is meant before a static one of the same name.
      const known = this.#byName.get(symbol.name)
      if (known === undefined || (known.local && !symbol.local)) this.#byName.set(symbol.name, symbol)
      if (symbol.kind === 'function') this.#functions.set(symbol.address, symbol)
    }
    this.#data = symbols
      .filter((symbol) => symbol.kind === 'data')
      .toSorted((a, b) => Number(a.address - b.address))
  }

  /** The symbol of a name; null if the image has none. */
  find(name: string): ImageSymbol | null {
    return this.#byName.get(name) ?? null
  }

  /** The pointer to a variable or function; null if the image has none of that name. */
  pointerTo(name: string): bigint | null {
    return this.find(name)?.address ?? null
  }

  /** The function that a pointer leads to; null if it leads to none. */
  functionSymbolAt(pointer: bigint): ImageSymbol | null {
    return this.#functions.get(BigInt.asUintN(64, pointer)) ?? null
  }

  /** The name of the function that a pointer leads to; null if it leads to none. */
  functionAt(pointer: bigint): string | null {
    return this.functionSymbolAt(pointer)?.name ?? null
  }

  /** The variable that an address lies in; null if it lies in none. */
  dataAt(address: number): ImageSymbol | null {
    const symbol = this.dataBefore(address)
    return symbol !== null && pointerTo(address) < symbol.address + BigInt(symbol.size) ? symbol : null
  }

  /** The last variable that begins at or before an address; null if there is none. */
  dataBefore(address: number): ImageSymbol | null {
    const pointer = pointerTo(address)
    let low = 0
    let high = this.#data.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      if ((this.#data[middle]?.address ?? 0n) <= pointer) low = middle + 1
      else high = middle - 1
    }
    return this.#data[high] ?? null
  }
}

/** Position in the table of functions that a function pointer stands for; null if it is no function pointer. */
export function functionIndex(pointer: bigint): number | null {
  const offset = BigInt.asUintN(64, pointer) - functionBase
  if (offset < 0n || offset > 0xffffffffn || offset % BigInt(functionStride) !== 0n) return null
  return addressOf(offset) / functionStride
}
