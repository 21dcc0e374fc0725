// SPDX-License-Identifier: GPL-2.0-only
import type { Image, ImportedFunction } from '@pfo-workbench/image'
import type { Signature } from '@pfo-workbench/object'
import type { WebAssemblyApi } from './realm.ts'
import { SiteStack } from './stack.ts'
import { functionIndex, type Symbols } from './symbols.ts'

/** A number as WebAssembly passes it: `number` for i32, `bigint` for i64. */
export type WasmValue = number | bigint

/** A function that WebAssembly exports or imports. */
export type WasmFunction = (...values: WasmValue[]) => WasmValue | readonly WasmValue[] | undefined

interface Global {
  value: WasmValue
}

/** The target of a function pointer. */
interface Called {
  readonly function: WasmFunction
  readonly signature: Signature | null
}

interface Table {
  get(index: number): WasmFunction | null
}

/** Executable C code: an instance of an image's WebAssembly. */
export class Code {
  readonly #exports: Readonly<Record<string, unknown>>
  readonly #functions: Table
  readonly #sp: Global
  /** The current call site of each active function. */
  readonly sites: SiteStack
  readonly #r13: Global
  readonly #signatures: ReadonlyMap<string, Signature>
  readonly #known = new Map<bigint, Called>()
  readonly #symbols: Symbols

  /** @param supply - creates the function for each import of the image */
  constructor(
    image: Image,
    memory: { readonly buffer: ArrayBuffer },
    symbols: Symbols,
    webAssembly: WebAssemblyApi,
    supply: (imported: ImportedFunction) => WasmFunction,
  ) {
    const module = new webAssembly.Module(image.wasm as Uint8Array<ArrayBuffer>)
    const host = Object.fromEntries(image.imports.map((one, index) => [String(index), supply(one)]))
    const { exports } = new webAssembly.Instance(module as never, { env: { memory }, host } as never)
    this.#exports = exports
    this.#functions = exports['functions'] as Table
    this.#sp = exports['sp'] as Global
    this.sites = new SiteStack(memory.buffer, image, exports['siteTop'] as Global)
    this.#r13 = exports['r13'] as Global
    this.#signatures = new Map(image.functions.map((one) => [`${one.name} ${one.file}`, one.signature]))
    this.#symbols = symbols
  }

  /** The stack pointer. */
  get sp(): number {
    return Number(this.#sp.value)
  }

  set sp(address: number) {
    this.#sp.value = address
  }

  /** r13, which points to the paca. */
  set r13(pointer: bigint) {
    this.#r13.value = BigInt.asIntN(64, pointer)
  }

  /**
   * True if the image has a function of this name that can be called: an object defines it, and it is one of the roots.
   */
  has(name: string): boolean {
    return typeof this.#exports[name] === 'function' && this.#symbols.find(name)?.kind === 'function'
  }

  /**
   * Calls a C function by name.
   *
   * @returns its result, unsigned; 0 if it has none
   * @throws Error if `has` returns false for this name
   */
  call(name: string, values: readonly (number | bigint)[]): bigint {
    const symbol = this.#symbols.find(name)
    const called = this.#exports[name]
    if (typeof called !== 'function' || symbol === null) throw new Error(`the image has no function ${name}`)
    return this.#run(called as WasmFunction, this.#signatureOf(name, symbol.file), values)
  }

  /**
   * Calls the target of a function pointer.
   *
   * @returns its result, unsigned; null if the pointer does not point to a function
   */
  callPointer(pointer: bigint, values: readonly (number | bigint)[]): bigint | null {
    const called = this.#known.get(pointer) ?? this.#find(pointer)
    return called === null ? null : this.#run(called.function, called.signature, values)
  }

  #find(pointer: bigint): Called | null {
    const index = functionIndex(pointer)
    const found = index === null ? null : this.#get(index)
    const symbol = this.#symbols.functionSymbolAt(pointer)
    if (found === null || symbol === null) return null
    const called = { function: found, signature: this.#signatureOf(symbol.name, symbol.file) }
    this.#known.set(pointer, called)
    return called
  }

  #get(index: number): WasmFunction | null {
    try {
      return this.#functions.get(index)
    } catch (error) {
      // The index is outside of the table.
      if (error instanceof RangeError) return null
      throw error
    }
  }

  #signatureOf(name: string, file: string | null): Signature | null {
    return this.#signatures.get(`${name} ${file ?? ''}`) ?? null
  }

  #run(called: WasmFunction, signature: Signature | null, values: readonly (number | bigint)[]): bigint {
    if (signature === null) throw new Error('the image does not tell the types of a function that is called')
    const passed = signature.parameters.map((type, index) => {
      const value = BigInt(values[index] ?? 0)
      return type === 'i32' ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value)
    })
    const result = called(...passed)
    if (typeof result === 'bigint') return BigInt.asUintN(64, result)
    return typeof result === 'number' ? BigInt(result >>> 0) : 0n
  }
}
