// SPDX-License-Identifier: GPL-2.0-only

/**
 * What the linker writes into code, and over how many bytes:
 *
 * - `call` (5): index of a function; `index` is its symbol, `addend` the signature that the caller uses.
 * - `runtime` (5): index of a function that the image or the machine supplies.
 * - `type` (5): index of a function type.
 * - `address` (10): a symbol's address plus `addend`.
 * - `untranslated`, `stackVariable`, `watch` (5): number in the image's list of what the object numbers from 0.
 * - `probe` (5): address of the byte of a probe.
 * - `site` (5): number of a site of the function: 0 is its beginning, n + 1 the entry n of its `lines`.
 */
export const relocationKinds = [
  'call',
  'runtime',
  'type',
  'address',
  'untranslated',
  'probe',
  'stackVariable',
  'watch',
  'site',
] as const

/** See {@link relocationKinds}. */
export type RelocationKind = (typeof relocationKinds)[number]
