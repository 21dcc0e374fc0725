// SPDX-License-Identifier: GPL-2.0-only
import type { Image, ImageModule, ImageSymbol, Initcall } from './image.ts'

/** An image as JSON has it, which has no big numbers: addresses are texts of hexadecimal digits. */
interface WrittenImage extends Omit<
  Image,
  'wasm' | 'data' | 'dataShadow' | 'symbols' | 'undefinedData' | 'initcalls' | 'modules' | 'layouts'
> {
  readonly wasm: WrittenBytes
  readonly data: WrittenBytes
  readonly dataShadow: WrittenBytes
  readonly symbols: readonly (Omit<ImageSymbol, 'address'> & { readonly address: string })[]
  /** Positions in `symbols`. */
  readonly undefinedData: readonly number[]
  readonly initcalls: readonly (Omit<Initcall, 'address'> & { readonly address: string })[]
  readonly modules: readonly (Omit<ImageModule, 'init' | 'exit'> & {
    readonly init: string | null
    readonly exit: string | null
  })[]
  readonly layouts: Readonly<Record<string, unknown>>
}

const hex = (value: bigint): string => `0x${value.toString(16)}`

/** An image as text, for putting it into a bundle. */
export function imageToJson(image: Image): string {
  const { symbols } = image
  const written = {
    ...image,
    wasm: writeBytes(image.wasm),
    data: writeBytes(image.data),
    dataShadow: writeBytes(image.dataShadow),
    symbols: symbols.map((one) => ({ ...one, address: hex(one.address) })),
    undefinedData: image.undefinedData.map((one) => symbols.indexOf(one)),
    initcalls: image.initcalls.map((one) => ({ ...one, address: hex(one.address) })),
    modules: image.modules.map((one) => ({
      ...one,
      init: one.init === null ? null : hex(one.init),
      exit: one.exit === null ? null : hex(one.exit),
    })),
    layouts: Object.fromEntries(image.layouts),
  } satisfies WrittenImage
  return JSON.stringify(written)
}

/** Reads what {@link imageToJson} wrote. The text must come from there: it is not looked at for anything else. */
export function imageFromJson(text: string): Image {
  // A function that looks at every value would take longer than all of a run does.
  const written = JSON.parse(text) as WrittenImage
  const symbols = written.symbols.map((one): ImageSymbol => ({ ...one, address: BigInt(one.address) }))
  return {
    ...written,
    wasm: readBytes(written.wasm),
    data: readBytes(written.data),
    dataShadow: readBytes(written.dataShadow),
    symbols,
    undefinedData: written.undefinedData.flatMap((index) => symbols[index] ?? []),
    initcalls: written.initcalls.map((one) => ({ ...one, address: BigInt(one.address) })),
    modules: written.modules.map((one) => ({
      ...one,
      init: one.init === null ? null : BigInt(one.init),
      exit: one.exit === null ? null : BigInt(one.exit),
    })),
    layouts: new Map(Object.entries(written.layouts as Readonly<Record<string, never>>)),
  }
}

/** Bytes as JSON has them. */
interface WrittenBytes {
  readonly length: number
  /** Four bytes each, as this machine has numbers in memory: a bundle is run where it is made. */
  readonly words: readonly number[]
}

function writeBytes(bytes: Uint8Array): WrittenBytes {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
  padded.set(bytes)
  return { length: bytes.length, words: [...new Int32Array(padded.buffer)] }
}

/** The language itself reads a list of numbers five times as fast as code can read a text that is not optimized. */
function readBytes({ length, words }: WrittenBytes): Uint8Array {
  return new Uint8Array(new Int32Array(words).buffer, 0, length)
}
