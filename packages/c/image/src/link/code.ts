// SPDX-License-Identifier: GPL-2.0-only
import {
  dataBase,
  functionBase,
  functionStride,
  helperSignatures,
  runtimeSignatures,
  type HelperName,
  type ObjectFile,
  type RuntimeName,
  type Signature,
} from '@pfo-workbench/object'
import { Numbering, type Emitter, type NameTable } from '@pfo-workbench/object/wasm'
import { emitAdapter, emitWrapper } from './adapters.ts'
import { builtinSignatures, emitBuiltin } from './builtins.ts'
import type { HelperLayout } from './builtins/helper-layout.ts'
import type { SharedNumbers } from './numbers.ts'
import { applyRelocations, type RelocationTargets } from './relocate.ts'
import { isRequestedFunction } from './requested-function.ts'
import type { PlacedData } from './place-data.ts'
import type { Reached, ReachedFunction } from './reach.ts'
import type { ImportTarget, Resolved, Resolver, Target } from './targets.ts'
import type { ModuleFunction } from './wasm-module.ts'
import type { ImportedFunction } from '../image.ts'
import type { WatchRequest } from '../link-options.ts'

/** A function of the module under construction. */
interface Slot {
  readonly name: string
  readonly signature: number
  body: Uint8Array
  /** The C function that this function is or wraps; null for the image's own functions. */
  readonly source: ReachedFunction | null
  readonly wrapper: boolean
  /** Number of the function's first site; -1 if it has no sites. */
  readonly site: number
}

/** Numbers in the code of one of the image's own functions. */
interface OwnNumbers {
  readonly watch: number
  readonly site: number
}

const none: OwnNumbers = { watch: 0, site: 0 }

/** A C function in the module, for the tables of the image. */
export interface PlacedFunction {
  readonly source: ReachedFunction
  readonly wrapper: boolean
  /** Index among the functions that are not imported. */
  readonly position: number
  /** Number of the function's first site. */
  readonly site: number
}

/** Numbers the functions, generates the image's own functions, and applies all relocations. */
export class CodeBuilder {
  readonly imports: ImportedFunction[] = []
  readonly signatures: Numbering<Signature> = new Numbering<Signature>(
    ({ parameters, results }) => `${parameters.join()}>${results.join()}`,
  )
  /** Function numbers. Entry i has index i + 1 in the WebAssembly table, from which C's function pointer follows. */
  readonly table: number[] = []
  private readonly slots: Slot[] = []
  private readonly tableEntries = new Map<number, number>()
  private readonly functions = new Map<ReachedFunction['function'], number>()
  private readonly wrappers = new Map<ReachedFunction['function'], number>()
  private readonly importNumbers = new Map<ImportTarget, number>()
  private readonly runtimeNumbers = new Map<string, number>()
  private readonly builtins = new Map<string, Slot>()
  private readonly adapters = new Map<string, number>()
  private readonly resolver: Resolver
  private readonly numbers: SharedNumbers
  private readonly coverage: number
  private sites = 0

  /** @param coverage - address of the byte of the first coverage point */
  constructor(
    reached: Reached,
    resolver: Resolver,
    numbers: SharedNumbers,
    watch: readonly WatchRequest[],
    coverage: number,
  ) {
    this.resolver = resolver
    this.numbers = numbers
    this.coverage = coverage
    for (const [name, signature] of Object.entries(runtimeSignatures)) {
      this.runtimeNumbers.set(
        name,
        this.imports.push({ kind: 'runtime', name: name as RuntimeName, signature }) - 1,
      )
    }
    for (const target of reached.imports) {
      const { name, signature, variadic, host } = target
      const kind = host ? 'host' : 'missing'
      this.importNumbers.set(target, this.imports.push({ kind, name, signature, variadic }) - 1)
    }
    for (const source of reached.functions.values()) {
      this.functions.set(source.function, this.add(source.function.name, signatureOf(source), source, false))
    }
    for (const source of reached.functions.values()) {
      if (watch.some((request) => matches(request, source))) this.addWrapper(source)
    }
  }

  /** Number of the function for a call with signature `wanted`, through an adapter if the signatures differ. */
  call(target: Target, wanted: Signature): number {
    const known = this.signatureOf(target)
    const index = this.indexOf(target, wanted)
    if (known === null || this.signatures.number(known) === this.signatures.number(wanted)) return index
    return this.adapter(index, wanted, known)
  }

  /** Address of a target as C sees it. */
  address({ target, addend }: Resolved, placed: PlacedData, extra: number): bigint {
    const distance = BigInt(addend + extra)
    switch (target.kind) {
      case 'data':
        return dataBase + BigInt(placed.addresses.get(target.data) ?? 0) + distance
      case 'undefined':
        return dataBase + BigInt(placed.undefined.get(target) ?? 0) + distance
      case 'section': {
        const bounds = placed.sections.get(target.module)?.get(target.section)
        return dataBase + BigInt((target.end ? bounds?.end : bounds?.start) ?? 0) + distance
      }
      case 'none':
        return 0n
      default:
        return this.functionPointer(target) + distance
    }
  }

  /** C function pointer of a target. */
  functionPointer(target: Target): bigint {
    const index = this.indexOf(target, { parameters: [], results: [] })
    let entry = this.tableEntries.get(index)
    if (entry === undefined) {
      entry = this.table.push(index)
      this.tableEntries.set(index, entry)
    }
    return functionBase + BigInt(entry * functionStride)
  }

  /** Fills in the code of the C functions. */
  fillFunctions(placed: PlacedData): void {
    for (const slot of this.slots) {
      if (slot.source !== null && !slot.wrapper) slot.body = this.patched(slot.source, slot.site, placed)
    }
  }

  /** Emits the image's own functions. Nothing may be added to the table afterwards. */
  fillBuiltins(memorySize: number, shadow: number): void {
    const layout: HelperLayout = { memorySize, shadow, tableSize: this.table.length + 1 }
    const written = new Set<string>()
    for (;;) {
      const next = [...this.builtins].find(([name]) => !written.has(name))
      if (next === undefined) return
      const [name, slot] = next
      written.add(name)
      slot.body = this.make((names) => emitBuiltin(name, names, layout), null, none)
    }
  }

  /** The functions that are not imported, in order. */
  finish(): readonly ModuleFunction[] {
    return this.slots
  }

  placedFunctions(): readonly PlacedFunction[] {
    return this.slots.flatMap(({ source, wrapper, site }, position) =>
      source === null ? [] : [{ source, wrapper, position, site }],
    )
  }

  private add(name: string, signature: Signature, source: ReachedFunction | null, wrapper: boolean): number {
    const slot = {
      name,
      signature: this.signatures.number(signature),
      body: new Uint8Array(),
      source,
      wrapper,
      site: source === null ? -1 : this.sites,
    }
    if (source !== null) this.sites += wrapper ? 1 : 1 + source.function.lines.length / 3
    return this.imports.length + this.slots.push(slot) - 1
  }

  private addWrapper(source: ReachedFunction): void {
    const { function: one, object } = source
    const signature = signatureOf(source)
    const watch = this.numbers.watch({ kind: 'function', name: one.name, file: object.file })
    const index = this.add(one.name, signature, source, true)
    const inner = this.functions.get(one) ?? 0
    const slot = this.slotAt(index)
    slot.body = this.make((names) => emitWrapper(names, signature), inner, { watch, site: slot.site })
    this.wrappers.set(one, index)
  }

  private slotAt(index: number): Slot {
    const slot = this.slots[index - this.imports.length]
    if (slot === undefined) throw new Error(`no function ${index}`)
    return slot
  }

  private signatureOf(target: Target): Signature | null {
    switch (target.kind) {
      case 'function':
        return signatureOf(target)
      case 'import':
      case 'builtin':
        return target.signature
      default:
        return null
    }
  }

  /** Number of a function. For a target that is not a function, an adapter with signature `wanted` that traps. */
  private indexOf(target: Target, wanted: Signature): number {
    switch (target.kind) {
      case 'function':
        return this.wrappers.get(target.function) ?? this.functions.get(target.function) ?? 0
      case 'import':
        return this.importNumbers.get(target) ?? 0
      case 'builtin':
        return this.builtin(target.name)
      default:
        return this.adapter(this.runtime('trap'), wanted, runtimeSignatures.trap)
    }
  }

  private runtime(name: string): number {
    return this.runtimeNumbers.get(name) ?? this.builtin(name)
  }

  private builtin(name: string): number {
    const known = this.builtins.get(name)
    if (known !== undefined) return this.imports.length + this.slots.indexOf(known)
    const signature = builtinSignatures.get(name) ?? helperSignatures[name as HelperName]
    const index = this.add(name, signature, null, false)
    this.builtins.set(name, this.slotAt(index))
    return index
  }

  private adapter(index: number, from: Signature, to: Signature): number {
    const key = `${index}:${this.signatures.number(from)}`
    let adapter = this.adapters.get(key)
    if (adapter === undefined) {
      adapter = this.add(`adapter of ${index}`, from, null, false)
      this.adapters.set(key, adapter)
      this.slotAt(adapter).body = this.make((names) => emitAdapter(names, from, to), index, none)
    }
    return adapter
  }

  /**
   * Emits a function that the linker writes itself, such as an adapter or a wrapper. All its direct calls go to
   * function number `target`.
   */
  private make(
    write: (names: NameTable) => Emitter,
    target: number | null,
    { watch, site }: OwnNumbers,
  ): Uint8Array {
    const runtime = new Numbering<string>()
    const signatures = new Numbering<Signature>()
    const emitter = write({
      symbol: () => 0,
      signature: (signature) => signatures.number(signature),
      runtime: (name) => runtime.number(name),
    })
    const body = emitter.finish()
    applyRelocations(body, emitter.relocations, {
      call: () => target ?? 0,
      runtime: (index) => this.runtime(runtime.values[index] ?? ''),
      type: (index) => this.signatures.number(signatures.values[index] ?? { parameters: [], results: [] }),
      address: () => 0n,
      number: (kind) => (kind === 'site' ? site : watch),
    })
    return body
  }

  private patched({ object, function: one }: ReachedFunction, site: number, placed: PlacedData): Uint8Array {
    const body = object.code.slice(one.start, one.start + one.size)
    applyRelocations(body, one.relocations, this.meanings(object, site, placed))
    return body
  }

  private meanings(object: ObjectFile, site: number, placed: PlacedData): RelocationTargets {
    const resolve = (symbol: number): Resolved => this.resolver.resolve(object, object.symbols[symbol] ?? '')
    const signature = (index: number): Signature =>
      object.signatures[index] ?? { parameters: [], results: [] }
    return {
      call: (symbol, index) => this.call(resolve(symbol).target, signature(index)),
      runtime: (index) => this.runtime(object.runtime[index] ?? ''),
      type: (index) => this.signatures.number(signature(index)),
      address: (symbol, addend) => this.address(resolve(symbol), placed, addend),
      number: (kind, index) => {
        switch (kind) {
          case 'untranslated':
            return this.numbers.untranslatedNumber(object, index)
          case 'coveragePoint':
            return this.coverage + this.numbers.coveragePointNumber(object, index)
          case 'stackVariable':
            return this.numbers.stackVariableNumber(object, index)
          case 'watch':
            return this.numbers.indirectWatch(object, index)
          case 'site':
            return site + index
        }
      },
    }
  }
}

function signatureOf({ object, function: one }: ReachedFunction): Signature {
  return object.signatures[one.signature] ?? { parameters: [], results: [] }
}

function matches(request: WatchRequest, { object, function: one }: ReachedFunction): boolean {
  return (
    request.kind === 'function' && request.name === one.name && isRequestedFunction(object, one, request.file)
  )
}
