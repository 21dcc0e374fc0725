// SPDX-License-Identifier: GPL-2.0-only
// Machines without WebAssembly, for testing each part of a machine alone. C functions are JavaScript functions.
import type { Image, ImageSymbol, ImportedFunction, WatchedFunction } from '@pfo-workbench/image'
import {
  dataBase,
  functionBase,
  runtimeSignatures,
  type Layout,
  type LayoutField,
} from '@pfo-workbench/object'
import type { WasmFunction } from '../code.ts'
import type { MachineOptions } from '../config.ts'
import type { HostFunctions } from '../host-function.ts'
import { createMachine } from '../create.ts'
import type { Machine } from '../machine.ts'
import type { WebAssemblyApi } from '../realm.ts'
import type { Watch } from '../watch.ts'

const page = 65536

/** A pointer to a structure, or to anything. */
export const pointer = (to: string | null = null): LayoutField['type'] => ({ kind: 'pointer', to })
/** A signed 4-byte number. */
export const int: LayoutField['type'] = { kind: 'integer', size: 4, signed: true }
/** An unsigned 8-byte number. */
export const long: LayoutField['type'] = { kind: 'integer', size: 8, signed: false }

/** A structure with consecutive fields. */
export function layoutOf(fields: readonly (readonly [string, LayoutField['type'], number])[]): Layout {
  let offset = 0
  const placed = fields.map(([name, type, size]) => {
    const field = { name, offset, size, type, bits: null }
    offset += size
    return field
  })
  return { size: offset, union: false, fields: placed }
}

/** Structures of every fake machine: a `thing` with a counter, and a list of them. */
export const layouts: ReadonlyMap<string, Layout> = new Map([
  ['kref', layoutOf([['refcount', int, 4]])],
  [
    'thing',
    layoutOf([
      ['name', pointer(), 8],
      ['next', pointer('thing'), 8],
      ['count', { kind: 'struct', name: 'kref', size: 4 }, 4],
      ['flags', int, 4],
    ]),
  ],
])

/** Options of a fake machine. */
export interface FakeOptions {
  /** C functions. Each can be called by name or through its pointer. */
  readonly functions?: Readonly<Record<string, WasmFunction>>
  /** Sizes of variables by name. */
  readonly data?: Readonly<Record<string, number>>
  readonly imports?: readonly ImportedFunction[]
  readonly hosts?: HostFunctions
  readonly watches?: readonly Watch[]
  readonly watchpoints?: readonly WatchedFunction[]
  readonly options?: Partial<MachineOptions>
  /** Structures in addition to `layouts`. */
  readonly structures?: ReadonlyMap<string, Layout>
  /** Heap size in pages of 64 KiB. */
  readonly heapPages?: number
}

/** The imports with which code reports watched calls, for `FakeOptions.imports`. */
export const watchImports: readonly ImportedFunction[] = (['enter', 'leave'] as const).map((name) => ({
  kind: 'runtime',
  name,
  signature: runtimeSignatures[name],
}))

/** A machine, and the functions that its image imports. */
export interface Fake {
  readonly machine: Machine
  readonly imported: readonly WasmFunction[]
}

/** A machine whose C functions are JavaScript functions, with up to four parameters and a 64-bit result. */
export function fakeMachine(given: FakeOptions = {}): Fake {
  const functions = Object.entries(given.functions ?? {})
  const symbols: ImageSymbol[] = functions.map(([name], index) => ({
    name,
    file: 'fake.c',
    kind: 'function',
    local: false,
    address: functionBase + BigInt(16 * (index + 1)),
    size: 0,
    type: null,
  }))
  let end = page
  for (const [name, size] of Object.entries(given.data ?? {})) {
    const address = dataBase + BigInt(end)
    symbols.push({ name, file: 'fake.c', kind: 'data', local: false, address, size, type: null })
    end += Math.ceil(size / 16) * 16
  }
  const heapEnd = (2 + (given.heapPages ?? 4)) * page
  const size = heapEnd + page
  const image: Image = {
    wasm: new Uint8Array(),
    data: new Uint8Array(end - page),
    dataShadow: new Uint8Array((end - page) / 8),
    bigEndian: false,
    memory: {
      pages: size / page + Math.ceil(size / 8 / page) + 1,
      size,
      data: { start: page, end },
      heap: { start: 2 * page, end: heapEnd },
      stack: { start: heapEnd, end: size },
      shadow: { start: size, end: size + size / 8 },
      coverage: { start: size + size / 8, end: size + size / 8 },
      sites: { start: size + size / 8, end: size + size / 8 + page },
    },
    imports: given.imports ?? [],
    functions: functions.map(([name], index) => ({
      name,
      file: 'fake.c',
      line: 1,
      inline: false,
      signature: { parameters: ['i64', 'i64', 'i64', 'i64'], results: ['i64'] },
      start: index,
      end: index + 1,
      wrapper: false,
      site: index,
      lines: [],
    })),
    symbols,
    undefinedData: [],
    initcalls: [],
    modules: [],
    layouts: new Map([...layouts, ...(given.structures ?? [])]),
    watchpoints: given.watchpoints ?? [],
    untranslated: [],
    dataProblems: [],
    coveragePoints: [],
    stackVariables: [],
    files: [],
    allocations: [],
  }
  let imported: readonly WasmFunction[] = []
  const webAssembly: WebAssemblyApi = {
    Memory: class {
      readonly buffer: ArrayBuffer
      constructor({ initial }: { readonly initial: number }) {
        this.buffer = new ArrayBuffer(initial * page)
      }
    },
    Module: Object,
    Instance: class {
      readonly exports: Readonly<Record<string, unknown>>
      constructor(_module: object, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>) {
        imported = Object.values(imports['host'] ?? {}) as WasmFunction[]
        this.exports = {
          ...given.functions,
          functions: { get: (index: number) => functions[index - 1]?.[1] ?? null },
          sp: { value: size },
          stackLow: { value: heapEnd },
          r13: { value: 0n },
          siteTop: { value: size + size / 8 },
        }
      }
    },
  }
  const machine = createMachine(image, {
    options: {
      release: { major: 6, minor: 1, text: '6.1.0' },
      slubPoison: true,
      lockDebugging: true,
      hungTaskTimeout: 10,
      ...given.options,
    },
    hosts: given.hosts ?? {},
    watches: given.watches ?? [],
    webAssembly,
  })
  return { machine, imported }
}
