// SPDX-License-Identifier: GPL-2.0-only
import { parseModule } from '@pfo-workbench/ir'
import { dataBase, translate, type RuntimeName, type TranslateOptions } from '@pfo-workbench/object'
import { link, type Image, type LinkOptions } from '../../src/index.ts'

/** A program stopped early: the reason and its arguments. */
export class Stopped extends Error {
  readonly kind: string
  readonly details: readonly (bigint | number)[]

  constructor(kind: string, details: readonly (bigint | number)[] = []) {
    super(`${kind} ${details.map((one) => one.toString(16)).join(' ')}`)
    this.kind = kind
    this.details = details
  }
}

type Numbers = (...values: (bigint | number)[]) => bigint | number | undefined

/** An image in a minimal machine. */
export interface Program {
  readonly image: Image
  readonly memory: DataView
  readonly shadow: Uint8Array
  /** Calls of imported functions, in order. */
  readonly told: { readonly name: string; readonly values: readonly (bigint | number)[] }[]
  readonly call: (name: string, ...values: (bigint | number)[]) => bigint | number | undefined
  readonly callPointer: (pointer: bigint, ...values: (bigint | number)[]) => bigint | number | undefined
  readonly setRegister13: (value: bigint) => void
  /** Sites of the functions that have not returned, innermost first. */
  readonly sites: () => readonly number[]
}

/** Translates and links the IR of files, by path. */
export function build(
  files: Readonly<Record<string, string>>,
  options: Partial<LinkOptions> & { readonly translate?: Partial<TranslateOptions> } = {},
): Image {
  const objects = Object.entries(files).map(([file, ir]) =>
    translate(parseModule(ir), { file, module: null, ...options.translate }),
  )
  const names = objects.flatMap(({ functions, data }) => [...functions, ...data].map(({ name }) => name))
  return link(objects, { hosts: new Map(), roots: names, watch: [], memorySize: 4 << 20, ...options })
}

/**
 * Instantiates an image. Records all calls of imported functions. A call without an implementation stops the program,
 * except for `enter`, `leave` and `warn`.
 *
 * @param hosts - host functions by name
 * @param runtime - replacements of runtime functions by name
 */
export function start(
  image: Image,
  hosts: Readonly<Record<string, Numbers>> = {},
  runtime: Partial<Readonly<Record<RuntimeName, Numbers>>> = {},
): Program {
  const memory = new WebAssembly.Memory({ initial: image.memory.pages })
  const bytes = new Uint8Array(memory.buffer)
  bytes.set(image.data, image.memory.data.start)
  const { shadow, data } = image.memory
  bytes.fill(0xfe, shadow.start, shadow.start + data.start / 8)
  bytes.set(image.dataShadow, shadow.start + data.start / 8)
  const told: Program['told'] = []
  const imported: Record<string, Numbers> = {}
  for (const [i, one] of image.imports.entries()) {
    const note: Numbers = (...values) => {
      told.push({ name: one.name, values })
      const own = one.kind === 'runtime' ? runtime[one.name] : hosts[one.name]
      if (own !== undefined) return own(...values)
      if (one.kind === 'runtime' && (one.name === 'enter' || one.name === 'leave' || one.name === 'warn'))
        return undefined
      throw new Stopped(one.name, values)
    }
    imported[String(i)] = note
  }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(image.wasm as Uint8Array<ArrayBuffer>), {
    env: { memory },
    host: imported,
  })
  const { exports } = instance
  const table = exports['functions'] as WebAssembly.Table
  return {
    image,
    memory: new DataView(memory.buffer),
    shadow: bytes.subarray(shadow.start, shadow.end),
    told,
    call: (name, ...values) => (exports[name] as Numbers)(...values),
    callPointer: (pointer, ...values) =>
      (table.get(Number(pointer & 0xffffffffn) / 16) as Numbers)(...values),
    setRegister13: (value) => {
      ;(exports['r13'] as WebAssembly.Global<'i64'>).value = value
    },
    sites: () => {
      const top = (exports['siteTop'] as WebAssembly.Global).value as number
      const { start: first } = image.memory.sites
      return [...new Int32Array(memory.buffer, first, (top - first) / 4)].reverse()
    },
  }
}

/** Address of a data symbol in memory. */
export function addressOf(image: Image, name: string): number {
  const symbol = image.symbols.find((one) => one.name === name && one.kind === 'data')
  if (symbol === undefined) throw new Error(`no data ${name}`)
  return Number(symbol.address - dataBase)
}
