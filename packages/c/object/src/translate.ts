// SPDX-License-Identifier: GPL-2.0-only
import type { BasicBlock, IrFunction, IrModule, Linkage } from '@pfo-workbench/ir'
import { findAllocations } from './allocations.ts'
import { initialData } from './data.ts'
import { findInitcalls } from './initcalls.ts'
import { LayoutReader } from './layouts.ts'
import type { UnitContext } from './lower/context.ts'
import { signatureOf } from './lower/flatten.ts'
import { translateFunction, type InstructionFacts } from './lower/function.ts'
import { evaluate } from './lower/constants.ts'
import { Untranslatable } from './lower/untranslatable.ts'
import type { Signature } from './signature.ts'
import type {
  ExternalData,
  ExternalFunction,
  ObjectAlias,
  ObjectData,
  ObjectFile,
  ObjectFunction,
  ObjectCoveragePoint,
  ObjectStackVariable,
  ObjectUntranslated,
  SymbolLinkage,
} from './object.ts'
import { ByteWriter } from './wasm/bytes.ts'
import { Numbering } from './numbering.ts'

/** Information that the IR does not have. */
export interface TranslateOptions {
  /** Path of the source file in its tree. */
  readonly file: string
  /** Name of the loadable module that the file is part of; null if it is built in. */
  readonly module: string | null
  /** True if each basic block records that it ran. */
  readonly coverage?: boolean
  /** Functions whose indirect calls are watched. */
  readonly watchIndirectCalls?: readonly string[]
  /**
   * Structures whose layouts the object also contains; `all` for every structure that the file defines. Allocated
   * structures and the types of variables at file scope are always included.
   */
  readonly layouts?: 'all' | readonly string[]
}

/**
 * Translates a file of IR. Never fails: `untranslated` lists code that could not be translated, `problems` lists parts
 * at file scope that were skipped.
 */
export function translate(module: IrModule, options: TranslateOptions): ObjectFile {
  return new Translator(module, options).run()
}

class Translator {
  private readonly module: IrModule
  private readonly options: TranslateOptions
  private readonly layouts: LayoutReader
  private readonly symbols = new Numbering<string>()
  private readonly runtime = new Numbering<string>()
  private readonly files = new Numbering<string>()
  private readonly allocations = new Numbering<string>()
  private readonly signatures = new Numbering<Signature>(
    ({ parameters, results }) => `${parameters.join()}>${results.join()}`,
  )
  private readonly watches = new Numbering<string>()
  private readonly assembler = new Set<string>()
  private readonly untranslated: ObjectUntranslated[] = []
  private readonly coveragePoints: ObjectCoveragePoint[] = []
  private readonly stackVariables: ObjectStackVariable[] = []
  private readonly code = new ByteWriter()
  private readonly bytes = new ByteWriter()
  private readonly problems: string[]

  constructor(module: IrModule, options: TranslateOptions) {
    this.module = module
    this.options = options
    this.layouts = new LayoutReader(module.debug)
    this.problems = module.problems.map(({ reason, text }) => `${reason}: ${text.slice(0, 200)}`)
  }

  run(): ObjectFile {
    const { module, options } = this
    const unit = this.unitContext()
    const functions: ObjectFunction[] = []
    for (const source of module.functions.values()) {
      const translated = this.translateOne(source, unit)
      if (translated !== null) functions.push(translated)
    }
    const data = this.data()
    const aliases = this.aliases()
    const external = this.externals()
    const wanted = options.layouts === 'all' ? module.debug.structNames() : (options.layouts ?? [])
    for (const name of wanted) this.layouts.add(name)
    for (const name of this.allocations.values) this.layouts.add(name)
    return {
      file: options.file,
      module: options.module,
      bigEndian: module.dataLayout.bigEndian,
      signatures: this.signatures.values,
      symbols: this.symbols.values,
      runtime: this.runtime.values,
      files: this.files.values,
      allocations: this.allocations.values,
      functions,
      data,
      aliases,
      ...external,
      initcalls: findInitcalls(module),
      untranslated: this.untranslated,
      coveragePoints: this.coveragePoints,
      stackVariables: this.stackVariables,
      watches: this.watches.values,
      layouts: Object.fromEntries(this.layouts.layouts),
      assembler: [...this.assembler],
      problems: this.problems,
      code: this.code.finish(),
      bytes: this.bytes.finish(),
    }
  }

  private unitContext(): UnitContext {
    const watched = new Set(this.options.watchIndirectCalls ?? [])
    return {
      module: this.module,
      layout: this.module.dataLayout,
      bigEndian: this.module.dataLayout.bigEndian,
      untranslated: (name, line, reason) => this.untranslated.push({ function: name, line, reason }) - 1,
      stackVariable: (name, variable, size) =>
        this.stackVariables.push({ function: name, name: this.variableName(name, variable), size }) - 1,
      indirectWatch: (name) => (watched.has(name) ? this.watches.number(name) : null),
      assembler: (text) => this.assembler.add(text),
    }
  }

  /** Name of a variable in the source. Falls back to its name in the IR. */
  private variableName(functionName: string, name: string): string {
    const records = this.module.functions.get(functionName)?.body()?.debugRecords ?? []
    const record = records.find(({ value }) => value?.kind === 'local' && value.name === name)
    return this.module.debug.variable(record?.variable ?? null)?.name ?? name
  }

  private translateOne(source: IrFunction, unit: UnitContext): ObjectFunction | null {
    const body = source.body()
    if (body === null) return null
    let signature: Signature
    try {
      signature = signatureOf(source.type)
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error
      // The signature of a call has the same types, so a caller cannot be translated either and stops at the call.
      this.untranslated.push({ function: source.name, line: 0, reason: error.message })
      return null
    }
    const { debug } = this.module
    const subprogram = debug.subprogram(source.subprogram)
    const allocations = findAllocations(source, body, this.module, this.layouts)
    const places: InstructionFacts = {
      place: (location) => {
        const found = debug.location(location)
        return found === null ? null : { line: found.line, file: this.files.number(found.file) }
      },
      allocation: (instruction) => {
        const name = allocations.get(instruction)
        return name === undefined ? -1 : this.allocations.number(name)
      },
      coveragePoint: (block) =>
        this.options.coverage === true ? this.coveragePoint(source.name, block) : null,
    }
    const names = {
      symbol: (name: string) => this.symbols.number(name),
      signature: (type: Signature) => this.signatures.number(type),
      runtime: (name: string) => this.runtime.number(name),
    }
    const emitter = translateFunction(source, body, unit, names, places)
    const bodyBytes = emitter.finish()
    const start = this.code.length
    this.code.bytes(bodyBytes)
    return {
      name: source.name,
      linkage: linkageOf(source.linkage),
      signature: this.signatures.number(signature),
      variadic: source.type.variadic,
      inline: source.attributes.has('alwaysinline') || source.attributes.has('inlinehint'),
      file: subprogram?.file ?? this.options.file,
      line: subprogram?.line ?? 0,
      start,
      size: bodyBytes.length,
      relocations: emitter.relocations,
      lines: emitter.lines,
    }
  }

  private coveragePoint(functionName: string, block: BasicBlock): number | null {
    const { debug } = this.module
    const lines = new Set<number>()
    let file = ''
    for (const { location } of block.instructions) {
      const place = debug.location(location)
      if (place === null || place.line === 0) continue
      file = file === '' ? place.file : file
      if (place.file === file) lines.add(place.line)
    }
    if (lines.size === 0) return null
    return (
      this.coveragePoints.push({ function: functionName, file, lines: [...lines].sort((a, b) => a - b) }) - 1
    )
  }

  private data(): readonly ObjectData[] {
    const { module } = this
    const all: ObjectData[] = []
    for (const global of module.globals.values()) {
      if (global.initializer === null || global.section === 'llvm.metadata') continue
      const { bytes, relocations, problem } = initialData(global, module)
      let start: number | null = null
      if (bytes !== null) {
        start = this.bytes.length
        this.bytes.bytes(bytes)
      }
      const variable = module.debug.variable(global.debug)
      all.push({
        name: global.name,
        linkage: linkageOf(global.linkage),
        section: global.section,
        size: module.dataLayout.size(global.type),
        alignment: Math.max(global.alignment, module.dataLayout.alignment(global.type)),
        start,
        relocations,
        type: variable === null ? null : this.layouts.typeOf(variable.type),
        problem,
      })
    }
    return all
  }

  private aliases(): readonly ObjectAlias[] {
    const { module } = this
    const all: ObjectAlias[] = []
    for (const { name, linkage, target } of module.aliases.values()) {
      try {
        const { symbol, minus, addend } = evaluate(target, { module, layout: module.dataLayout })
        if (minus !== null) throw new Untranslatable('an address in a constant')
        if (symbol !== null)
          all.push({ name, linkage: linkageOf(linkage), target: symbol, addend: Number(addend) })
      } catch (error) {
        if (!(error instanceof Untranslatable)) throw error
        this.problems.push(`alias ${name}: ${error.message}`)
      }
    }
    return all
  }

  /** Declarations. The linker uses only those that code or data of this object refers to. */
  private externals(): {
    readonly externalFunctions: readonly ExternalFunction[]
    readonly externalData: readonly ExternalData[]
  } {
    const { module } = this
    const externalFunctions: ExternalFunction[] = []
    for (const source of module.functions.values()) {
      if (source.defined || source.name.startsWith('llvm.')) continue
      try {
        externalFunctions.push({
          name: source.name,
          signature: this.signatures.number(signatureOf(source.type)),
          variadic: source.type.variadic,
          weak: source.linkage === 'extern_weak',
        })
      } catch (error) {
        if (!(error instanceof Untranslatable)) throw error
        this.problems.push(`function ${source.name}: ${error.message}`)
      }
    }
    const externalData: ExternalData[] = []
    for (const global of module.globals.values()) {
      if (global.initializer !== null) continue
      const { type } = global
      const struct =
        type.kind === 'struct' && type.name !== null ? type.name.replace(/^(?:struct|union)\./, '') : null
      externalData.push({
        name: global.name,
        size: module.dataLayout.size(type),
        alignment: Math.max(global.alignment, module.dataLayout.alignment(type)),
        weak: global.linkage === 'extern_weak',
        type: struct === null ? null : { kind: 'struct', name: struct, size: module.dataLayout.size(type) },
      })
    }
    return { externalFunctions, externalData }
  }
}

function linkageOf(linkage: Linkage): SymbolLinkage {
  switch (linkage) {
    case 'internal':
    case 'private':
      return 'local'
    case 'available_externally':
      return 'fallback'
    case 'external':
    case 'appending':
      return 'global'
    default:
      return 'weak'
  }
}
