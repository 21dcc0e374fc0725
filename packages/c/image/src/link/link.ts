// SPDX-License-Identifier: GPL-2.0-only
import { type Layout, type ObjectFile } from '@pfo-workbench/object'
import { Numbering } from '@pfo-workbench/object/wasm'
import { CodeBuilder } from './code.ts'
import { initialBytes, shadowOf } from './data-image.ts'
import { Definitions, type Definition } from './definitions.ts'
import { SharedNumbers } from './numbers.ts'
import { placeData, type PlacedData } from './place-data.ts'
import { Reached } from './reach.ts'
import { Resolver, type Resolved, type Target } from './targets.ts'
import { encodeModule } from './wasm-module.ts'
import type { Image, ImageFunction, ImageModule, ImageSymbol, Initcall, MemoryMap } from '../image.ts'
import type { LinkOptions } from '../link-options.ts'

const pageSize = 65536
const dataStart = 65536
const defaultMemory = 32 * 1024 * 1024
const defaultStack = 1024 * 1024

/** Bytes for sites. V8's own stack overflows long before this is used up. */
const siteSize = 256 * 1024

/** The objects cannot be linked. */
export class LinkError extends Error {
  override readonly name = 'LinkError'
}

/** A function or variable that must be in the image. Functions are exported by name. */
interface Root {
  readonly name: string
  readonly resolved: Resolved
}

/**
 * Links objects into an image that contains what the roots, initcalls and modules reach, and nothing else. @throws
 * LinkError
 */
export function link(objects: readonly ObjectFile[], options: LinkOptions): Image {
  return new Linker(objects, options).run()
}

class Linker {
  private readonly objects: readonly ObjectFile[]
  private readonly options: LinkOptions
  private readonly definitions: Definitions
  private readonly resolver: Resolver
  private readonly reached: Reached
  private readonly numbers = new SharedNumbers()

  constructor(objects: readonly ObjectFile[], options: LinkOptions) {
    const [first] = objects
    const odd = objects.find(({ bigEndian }) => bigEndian !== first?.bigEndian)
    if (odd !== undefined) throw new LinkError(`${odd.file} has another byte order than ${first?.file ?? ''}`)
    this.objects = objects
    this.options = options
    this.definitions = new Definitions(objects)
    const { twice } = this.definitions
    if (twice !== null)
      throw new LinkError(`${twice.name} is defined in ${twice.files[0]}, and again in ${twice.files[1]}`)
    this.resolver = new Resolver(this.definitions, objects, options.hosts, options.dataSizes ?? new Map())
    this.reached = new Reached(objects, this.resolver)
  }

  run(): Image {
    const { options, reached } = this
    const roots = this.roots()
    const initcalls = this.initcalls()
    const modules = this.modules()
    for (const { resolved } of [...roots, ...initcalls]) reached.add(resolved)
    for (const { init, exit } of modules) for (const one of [init, exit]) if (one !== null) reached.add(one)
    const placed = placeData(reached, dataStart)
    const memory = this.memoryMap(placed.end)
    const code = new CodeBuilder(reached, this.resolver, this.numbers, options.watch, memory.coverage.start)
    code.fillFunctions(placed)
    const data = initialBytes(reached, placed, this.resolver, code, dataStart)
    const pointer = ({ target }: Resolved): bigint => code.functionPointer(target)
    const imageInitcalls = initcalls.map(({ level, name, file, resolved }): Initcall => ({
      level,
      function: name,
      file,
      address: pointer(resolved),
    }))
    const imageModules = modules.map(({ name, init, exit }): ImageModule => ({
      name,
      init: init === null ? null : pointer(init),
      exit: exit === null ? null : pointer(exit),
      data: placed.modules.get(name) ?? [],
    }))
    const symbols = this.symbols(placed, code)
    const exports = roots.flatMap(({ name, resolved: { target } }) =>
      target.kind === 'function' ? [{ name, function: code.call(target, signatureOf(target)) }] : [],
    )
    code.fillBuiltins(memory.size, memory.shadow.start)
    const coverage = {
      start: memory.coverage.start,
      end: memory.coverage.start + this.numbers.coveragePoints.length,
    }
    const pages = Math.ceil((Math.max(coverage.end, memory.shadow.end) + siteSize) / pageSize)
    const sites = { start: pages * pageSize - siteSize, end: pages * pageSize }
    const total = { ...memory, coverage, pages, sites }
    const { bytes, starts } = encodeModule({
      signatures: code.signatures.values,
      imports: code.imports.map(({ name, signature }) => ({
        name,
        signature: code.signatures.number(signature),
      })),
      functions: code.finish(),
      table: code.table,
      exports,
      pages: total.pages,
      stack: total.stack,
      sites: sites.start,
    })
    const files = new Numbering<string>()
    const allocations = new Numbering<string>()
    return {
      wasm: bytes,
      data,
      dataShadow: shadowOf(placed, reached, dataStart),
      memory: total,
      bigEndian: this.objects[0]?.bigEndian ?? false,
      imports: code.imports,
      functions: imageFunctions(code, starts, files, allocations),
      symbols,
      undefinedData: symbols.filter(({ kind, file }) => kind === 'data' && file === null),
      initcalls: imageInitcalls,
      modules: imageModules,
      layouts: this.layouts(),
      watchpoints: this.numbers.watchpoints,
      untranslated: this.numbers.untranslated,
      dataProblems: [...reached.data.values()].flatMap(({ object, data: { name, problem } }) =>
        problem === null ? [] : [{ name, file: object.file, reason: problem }],
      ),
      coveragePoints: this.numbers.coveragePoints,
      stackVariables: this.numbers.stackVariables,
      files: files.values,
      allocations: allocations.values,
    }
  }

  /**
   * A definition that other files see comes first. Otherwise a static definition counts if its name is unique in the
   * kernel itself or, if the kernel has none, in all modules.
   */
  private roots(): readonly Root[] {
    return [...new Set(this.options.roots)].flatMap((name) => {
      const shared = this.definitions.findShared(null, name)
      const all = this.definitions.named(name)
      const own = all.filter(({ object }) => object.module === null)
      const named = own.length > 0 ? own : all
      const definition: Definition | null = shared ?? (named.length === 1 ? (named[0] ?? null) : null)
      if (definition === null) return []
      const resolved = this.resolver.follow(definition)
      const { kind } = resolved.target
      return kind === 'function' || kind === 'data' ? [{ name, resolved }] : []
    })
  }

  private initcalls(): readonly (Root & { readonly level: string; readonly file: string })[] {
    return this.objects.flatMap((object) => {
      if (object.module !== null) return []
      return object.initcalls.map(({ level, function: name }) => ({
        level,
        name,
        file: object.file,
        resolved: this.resolver.resolve(object, name),
      }))
    })
  }

  private modules(): readonly {
    readonly name: string
    readonly init: Resolved | null
    readonly exit: Resolved | null
  }[] {
    const names = new Set(this.objects.flatMap(({ module }) => module ?? []))
    return [...names].map((name) => {
      const find = (symbol: string): Resolved | null => {
        const definition = this.definitions.findInModule(name, symbol)
        return definition === null ? null : this.resolver.follow(definition)
      }
      return { name, init: find('init_module'), exit: find('cleanup_module') }
    })
  }

  private memoryMap(dataEnd: number): MemoryMap {
    const size = this.options.memorySize ?? defaultMemory
    const stack = this.options.stackSize ?? defaultStack
    const heap = Math.ceil(dataEnd / pageSize) * pageSize
    if (size % pageSize !== 0 || size > 2 ** 31 || heap + stack > size) {
      throw new LinkError(
        `memory of ${size} bytes does not hold ${dataEnd} bytes of data and a stack of ${stack}`,
      )
    }
    const shadow = { start: size, end: size + size / 8 }
    return {
      pages: 0,
      size,
      data: { start: dataStart, end: dataEnd },
      heap: { start: heap, end: size - stack },
      stack: { start: size - stack, end: size },
      shadow,
      coverage: { start: shadow.end, end: shadow.end },
      sites: { start: shadow.end, end: shadow.end },
    }
  }

  private symbols(placed: PlacedData, code: CodeBuilder): readonly ImageSymbol[] {
    const { reached } = this
    const symbols: ImageSymbol[] = []
    for (const target of kernelFirst(reached.functions.values(), ({ object }) => object)) {
      const { name, linkage } = target.function
      const address = code.functionPointer({ kind: 'function', ...target })
      const local = linkage === 'local'
      symbols.push({ name, file: target.object.file, kind: 'function', local, address, size: 0, type: null })
    }
    for (const { object, data } of kernelFirst(reached.data.values(), (one) => one.object)) {
      const { name, linkage, size, type } = data
      const address = code.address({ target: { kind: 'data', object, data }, addend: 0 }, placed, 0)
      symbols.push({ name, file: object.file, kind: 'data', local: linkage === 'local', address, size, type })
    }
    for (const target of reached.undefined) {
      const { name, size, type } = target
      const address = code.address({ target, addend: 0 }, placed, 0)
      symbols.push({ name, file: null, kind: 'data', local: false, address, size, type })
    }
    return symbols
  }

  /** The first definition of a structure with fields wins. The kernel's definitions come before those of modules. */
  private layouts(): ReadonlyMap<string, Layout> {
    const layouts = new Map<string, Layout>()
    for (const object of kernelFirst(this.objects, (one) => one)) {
      for (const [name, layout] of Object.entries(object.layouts)) {
        if ((layouts.get(name)?.fields.length ?? 0) === 0) layouts.set(name, layout)
      }
    }
    return layouts
  }
}

/** Sorts the parts of the kernel itself first, because modules may use the same names for symbols and structures. */
function kernelFirst<T>(parts: Iterable<T>, objectOf: (part: T) => ObjectFile): readonly T[] {
  return [...parts].sort((a, b) => Number(objectOf(a).module !== null) - Number(objectOf(b).module !== null))
}

function signatureOf(target: Target): {
  parameters: readonly ('i32' | 'i64')[]
  results: readonly ('i32' | 'i64')[]
} {
  const found = target.kind === 'function' ? target.object.signatures[target.function.signature] : undefined
  return found ?? { parameters: [], results: [] }
}

function imageFunctions(
  code: CodeBuilder,
  starts: readonly number[],
  files: Numbering<string>,
  allocations: Numbering<string>,
): readonly ImageFunction[] {
  const functions = code.finish()
  return code.placedFunctions().map(({ source: { object, function: one }, wrapper, position, site }) => {
    const start = starts[position] ?? 0
    const lines: number[] = []
    for (let i = 0; !wrapper && i < one.lines.length; i += 3) {
      const [line = 0, file = 0, allocation = -1] = one.lines.slice(i, i + 3)
      const allocated = object.allocations[allocation]
      lines.push(
        line,
        files.number(object.files[file] ?? object.file),
        allocated === undefined ? -1 : allocations.number(allocated),
      )
    }
    return {
      name: one.name,
      file: one.file,
      line: one.line,
      inline: one.inline,
      signature: object.signatures[one.signature] ?? { parameters: [], results: [] },
      start,
      end: start + (functions[position]?.body.length ?? 0),
      wrapper,
      site,
      lines,
    }
  })
}
