// SPDX-License-Identifier: GPL-2.0-only

/** `T` with every list and field read-only, at any depth: what a schema infers, as data that nobody changes. */
export type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T
