// SPDX-License-Identifier: GPL-2.0-only

/** `T` with all lists and fields read-only at any depth. Applied to types inferred from schemas. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T
