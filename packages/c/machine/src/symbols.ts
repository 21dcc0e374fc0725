// SPDX-License-Identifier: GPL-2.0-only
import { functionBase, functionStride } from '@pfo-workbench/object'
import type { Image, ImageSymbol } from '@pfo-workbench/image'
import { addressOf } from './memory.ts'

/** The symbols of an image, by name and by address. */
export class Symbols {
  readonly #byName = new Map<string, ImageSymbol>()
  readonly #functions = new Map<bigint, ImageSymbol>()
  readonly #data: readonly ImageSymbol[]
  /** Address of each symbol of `#data`. */
  readonly #addresses: readonly number[]

  constructor({ symbols }: Pick<Image, 'symbols'>) {
    for (const symbol of symbols) {
      // A global symbol takes precedence over a static one of the same name.
      const known = this.#byName.get(symbol.name)
      if (known === undefined || (known.local && !symbol.local)) this.#byName.set(symbol.name, symbol)
      if (symbol.kind === 'function') this.#functions.set(symbol.address, symbol)
    }
    this.#data = symbols
      .filter((symbol) => symbol.kind === 'data')
      .toSorted((a, b) => Number(a.address - b.address))
    this.#addresses = this.#data.map((symbol) => addressOf(symbol.address))
  }

  /** The symbol of a name; null if the image has none. */
  find(name: string): ImageSymbol | null {
    return this.#byName.get(name) ?? null
  }

  /** The pointer to a variable or function; null if the image has none of that name. */
  pointerTo(name: string): bigint | null {
    return this.find(name)?.address ?? null
  }

  /** The function at a pointer; null if there is none. */
  functionSymbolAt(pointer: bigint): ImageSymbol | null {
    return this.#functions.get(BigInt.asUintN(64, pointer)) ?? null
  }

  /** The name of the function at a pointer; null if there is none. */
  functionAt(pointer: bigint): string | null {
    return this.functionSymbolAt(pointer)?.name ?? null
  }

  /** The variable that contains an address; null if there is none. */
  dataAt(address: number): ImageSymbol | null {
    const symbol = this.dataBefore(address)
    return symbol !== null && address < addressOf(symbol.address) + symbol.size ? symbol : null
  }

  /** The last variable that starts at or before an address; null if there is none. */
  dataBefore(address: number): ImageSymbol | null {
    let low = 0
    let high = this.#data.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      if ((this.#addresses[middle] ?? 0) <= address) low = middle + 1
      else high = middle - 1
    }
    return this.#data[high] ?? null
  }
}

/** Index of a function pointer in the function table; null if it is not a function pointer. */
export function functionIndex(pointer: bigint): number | null {
  const offset = BigInt.asUintN(64, pointer) - functionBase
  if (offset < 0n || offset > 0xffffffffn || offset % BigInt(functionStride) !== 0n) return null
  return addressOf(offset) / functionStride
}
