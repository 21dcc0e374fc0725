// SPDX-License-Identifier: GPL-2.0-only
import {
  advance,
  be32_to_cpup,
  cstr,
  EILSEQ,
  EINVAL,
  ENODATA,
  EOVERFLOW,
  pr_err,
  text,
  type const_char_ptr,
  type device_node,
  type property,
} from '@pfo-workbench/kernel'
import { of_find_property } from './property.ts'

/**
 * Models `of_read_number` (include/linux/of.h, v4.18): a big-endian number of up to two cells. A number above 2^53 is
 * rounded.
 */
export function of_read_number(cell: cstr, size: number): number {
  let value = 0
  for (let i = 0; i < size; i++) value = value * 2 ** 32 + be32_to_cpup(cell, i)
  return value
}

/** Result of a property reader: a value, or a negative errno. */
export type PropertyResult<T> = { readonly value: T } | number

/**
 * Models `of_find_property_value_of_size` (drivers/of/property.c, v4.18).
 *
 * @param minimum - minimum length in bytes
 * @returns the value, or -EINVAL (no such property), -ENODATA (no value), -EOVERFLOW (too short)
 */
function of_find_property_value_of_size(
  np: device_node | null,
  name: const_char_ptr,
  minimum: number,
): cstr | number {
  const prop = of_find_property(np, name)
  if (prop === null) return -EINVAL
  if (prop.value === null) return -ENODATA
  return prop.length < minimum ? -EOVERFLOW : prop.value
}

/**
 * Models `of_property_read_u32_index` (drivers/of/property.c, v4.18): cell `index` of a property.
 *
 * @returns the cell, or -EINVAL (no such property), -ENODATA (no value), -EOVERFLOW (fewer cells)
 */
export function of_property_read_u32_index(
  np: device_node | null,
  name: const_char_ptr,
  index: number,
): PropertyResult<number> {
  const value = of_find_property_value_of_size(np, name, (index + 1) * 4)
  return value instanceof cstr ? { value: be32_to_cpup(value, index) } : value
}

/**
 * Models `of_property_read_u32` (include/linux/of.h, v4.18): the first cell of a property, or an error of
 * `of_property_read_u32_index`.
 */
export function of_property_read_u32(np: device_node | null, name: const_char_ptr): PropertyResult<number> {
  return of_property_read_u32_index(np, name, 0)
}

/**
 * Models `of_property_read_u32_array` (include/linux/of.h, v4.18): the first `count` cells.
 *
 * @returns the cells, or -EINVAL (no such property), -ENODATA (no value), -EOVERFLOW (fewer cells)
 */
export function of_property_read_u32_array(
  np: device_node | null,
  name: const_char_ptr,
  count: number,
): PropertyResult<readonly number[]> {
  const value = of_find_property_value_of_size(np, name, count * 4)
  if (typeof value === 'number') return value
  return { value: Array.from({ length: count }, (_, index) => be32_to_cpup(value, index)) }
}

/**
 * Models `of_property_count_elems_of_size` (drivers/of/property.c, v4.18).
 *
 * @param size - size of an element in bytes
 * @returns the number of elements, or -EINVAL (no such property, or a length that is not a multiple of `size`, which is
 * logged), or -ENODATA (no value)
 */
export function of_property_count_elems_of_size(
  np: device_node | null,
  name: const_char_ptr,
  size: number,
): number {
  const prop = of_find_property(np, name)
  if (prop === null) return -EINVAL
  if (prop.value === null) return -ENODATA
  if (prop.length % size === 0) return prop.length / size
  pr_err('OF: size of %s in node %pOF is not a multiple of %d\n', name, np, size)
  return -EINVAL
}

/** Models `of_property_read_bool` (include/linux/of.h, v4.18): true if the node has the property, with any value. */
export function of_property_read_bool(np: device_node | null, name: const_char_ptr): boolean {
  return of_find_property(np, name) !== null
}

/**
 * Models `of_property_read_string` (drivers/of/property.c, v4.18).
 *
 * @returns a pointer into the property, or -EINVAL (no such property), -ENODATA (no value), -EILSEQ (the value is not
 * terminated within its length, or the length is 0)
 */
export function of_property_read_string(np: device_node | null, name: const_char_ptr): PropertyResult<cstr> {
  const prop = of_find_property(np, name)
  if (prop === null) return -EINVAL
  const { value, length } = prop
  if (value === null) return -ENODATA
  return text(value).length >= length ? -EILSEQ : { value }
}

/**
 * Models the loop of `of_prop_next_string` (drivers/of/property.c, v4.18): the strings of a list; none if the property
 * or its value is null. Includes the first string even if the length is 0. Includes a string that begins within the
 * length even if its terminator lies after the end.
 */
export function propertyStrings(prop: property | null): string[] {
  const strings: string[] = []
  if (prop?.value == null) return strings
  const { value, length } = prop
  let start = 0
  do {
    const entry = text(advance(value, start))
    strings.push(entry)
    start += entry.length + 1
  } while (start < length)
  return strings
}

/** A string of a list, with its offset in the property. */
interface ListedString {
  readonly start: number
  readonly text: string
}

/**
 * Reads the strings of a list until `enough` returns true or the property ends. Each string that is read must be
 * terminated within the property.
 *
 * @returns the strings, none if the length is 0; or -EINVAL (no such property), -ENODATA (no value), -EILSEQ (an
 * unterminated string)
 */
function terminatedStrings(
  prop: property | null,
  enough: (strings: readonly ListedString[]) => boolean,
): ListedString[] | number {
  if (prop === null) return -EINVAL
  const { value, length } = prop
  if (value === null) return -ENODATA
  const strings: ListedString[] = []
  for (let start = 0; start < length && !enough(strings);) {
    const entry = text(advance(value, start))
    const end = start + entry.length + 1
    if (end > length) return -EILSEQ
    strings.push({ start, text: entry })
    start = end
  }
  return strings
}

/**
 * Models `of_property_read_string_index` (include/linux/of.h, v4.18): string `index` of a list.
 *
 * @returns a pointer into the property, or -EINVAL (no such property), -ENODATA (no value, or fewer strings), -EILSEQ
 * (this string or an earlier string is not terminated within the length)
 */
export function of_property_read_string_index(
  np: device_node | null,
  name: const_char_ptr,
  index: number,
): PropertyResult<cstr> {
  const prop = of_find_property(np, name)
  const strings = terminatedStrings(prop, ({ length }) => length > index)
  if (typeof strings === 'number') return strings
  const entry = strings[index]
  return entry === undefined || prop?.value == null ? -ENODATA : { value: advance(prop.value, entry.start) }
}

/**
 * Models `of_property_count_strings` (include/linux/of.h, v4.18): the number of strings in a list.
 *
 * @returns the number, or -EINVAL (no such property), -ENODATA (no value, or length 0), -EILSEQ (a string is not
 * terminated within the length)
 */
export function of_property_count_strings(np: device_node | null, name: const_char_ptr): number {
  const strings = terminatedStrings(of_find_property(np, name), () => false)
  if (typeof strings === 'number') return strings
  return strings.length === 0 ? -ENODATA : strings.length
}

/**
 * Models `of_property_match_string` (drivers/of/property.c, v4.18): the position of a string in a list.
 *
 * @returns the index of the first match, or -EINVAL (no such property), -ENODATA (no value, length 0, or no match),
 * -EILSEQ (a string is not terminated within the length, and no earlier string matches)
 */
export function of_property_match_string(
  np: device_node | null,
  name: const_char_ptr,
  string: const_char_ptr,
): number {
  const wanted = text(string)
  const strings = terminatedStrings(of_find_property(np, name), (passed) => passed.at(-1)?.text === wanted)
  if (typeof strings === 'number') return strings
  return strings.at(-1)?.text === wanted ? strings.length - 1 : -ENODATA
}
