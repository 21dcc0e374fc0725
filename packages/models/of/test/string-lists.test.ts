// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { EILSEQ, EINVAL, ENODATA, EOVERFLOW, text, toBytes } from '@pfo-workbench/kernel'
import { consoleOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  of_find_property,
  of_property_count_elems_of_size,
  of_property_count_strings,
  of_property_match_string,
  of_property_read_string_index,
  of_property_read_u32_array,
} from '../src/index.ts'
import { node, type Value } from './support/dtb.ts'
import { at, boot } from './support/of.ts'

/** Result of a reader for property `list` of a node that has no other property; a pointer as its text. */
function read(value: Value | null, reader: (np: ReturnType<typeof at>) => unknown): unknown {
  const machine = boot(node('', {}, [node('x', value === null ? {} : { list: value })]))
  return run(machine, () => reader(at('/x')))
}

const open = toBytes('a\0b', false)

describe('a list of strings', () => {
  it.each<[string, Value | null, number]>([
    ['that is not there', null, -EINVAL],
    ['with two', 'a\0bc', 2],
    ['of no bytes', new Uint8Array(0), -ENODATA],
    ['whose last has no end', open, -EILSEQ],
  ])('%s is counted or rejected', (_what, value, expected) => {
    expect(read(value, (np) => of_property_count_strings(np, 'list'))).toBe(expected)
  })

  it.each<[string, Value | null, string, number]>([
    ['the second', 'a\0bc', 'bc', 1],
    ['what is not in it', 'a\0bc', 'b', -ENODATA],
    ['what stands before a string without an end', open, 'a', 0],
    ['a string without an end', open, 'b', -EILSEQ],
    ['anything in no list', null, 'a', -EINVAL],
  ])('is searched for %s', (_what, value, wanted, expected) => {
    expect(read(value, (np) => of_property_match_string(np, 'list', wanted))).toBe(expected)
  })

  it.each<[string, Value | null, number, string | number]>([
    ['the second', 'a\0bc', 1, 'bc'],
    ['the one before a string without an end', open, 0, 'a'],
    ['one without an end', open, 1, -EILSEQ],
    ['one behind the last', 'a\0bc', 2, -ENODATA],
    ['one of no list', null, 0, -EINVAL],
  ])('gives %s by its index', (_what, value, index, expected) => {
    const found = read(value, (np) => {
      const entry = of_property_read_string_index(np, 'list', index)
      return typeof entry === 'number' ? entry : text(entry.value)
    })
    expect(found).toBe(expected)
  })

  it('without a value gives -ENODATA', () => {
    const found = read('a', (np) => {
      must(of_find_property(np, 'list')).value = null
      return [of_property_count_strings(np, 'list'), of_property_count_elems_of_size(np, 'list', 4)]
    })
    expect(found).toEqual([-ENODATA, -ENODATA])
  })
})

describe('a list of cells', () => {
  it('is read only up to the requested count, and never past its end', () => {
    const reader = (count: number) => (np: ReturnType<typeof at>) =>
      of_property_read_u32_array(np, 'list', count)
    expect(read([1, 2, 3], reader(2))).toEqual({ value: [1, 2] })
    expect(read([1], reader(2))).toBe(-EOVERFLOW)
    expect(read(null, reader(1))).toBe(-EINVAL)
  })

  it('is counted in elements; a length that is not a multiple is logged', () => {
    expect(read([1, 2], (np) => of_property_count_elems_of_size(np, 'list', 8))).toBe(1)
    expect(read(null, (np) => of_property_count_elems_of_size(np, 'list', 8))).toBe(-EINVAL)
    const machine = boot(node('', {}, [node('x', { list: 'ab' })]))
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        expect(of_property_count_elems_of_size(at('/x'), 'list', 4)).toBe(-EINVAL)
      })
    })
    expect(lines).toEqual(['OF: size of list in node /x is not a multiple of 4'])
  })
})
