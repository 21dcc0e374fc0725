// SPDX-License-Identifier: GPL-2.0-only

/**
 * Values that the linker writes into code, with the number of bytes. The fields `index` and `addend` of a relocation
 * say which value:
 *
 * - `call` (5): WebAssembly index of a function. `index` is the number of its symbol, `addend` is the number of the
 *   signature that the caller uses.
 * - `runtime` (5): WebAssembly index of a function that the image or the machine provides.
 * - `type` (5): index of a function type.
 * - `address` (10): address of a symbol plus `addend`.
 * - `untranslated`, `stackVariable`, `watch` (5): index in the image's list. `index` is the index in the object's list.
 * - `coveragePoint` (5): address of the byte of a coverage point.
 * - `site` (5): number of a site in the image. `index` is the site's number in the function: 0 for the start, n + 1 for
 *   entry n of the function's `lines`.
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
