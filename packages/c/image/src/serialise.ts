// SPDX-License-Identifier: GPL-2.0-only
import type { Image, ImageModule, ImageSymbol, Initcall } from './image.ts'

/** JSON form of an image. JSON has no bigint, so addresses are hexadecimal strings. */
interface WrittenImage extends Omit<
  Image,
  'wasm' | 'data' | 'dataShadow' | 'symbols' | 'undefinedData' | 'initcalls' | 'modules' | 'layouts'
> {
  readonly wasm: WrittenBytes
  readonly data: WrittenBytes
  readonly dataShadow: WrittenBytes
  readonly symbols: readonly (Omit<ImageSymbol, 'address'> & { readonly address: string })[]
  /** Indices in `symbols`. */
  readonly undefinedData: readonly number[]
  readonly initcalls: readonly (Omit<Initcall, 'address'> & { readonly address: string })[]
  readonly modules: readonly (Omit<ImageModule, 'init' | 'exit'> & {
    readonly init: string | null
    readonly exit: string | null
  })[]
  readonly layouts: Readonly<Record<string, unknown>>
}

const hex = (value: bigint): string => `0x${value.toString(16)}`

/** Converts an image to JSON, for a bundle. */
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

/** Reads the output of {@link imageToJson}. The text is not validated, so it must come from there. */
export function imageFromJson(text: string): Image {
  // A reviver that visits every value would take longer than a whole run.
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

/** JSON form of bytes. */
interface WrittenBytes {
  readonly length: number
  /** Words of four bytes in this machine's byte order. A bundle runs on the machine that made it. */
  readonly words: readonly number[]
}

function writeBytes(bytes: Uint8Array): WrittenBytes {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4)
  padded.set(bytes)
  const integers = new Int32Array(padded.buffer)
  // A loop takes a fifth of the time of a spread.
  const words = new Array<number>(integers.length)
  for (let at = 0; at < integers.length; at++) words[at] = integers[at] ?? 0
  return { length: bytes.length, words }
}

/** JavaScript parses an array of numbers five times as fast as unoptimized code decodes a string. */
function readBytes({ length, words }: WrittenBytes): Uint8Array {
  const integers = new Int32Array(words.length)
  // A constructor that gets an array iterates over it, which takes longer.
  integers.set(words)
  return new Uint8Array(integers.buffer, 0, length)
}
