// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'

/** A C type, reduced to its layout in memory. Sizes are in bytes. */
export type LayoutType =
  | { readonly kind: 'integer'; readonly size: number; readonly signed: boolean }
  /** `to` is the name of the target structure, or null. */
  | { readonly kind: 'pointer'; readonly to: string | null }
  /** A named structure or union. Its layout is a separate entry under its name. */
  | { readonly kind: 'struct'; readonly name: string; readonly size: number }
  /** An unnamed structure or union. */
  | { readonly kind: 'unnamed'; readonly size: number; readonly fields: readonly LayoutField[] }
  /** `count` is 0 for a flexible array. */
  | { readonly kind: 'array'; readonly element: LayoutType; readonly count: number }
  | { readonly kind: 'other'; readonly size: number }

/** A field. Fields of unnamed members are listed among the fields of the outer type. */
export interface LayoutField {
  readonly name: string
  /** In bytes, from the start of the structure. */
  readonly offset: number
  readonly size: number
  readonly type: LayoutType
  /**
   * Set for a bit-field: width, and offset in bits from the start of the structure as debug information counts them.
   */
  readonly bits: { readonly offset: number; readonly width: number } | null
}

/** Layout of a structure or union. */
export interface Layout {
  readonly size: number
  readonly union: boolean
  readonly fields: readonly LayoutField[]
}

/** Validates a {@link LayoutType} from outside. */
export const layoutTypeSchema: z.ZodType<LayoutType> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('integer'), size: z.number(), signed: z.boolean() }),
    z.object({ kind: z.literal('pointer'), to: z.string().nullable() }),
    z.object({ kind: z.literal('struct'), name: z.string(), size: z.number() }),
    z.object({ kind: z.literal('unnamed'), size: z.number(), fields: z.array(layoutFieldSchema) }),
    z.object({ kind: z.literal('array'), element: layoutTypeSchema, count: z.number() }),
    z.object({ kind: z.literal('other'), size: z.number() }),
  ]),
)

const layoutFieldSchema: z.ZodType<LayoutField> = z.object({
  name: z.string(),
  offset: z.number(),
  size: z.number(),
  type: layoutTypeSchema,
  bits: z.object({ offset: z.number(), width: z.number() }).nullable(),
})

/** Validates a {@link Layout} from outside. */
export const layoutSchema: z.ZodType<Layout> = z.object({
  size: z.number(),
  union: z.boolean(),
  fields: z.array(layoutFieldSchema),
})
