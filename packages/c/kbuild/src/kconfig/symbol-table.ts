// SPDX-License-Identifier: GPL-2.0-only
import { KbuildError } from '../error.ts'
import type { KconfigSymbol } from './model.ts'

/** More than any kernel has. */
const maxSymbols = 200_000

/** The symbols that Kconfig files define or name. */
export class SymbolTable {
  readonly #symbols = new Map<string, KconfigSymbol>()

  get all(): Map<string, KconfigSymbol> {
    return this.#symbols
  }

  /** The symbol of a name, which may be defined later, or never. @throws KbuildError `kconfig` if there are too many */
  of(name: string): KconfigSymbol {
    const known = this.#symbols.get(name)
    if (known !== undefined) return known
    const symbol: KconfigSymbol = {
      name,
      places: [],
      type: 'unknown',
      prompts: [],
      defaults: [],
      ranges: [],
      selectedBy: [],
      impliedBy: [],
      dependencies: [],
      choice: null,
      isModules: false,
      isSetInAllNo: false,
      isNotWritten: false,
    }
    this.#symbols.set(name, symbol)
    if (this.#symbols.size > maxSymbols) throw new KbuildError('kconfig', 'Kconfig defines too many symbols')
    return symbol
  }
}
