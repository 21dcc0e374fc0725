// SPDX-License-Identifier: GPL-2.0-only

/**
 * Values that the linker writes into code, with the number of bytes:
 *
 * - `call` (5): index of a function. `index` is its symbol, `addend` the signature that the caller uses.
 * - `runtime` (5): index of a function that the image or the machine provides.
 * - `type` (5): index of a function type.
 * - `address` (10): address of a symbol plus `addend`.
 * - `untranslated`, `stackVariable`, `watch` (5): index in the image's list. The object numbers its own entries from 0.
 * - `coveragePoint` (5): address of the byte of a coverage point.
 * - `site` (5): number of a site of the function: 0 for its start, n + 1 for entry n of its `lines`.
 */
export const relocationKinds = [
  'call',
  'runtime',
  'type',
  'address',
  'untranslated',
  'coveragePoint',
  'stackVariable',
  'watch',
  'site',
] as const

/** See {@link relocationKinds}. */
export type RelocationKind = (typeof relocationKinds)[number]
