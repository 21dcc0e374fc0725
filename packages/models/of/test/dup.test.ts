// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { injectAllocationFailures, isFreed, text } from '@pfo-workbench/kernel'
import { must, run } from '@pfo-workbench/kernel/testing'
import {
  __of_node_dup,
  __of_prop_dup,
  of_changeset_apply,
  OF_DETACHED,
  OF_DYNAMIC,
  of_find_property,
  of_node_check_flag,
  of_node_put,
  OF_RECONFIG_ATTACH_NODE,
  type device_node,
} from '../src/index.ts'
import { set, value } from './support/changeset.ts'
import { node, type TreeNode } from './support/dtb.ts'
import { at, boot, facilities, new_property, R, refs } from './support/of.ts'

describe('__of_prop_dup', () => {
  it('copies name, value and length, and flags the copy', () => {
    run(boot(facilities()), () => {
      const original = must(of_find_property(at(R), 'compatible'))
      const copy = must(__of_prop_dup(original))
      expect([text(must(copy.name)), text(must(copy.value)), copy.length]).toEqual([
        'compatible',
        'ibm,random',
        11,
      ])
      expect(copy.value?.memory).not.toBe(original.value?.memory)
      expect([copy._flags, original._flags]).toEqual([1 << OF_DYNAMIC, 0])
    })
  })

  it('gives the copy an empty value if the property has none', () => {
    run(boot(facilities()), () => {
      const original = new_property('empty', '')
      original.value = null
      original.length = 0
      const copy = must(__of_prop_dup(original))
      expect([copy.value === null, copy.length]).toEqual([false, 0])
    })
  })

  it.each([1, 2])('frees everything if buffer allocation %i fails', (failing) => {
    const machine = boot(facilities())
    run(machine, () => {
      const original = must(of_find_property(at(R), 'compatible'))
      const before = machine.heap.length
      let buffers = 0
      injectAllocationFailures((name) => name === 'bytes' && ++buffers === failing)
      expect(__of_prop_dup(original)).toBeNull()
      expect(machine.heap.slice(before).every((object) => isFreed(object as device_node))).toBe(true)
      injectAllocationFailures((name) => name === 'property')
      expect(__of_prop_dup(original)).toBeNull()
    })
  })
})

describe('__of_node_dup', () => {
  it('makes a dynamic, detached node with count 1 and copies of the properties', () => {
    run(boot(facilities()), () => {
      const copy = must(__of_node_dup(at(R), 'ibm,random-v2'))
      expect([refs(copy), text(must(copy.full_name)), copy.parent, copy.name]).toEqual([
        1,
        'ibm,random-v2',
        null,
        null,
      ])
      expect([OF_DYNAMIC, OF_DETACHED].map((flag) => of_node_check_flag(copy, flag))).toEqual([true, true])
      expect([value(copy, 'compatible'), value(copy, 'name')]).toEqual(['ibm,random', 'ibm,random-v1'])
      of_node_put(copy)
      expect(isFreed(copy)).toBe(true)
    })
  })

  it('of NULL makes an empty node', () => {
    run(boot(facilities()), () => {
      const np = must(__of_node_dup(null, 'x'))
      expect([np.properties, refs(np)]).toEqual([null, 1])
      np.parent = at('/')
      expect(of_changeset_apply(set([OF_RECONFIG_ATTACH_NODE, np, null]))).toBe(0)
      expect(at('/x')).toBe(np)
    })
  })

  it('of a node with two properties of the same name fails and frees everything', () => {
    const twins: TreeNode = {
      ...node('twins'),
      properties: [
        ['a', 'first'],
        ['a', 'second'],
      ],
    }
    const machine = boot(node('', {}, [twins]))
    run(machine, () => {
      const before = machine.heap.length
      expect(__of_node_dup(at('/twins'), 'x')).toBeNull()
      expect(machine.heap.slice(before).every((object) => isFreed(object as device_node))).toBe(true)
    })
  })

  it('frees everything if any allocation fails', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const original = at(R)
      for (let failing = 1; failing < 20; failing++) {
        const before = machine.heap.length
        let allocations = 0
        injectAllocationFailures(() => ++allocations === failing)
        const copy = __of_node_dup(original, 'x')
        injectAllocationFailures(null)
        if (copy !== null) {
          expect(failing).toBeGreaterThan(10)
          return
        }
        expect(machine.heap.slice(before).every((object) => isFreed(object as device_node))).toBe(true)
      }
      throw new Error('no allocation succeeded')
    })
  })
})
