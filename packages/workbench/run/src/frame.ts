// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import type { Immutable } from './immutable.ts'
import { count, text } from './primitives.ts'

const frameSchema = z.strictObject({
  /** Name of the kernel function. */
  function: text,
  /** Source file of the call, as a path in the kernel tree. Absent if the engine does not know it. */
  file: text.exactOptional(),
  /** Line in `file`, counted from 1. */
  line: count.exactOptional(),
})

/** One function in a kernel call chain. */
export type Frame = Immutable<z.output<typeof frameSchema>>

/** A kernel call chain, innermost function first. */
export type CallChain = readonly Frame[]

/** Schema of `CallChain`. */
export const chainSchema = z.array(frameSchema)
