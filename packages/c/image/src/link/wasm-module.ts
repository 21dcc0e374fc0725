// SPDX-License-Identifier: GPL-2.0-only
import { type Signature, type WasmType } from '@pfo-workbench/object'
import { ByteWriter, globals, op, typeCode } from '@pfo-workbench/object/wasm'

/** A function of the module that is not imported. */
export interface ModuleFunction {
  readonly name: string
  /** Index in `signatures`. */
  readonly signature: number
  /** Locals and code, without the size prefix. */
  readonly body: Uint8Array
}

/** Content of a WebAssembly module. */
export interface ModuleParts {
  readonly signatures: readonly Signature[]
  /** Imports from `host`. The field name of an import is its index. */
  readonly imports: readonly { readonly name: string; readonly signature: number }[]
  readonly functions: readonly ModuleFunction[]
  /** Function numbers, imports first. Entry 0 of the table stays empty. */
  readonly table: readonly number[]
  readonly exports: readonly { readonly name: string; readonly function: number }[]
  readonly pages: number
  readonly stack: { readonly start: number; readonly end: number }
  /** Start of the sites. */
  readonly sites: number
}

/** An encoded module, and the offsets of its function bodies. */
export interface EncodedModule {
  readonly bytes: Uint8Array
  readonly starts: readonly number[]
}

const sections = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
} as const
const externals = { function: 0, table: 1, memory: 2, global: 3 } as const

/** Encodes a module. Its name section gives the functions names in JavaScript stack traces. */
export function encodeModule(parts: ModuleParts): EncodedModule {
  const out = new ByteWriter()
  out.bytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
  section(out, sections.type, (writer) => {
    vector(writer, parts.signatures, ({ parameters, results }) => {
      writer.byte(0x60)
      types(writer, parameters)
      types(writer, results)
    })
  })
  section(out, sections.import, (writer) => {
    writer.unsigned(parts.imports.length + 1)
    text(writer, 'env')
    text(writer, 'memory')
    writer.byte(externals.memory)
    writer.byte(0)
    writer.unsigned(parts.pages)
    for (const [i, { signature }] of parts.imports.entries()) {
      text(writer, 'host')
      text(writer, String(i))
      writer.byte(externals.function)
      writer.unsigned(signature)
    }
  })
  section(out, sections.function, (writer) => {
    vector(writer, parts.functions, ({ signature }) => writer.unsigned(signature))
  })
  section(out, sections.table, (writer) => {
    writer.unsigned(1)
    writer.byte(0x70)
    writer.byte(0)
    writer.unsigned(parts.table.length + 1)
  })
  section(out, sections.global, (writer) => writeGlobals(writer, parts))
  section(out, sections.export, (writer) => writeExports(writer, parts))
  section(out, sections.element, (writer) => {
    writer.unsigned(1)
    writer.byte(0)
    writer.byte(op.i32Const)
    writer.signed(1)
    writer.byte(op.end)
    vector(writer, parts.table, (index) => writer.unsigned(index))
  })
  const starts = writeCode(out, parts.functions)
  section(out, 0, (writer) => writeNames(writer, parts))
  return { bytes: out.finish(), starts }
}

function writeGlobals(writer: ByteWriter, parts: ModuleParts): void {
  const initial: [index: number, type: WasmType, value: number][] = [
    [globals.sp, 'i32', parts.stack.end],
    [globals.stackLow, 'i32', parts.stack.start],
    [globals.r13, 'i64', 0],
    [globals.siteTop, 'i32', parts.sites],
  ]
  vector(
    writer,
    initial.sort(([a], [b]) => a - b),
    ([, type, value]) => {
      writer.byte(typeCode[type])
      writer.byte(1)
      writer.byte(type === 'i32' ? op.i32Const : op.i64Const)
      writer.signed(value)
      writer.byte(op.end)
    },
  )
}

function writeExports(writer: ByteWriter, parts: ModuleParts): void {
  writer.unsigned(parts.exports.length + 5)
  for (const name of ['sp', 'stackLow', 'r13', 'siteTop'] as const) {
    text(writer, name)
    writer.byte(externals.global)
    writer.unsigned(globals[name])
  }
  text(writer, 'functions')
  writer.byte(externals.table)
  writer.unsigned(0)
  for (const { name, function: index } of parts.exports) {
    text(writer, name)
    writer.byte(externals.function)
    writer.unsigned(index)
  }
}

/** Writes the code section, and returns the offset of each body in the module. */
function writeCode(out: ByteWriter, functions: readonly ModuleFunction[]): readonly number[] {
  const code = new ByteWriter()
  const starts: number[] = []
  code.unsigned(functions.length)
  for (const { body } of functions) {
    code.unsigned(body.length)
    starts.push(code.length)
    code.bytes(body)
  }
  out.byte(sections.code)
  out.unsigned(code.length)
  const base = out.length
  out.bytes(code.finish())
  return starts.map((start) => base + start)
}

function writeNames(writer: ByteWriter, parts: ModuleParts): void {
  text(writer, 'name')
  const names = new ByteWriter()
  vector(names, [...[...parts.imports, ...parts.functions].entries()], ([index, { name }]) => {
    names.unsigned(index)
    text(names, name)
  })
  writer.byte(1)
  writer.unsigned(names.length)
  writer.bytes(names.finish())
}

function section(out: ByteWriter, id: number, write: (writer: ByteWriter) => void): void {
  const content = new ByteWriter()
  write(content)
  out.byte(id)
  out.unsigned(content.length)
  out.bytes(content.finish())
}

function vector<T>(writer: ByteWriter, items: readonly T[], write: (item: T) => void): void {
  writer.unsigned(items.length)
  for (const item of items) write(item)
}

function types(writer: ByteWriter, all: readonly WasmType[]): void {
  vector(writer, all, (type) => writer.byte(typeCode[type]))
}

function text(writer: ByteWriter, value: string): void {
  const bytes = new TextEncoder().encode(value)
  writer.unsigned(bytes.length)
  writer.bytes(bytes)
}
