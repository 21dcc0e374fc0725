// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { Immutable } from './immutable.ts'
import { count, text } from './primitives.ts'

const frameSchema = z.strictObject({
  /** Name of the kernel function. */
  function: text,
  /** Where the call stands, where the engine knows: path of the source file in the kernel's tree. */
  file: text.exactOptional(),
  /** The line in `file`, from 1. */
  line: count.exactOptional(),
})

/** One function of a kernel call chain. */
export type Frame = Immutable<z.output<typeof frameSchema>>

/** A kernel call chain, innermost function first. */
export type CallChain = readonly Frame[]

/** Schema of `CallChain`. */
export const chainSchema = z.array(frameSchema)
