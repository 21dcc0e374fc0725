// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { run } from '@pfo-workbench/kernel/testing'
import {
  ofState,
  of_device_is_compatible,
  of_find_node_by_name,
  of_find_node_by_type,
  of_get_child_by_name,
  of_machine_is_compatible,
  of_match_node,
} from '../src/index.ts'
import { node } from './support/dtb.ts'
import { at, boot, total } from './support/of.ts'

describe('compatible', () => {
  const tree = node('', { compatible: 'IBM,9009-42A' }, [
    node('a', { compatible: 'first\0second\0third', device_type: 'network' }),
    node('b', { compatible: Uint8Array.from('unterminated', (char) => char.charCodeAt(0)) }),
    node('c'),
  ])

  it('scores earlier entries higher; type and name add to the score', () => {
    run(boot(tree), () => {
      const np = at('/a')
      const score = (compat: string): number => of_device_is_compatible(np, compat)
      expect(score('FIRST') - score('second')).toBe(4)
      expect(score('first')).toBe(0x3fffffff)
      expect([score('fir'), score('fourth')]).toEqual([0, 0])
      expect(of_device_is_compatible(at('/c'), 'first')).toBe(0)
      expect(of_device_is_compatible(at('/c'), '')).toBe(0)
    })
  })

  it('accepts a list whose last string is not terminated', () => {
    expect(run(boot(tree), () => of_device_is_compatible(at('/b'), 'unterminated'))).toBe(0x3fffffff)
  })

  it('of the machine is the score of the root; references are balanced', () => {
    run(boot(tree), () => {
      const before = total()
      expect(of_machine_is_compatible('ibm,9009-42a')).toBe(0x3fffffff)
      expect(of_machine_is_compatible('other')).toBe(0)
      expect(total()).toBe(before)
    })
  })

  it('picks the table entry with the best score; an empty entry matches nothing', () => {
    run(boot(tree), () => {
      const np = at('/a')
      const [third, second, type, name] = [
        { compatible: 'third' },
        { compatible: 'second' },
        { compatible: 'second', type: 'network' },
        { compatible: 'second', type: 'network', name: 'A' },
      ]
      expect(of_match_node([third, second], np)).toBe(second)
      expect(of_match_node([second, type], np)).toBe(type)
      expect(of_match_node([name, type], np)).toBe(name)
      expect(of_match_node([{ type: 'network' }, { name: 'a' }], np)).toEqual({ type: 'network' })
      expect(of_match_node([third, { type: '' }, second], np)).toBe(third)
      expect(of_match_node([{}, { type: 'cpu' }, { name: 'b' }, { compatible: '' }], np)).toBeNull()
      np.name = null
      np.type = null
      expect(of_match_node([{ type: 'network' }, { name: 'a' }], np)).toBeNull()
      expect([of_find_node_by_name(at('/a'), 'a'), of_find_node_by_type(null, 'network')]).toEqual([
        null,
        null,
      ])
      expect(of_get_child_by_name(ofState().of_root, 'a')).toBeNull()
    })
  })
})
