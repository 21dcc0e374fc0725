// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'

/** A type of C as far as reading and writing memory needs it. Sizes are bytes. */
export type LayoutType =
  | { readonly kind: 'integer'; readonly size: number; readonly signed: boolean }
  /** `to` names the structure that it points to, or is null. */
  | { readonly kind: 'pointer'; readonly to: string | null }
  /** A named structure or union, whose layout stands beside this one. */
  | { readonly kind: 'struct'; readonly name: string; readonly size: number }
  /** A structure or union without a name. */
  | { readonly kind: 'unnamed'; readonly size: number; readonly fields: readonly LayoutField[] }
  /** `count` is 0 for a flexible array. */
  | { readonly kind: 'array'; readonly element: LayoutType; readonly count: number }
  | { readonly kind: 'other'; readonly size: number }

/** A field; those of unnamed members stand among the fields of the whole. */
export interface LayoutField {
  readonly name: string
  /** Bytes from the start of the structure. */
  readonly offset: number
  readonly size: number
  readonly type: LayoutType
  /** Set for a bit-field: bits from the start of the structure, counted as debug information counts, and width. */
  readonly bits: { readonly offset: number; readonly width: number } | null
}

/** Where the fields of a structure or union lie. */
export interface Layout {
  readonly size: number
  readonly union: boolean
  readonly fields: readonly LayoutField[]
}

/** Checks a {@link LayoutType} that comes from outside. */
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

/** Checks a {@link Layout} that comes from outside. */
export const layoutSchema: z.ZodType<Layout> = z.object({
  size: z.number(),
  union: z.boolean(),
  fields: z.array(layoutFieldSchema),
})
