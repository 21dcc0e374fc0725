// SPDX-License-Identifier: GPL-2.0-only

const list = new Intl.ListFormat('en')

/** Joins names: `a`, `a and b`, `a, b, and c`. */
export function enumerated(names: Iterable<string>): string {
  return list.format(names)
}
