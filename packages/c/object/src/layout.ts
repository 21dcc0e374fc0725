// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'

const text = z.string()
const number = z.number()

// The schemas of types and fields refer to each other. A getter breaks this cycle at run time, and its type annotation
// breaks the cycle of type inference.
const layoutFieldSchema = z.strictObject({
  name: text,
  /** In bytes, from the start of the structure. */
  offset: number,
  size: number,
  get type(): typeof layoutTypeSchema {
    return layoutTypeSchema
  },
  /**
   * Set for a bit-field: width, and offset in bits from the start of the structure as debug information counts them.
   */
  bits: z.strictObject({ offset: number, width: number }).readonly().nullable(),
})

/** Schema of {@link LayoutType}. */
export const layoutTypeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('integer'), size: number, signed: z.boolean() }),
  /** `to` is the name of the target structure, or null. */
  z.strictObject({ kind: z.literal('pointer'), to: text.nullable() }),
  /** A named structure or union. Its layout is a separate entry under its name. */
  z.strictObject({ kind: z.literal('struct'), name: text, size: number }),
  /** An unnamed structure or union. */
  z.strictObject({
    kind: z.literal('unnamed'),
    size: number,
    get fields(): z.ZodReadonly<z.ZodArray<typeof layoutFieldSchema>> {
      return z.array(layoutFieldSchema).readonly()
    },
  }),
  /** `count` is 0 for a flexible array. */
  z.strictObject({
    kind: z.literal('array'),
    get element(): typeof layoutTypeSchema {
      return layoutTypeSchema
    },
    count: number,
  }),
  z.strictObject({ kind: z.literal('other'), size: number }),
])

/** Schema of {@link Layout}. */
export const layoutSchema = z
  .strictObject({ size: number, union: z.boolean(), fields: z.array(layoutFieldSchema).readonly() })
  .readonly()

/** A C type, reduced to its layout in memory. Sizes are in bytes. */
export type LayoutType = Readonly<z.output<typeof layoutTypeSchema>>

/** A field. Fields of unnamed members are listed among the fields of the outer type. */
export type LayoutField = Readonly<z.output<typeof layoutFieldSchema>>

/** Layout of a structure or union. */
export type Layout = z.output<typeof layoutSchema>
