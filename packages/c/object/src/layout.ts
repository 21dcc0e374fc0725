// SPDX-License-Identifier: GPL-2.0-only

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
