// SPDX-License-Identifier: GPL-2.0-only

/**
 * Says why a run has the outcome `unmodelled`.
 *
 * @param unmodelled - the function that the engine does not have; without one, the machine ran out of memory
 */
export function whyUnmodelled(unmodelled: { readonly function: string } | null | undefined): string {
  return unmodelled == null ? 'the machine ran out of memory' : `${unmodelled.function} is not modelled`
}
