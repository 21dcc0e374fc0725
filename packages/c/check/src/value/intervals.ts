// SPDX-License-Identifier: GPL-2.0-only
import type { Predicate } from '@pfo-workbench/ir'

/** The numbers from the first to the second, both included. */
export type Interval = readonly [bigint, bigint]

/** A set of unsigned numbers of one width: disjoint intervals, ascending, with gaps between them. */
export type IntervalSet = readonly Interval[]

/** The largest number of a width. */
export function largest(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n
}

/** All numbers of a width. */
export function fullSet(bits: number): IntervalSet {
  return [[0n, largest(bits)]]
}

/** The set of one number. */
export function setOfOne(value: bigint): IntervalSet {
  return [[value, value]]
}

/** The union of intervals in any order. Overlapping and adjacent intervals are merged. */
export function setOf(intervals: readonly Interval[]): IntervalSet {
  const sorted = intervals
    .filter(([low, high]) => low <= high)
    .sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
  const joined: [bigint, bigint][] = []
  for (const [low, high] of sorted) {
    const last = joined.at(-1)
    if (last !== undefined && low <= last[1] + 1n) {
      if (high > last[1]) last[1] = high
    } else joined.push([low, high])
  }
  return joined
}

/** The numbers in both sets. */
export function intersection(left: IntervalSet, right: IntervalSet): IntervalSet {
  const common: Interval[] = []
  for (const [a, b] of left) {
    for (const [c, d] of right) {
      const low = a > c ? a : c
      const high = b < d ? b : d
      if (low <= high) common.push([low, high])
    }
  }
  return setOf(common)
}

/** The numbers of a width that are not in the set. */
export function complement(set: IntervalSet, bits: number): IntervalSet {
  const rest: Interval[] = []
  let next = 0n
  for (const [low, high] of set) {
    if (low > next) rest.push([next, low - 1n])
    next = high + 1n
  }
  if (next <= largest(bits)) rest.push([next, largest(bits)])
  return rest
}

export function contains(set: IntervalSet, value: bigint): boolean {
  return set.some(([low, high]) => low <= value && value <= high)
}

/** The only number of a set; null if it has none or several. */
export function single(set: IntervalSet): bigint | null {
  const [first, ...others] = set
  return first !== undefined && others.length === 0 && first[0] === first[1] ? first[0] : null
}

/** The numbers x of a width for which x + addend (modulo the width) is in the set. */
export function shiftedBack(set: IntervalSet, addend: bigint, bits: number): IntervalSet {
  const shifted: Interval[] = []
  for (const [low, high] of set) {
    if (high - low >= largest(bits)) return fullSet(bits)
    const from = BigInt.asUintN(bits, low - addend)
    const to = BigInt.asUintN(bits, high - addend)
    if (from <= to) shifted.push([from, to])
    else shifted.push([0n, to], [from, largest(bits)])
  }
  return setOf(shifted)
}

/** The numbers x of a width for which `x predicate constant` holds. */
export function satisfying(predicate: Predicate, constant: bigint, bits: number): IntervalSet {
  const max = largest(bits)
  const half = 1n << BigInt(bits - 1)
  switch (predicate) {
    case 'eq':
      return setOfOne(constant)
    case 'ne':
      return complement(setOfOne(constant), bits)
    case 'ult':
      return setOf([[0n, constant - 1n]])
    case 'ule':
      return setOf([[0n, constant]])
    case 'ugt':
      return setOf([[constant + 1n, max]])
    case 'uge':
      return setOf([[constant, max]])
    case 'sge':
      return constant < half
        ? setOf([[constant, half - 1n]])
        : setOf([
            [constant, max],
            [0n, half - 1n],
          ])
    case 'sgt':
      return intersection(satisfying('sge', constant, bits), complement(setOfOne(constant), bits))
    case 'slt':
      return complement(satisfying('sge', constant, bits), bits)
    case 'sle':
      return complement(satisfying('sgt', constant, bits), bits)
  }
}

/** The equivalent predicate with the sides exchanged. */
export const exchanged: Readonly<Record<Predicate, Predicate>> = {
  eq: 'eq',
  ne: 'ne',
  ult: 'ugt',
  ule: 'uge',
  ugt: 'ult',
  uge: 'ule',
  slt: 'sgt',
  sle: 'sge',
  sgt: 'slt',
  sge: 'sle',
}
