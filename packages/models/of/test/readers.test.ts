// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  cstr,
  EILSEQ,
  EINVAL,
  ENODATA,
  EOVERFLOW,
  isFreed,
  kmemdup,
  text,
  writeByte,
  type device_node,
  type Machine,
} from '@pfo-workbench/kernel'
import { eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  __of_get_property,
  of_add_property,
  of_find_property,
  of_get_property,
  of_node_get,
  of_property_read_bool,
  of_property_read_string,
  of_property_read_u32,
  of_property_read_u32_index,
  propertyStrings,
  of_read_number,
  of_remove_property,
} from '../src/index.ts'
import { node } from './support/dtb.ts'
import { at, attach, boot, facilities, new_property, R } from './support/of.ts'

function file(machine: Machine, path: string): unknown {
  return machine.read(`/proc/device-tree${path}`)
}

describe('a property file', () => {
  it('shows the raw bytes, even if they change in place', () => {
    const machine = boot(facilities())
    run(machine, () => {
      writeByte(must(of_get_property(at(R), 'compatible')), 0, 0x58)
    })
    expect(file(machine, `${R}/compatible`)).toBe('Xbm,random\0')
    run(machine, () => {
      const np = at(R)
      const prop = must(of_find_property(np, 'compatible'))
      prop.value = kmemdup(Uint8Array.of(1, 2))
      prop.length = 2
    })
    expect(machine.readBytes(`/proc/device-tree${R}/compatible`)).toEqual(Uint8Array.of(1, 2))
    run(machine, () => {
      must(of_find_property(at(R), 'compatible')).value = null
    })
    expect(file(machine, `${R}/compatible`)).toBe('')
  })
})

describe('the readers', () => {
  const tree = node('', {}, [
    node('x', {
      one: [1],
      two: [1, 0xfffffff5],
      short: new Uint8Array(3),
      empty: new Uint8Array(0),
      string: 'okay',
      open: Uint8Array.of(0x6f, 0x6b),
      list: 'a\0bc\0',
    }),
  ])

  function read<T>(body: (np: device_node) => T): T {
    return run(boot(tree), () => {
      const np = at('/x')
      const prop = new_property('valueless', '')
      prop.value = null
      of_add_property(np, prop)
      return body(np)
    })
  }

  it.each<[string, number, unknown]>([
    ['one', 0, { value: 1 }],
    ['two', 1, { value: 0xfffffff5 }],
    ['one', 1, -EOVERFLOW],
    ['short', 0, -EOVERFLOW],
    ['empty', 0, -EOVERFLOW],
    ['none', 0, -EINVAL],
    ['valueless', 0, -ENODATA],
  ])('u32 of "%s", cell %i, is %j', (name, index, expected) => {
    expect(read((np) => of_property_read_u32_index(np, name, index))).toEqual(expected)
    if (index === 0) expect(read((np) => of_property_read_u32(np, name))).toEqual(expected)
  })

  it.each([
    ['string', 'okay'],
    ['list', 'a'],
    ['open', -EILSEQ],
    ['empty', -EILSEQ],
    ['none', -EINVAL],
    ['valueless', -ENODATA],
  ])('the string of "%s" is %j', (name, expected) => {
    const seen = read((np) => {
      const result = of_property_read_string(np, name)
      return typeof result === 'number' ? result : text(result.value)
    })
    expect(seen).toBe(expected)
  })

  it('return a pointer into the property for a string', () => {
    read((np) => {
      const result = of_property_read_string(np, 'string')
      expect(result).toEqual({ value: of_find_property(np, 'string')?.value })
    })
  })

  it('return whether the property exists for a flag', () => {
    expect(read((np) => [of_property_read_bool(np, 'empty'), of_property_read_bool(np, 'none')])).toEqual([
      true,
      false,
    ])
  })

  it('find nothing if the node is NULL', () => {
    read(() => {
      expect(of_find_property(null, 'x')).toBeNull()
      expect([of_get_property(null, 'x'), __of_get_property(null, 'x')]).toEqual([null, null])
      expect(of_property_read_u32(null, 'x')).toBe(-EINVAL)
      expect(of_property_read_string(null, 'x')).toBe(-EINVAL)
    })
  })

  it('take no references', () => {
    const machine = boot(tree)
    run(machine, () => {
      const np = at('/x')
      const before = eventsOf(machine, 'ref.get').length
      of_property_read_u32(np, 'one')
      of_property_read_string(np, 'string')
      of_get_property(np, 'list')
      expect(eventsOf(machine, 'ref.get')).toHaveLength(before)
    })
  })

  it('read numbers as big-endian cells', () => {
    read((np) => {
      const two = must(of_get_property(np, 'two'))
      expect([of_read_number(two, 0), of_read_number(two, 1), of_read_number(two, 2)]).toEqual([
        0,
        1,
        2 ** 32 + 0xfffffff5,
      ])
    })
  })

  it('end a list of strings at the end of the property; the last may be unterminated, and an empty value is one empty string', () => {
    read((np) => {
      const strings = (name: string): string[] => propertyStrings(of_find_property(np, name))
      expect(strings('list')).toEqual(['a', 'bc', ''])
      expect(strings('string')).toEqual(['okay'])
      expect(strings('empty')).toEqual([''])
      expect([strings('none'), strings('valueless')]).toEqual([[], []])
      const open = must(of_find_property(np, 'open'))
      open.value = new cstr(must(kmemdup(Uint8Array.of(0x6f, 0x6b))).memory, 0)
      expect(strings('open')).toEqual(['ok'])
    })
  })
})

describe('returned values', () => {
  it('stay valid after the property is removed, until the node is freed', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = of_node_get(attach('/', 'x', { p: 'value' }))
      const value = must(of_get_property(np, 'p'))
      of_remove_property(np, of_find_property(np, 'p'))
      expect(text(value)).toBe('value')
      expect(isFreed(value.memory)).toBe(false)
    })
    expect(eventsOf(machine, 'use-after-free')).toEqual([])
  })
})
