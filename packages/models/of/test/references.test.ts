// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { must, run } from '@pfo-workbench/kernel/testing'
import {
  __of_find_all_nodes,
  for_each_child_of_node,
  ofState,
  of_detach_node,
  of_device_is_available,
  of_find_compatible_node,
  of_find_node_by_path,
  of_find_node_by_phandle,
  of_find_property,
  of_get_child_by_name,
  of_get_next_available_child,
  of_get_next_child,
  of_get_next_parent,
  of_get_parent,
  of_node_put,
} from '../src/index.ts'
import type { device_node } from '../src/index.ts'
import { node } from './support/dtb.ts'
import { at, boot, C, facilities, P, R, refs, S, nameOf, total } from './support/of.ts'

describe('children', () => {
  it('are returned in order; each call drops the previous child', () => {
    run(boot(facilities()), () => {
      const parent = at(P)
      const before = total()
      const names: (string | null)[] = []
      let child = of_get_next_child(parent, null)
      while (child !== null) {
        names.push(nameOf(child))
        expect(total()).toBe(before + 1)
        child = of_get_next_child(parent, child)
      }
      expect(names).toEqual(['ibm,random-v1', 'ibm,compression-v1', 'ibm,sym-encryption-v1'])
      expect(total()).toBe(before)
    })
  })

  it('can be iterated: the loop holds the current child, and leaving early keeps the reference', () => {
    run(boot(facilities()), () => {
      const parent = at(P)
      const before = total()
      const names: (string | null)[] = []
      for (const child of for_each_child_of_node(parent)) {
        names.push(nameOf(child))
        expect(total()).toBe(before + 1)
      }
      expect(names).toEqual(['ibm,random-v1', 'ibm,compression-v1', 'ibm,sym-encryption-v1'])
      expect(total()).toBe(before)
      for (const child of for_each_child_of_node(parent)) if (nameOf(child) === 'ibm,compression-v1') break
      expect([total(), refs(at(C))]).toEqual([before + 1, 2])
      expect([...for_each_child_of_node(null)]).toEqual([])
    })
  })

  it('continue after the current one is detached', () => {
    run(boot(facilities()), () => {
      const parent = at(P)
      const child = of_get_next_child(parent, null)
      of_detach_node(must(child))
      expect(nameOf(of_get_next_child(parent, child))).toBe('ibm,compression-v1')
    })
  })

  it('of NULL do not exist', () => {
    run(boot(facilities()), () => {
      expect([of_get_next_child(null, null), of_get_next_available_child(null, null)]).toEqual([null, null])
    })
  })

  it('are available without status, or with okay or ok', () => {
    const machine = boot(
      node('', {}, [
        node('a', { status: 'disabled' }),
        node('b'),
        node('c', { status: 'okay' }),
        node('d', { status: new Uint8Array(0) }),
        node('e', { status: 'ok' }),
        node('f', { status: 'fail' }),
      ]),
    )
    run(machine, () => {
      const root = ofState().of_root
      const before = total()
      const names: (string | null)[] = []
      let child = of_get_next_available_child(root, null)
      while (child !== null) {
        names.push(nameOf(child))
        child = of_get_next_available_child(root, child)
      }
      expect(names).toEqual(['b', 'c', 'e'])
      expect(total()).toBe(before)
      expect([of_device_is_available(at('/a')), of_device_is_available(at('/b'))]).toEqual([false, true])
      expect(of_device_is_available(null)).toBe(false)
      const withoutValue = of_find_property(at('/a'), 'status')
      if (withoutValue !== null) withoutValue.value = null
      expect(of_device_is_available(at('/a'))).toBe(true)
    })
  })

  it('by name are found ignoring case, with +1; the others are put', () => {
    run(boot(facilities()), () => {
      const parent = at(P)
      const before = total()
      const np = of_get_child_by_name(parent, 'IBM,Compression-v1')
      expect(np).toBe(at(C))
      expect(total()).toBe(before + 1)
      expect(of_get_child_by_name(parent, 'none')).toBeNull()
      expect(total()).toBe(before + 1)
    })
  })
})

describe('parents', () => {
  it('get +1 even if their counter was 0; the root and NULL have no parent', () => {
    run(boot(facilities(), { refcount: 'plain' }), () => {
      const parent = at(P)
      expect(of_get_parent(at(R))).toBe(parent)
      expect(refs(parent)).toBe(5)
      parent.kobj.kref.refcount.refs = 0
      expect(of_get_parent(at(R))).toBe(parent)
      expect(refs(parent)).toBe(1)
      expect([of_get_parent(ofState().of_root), of_get_parent(null), of_get_next_parent(null)]).toEqual([
        null,
        null,
        null,
      ])
    })
  })

  it('dropped on the way up leave all counters unchanged', () => {
    run(boot(facilities()), () => {
      const before = total()
      const names: (string | null)[] = []
      for (let np = of_get_parent(at(R)); np !== null; np = of_get_next_parent(np)) names.push(nameOf(np))
      expect(names).toEqual(['ibm,platform-facilities', ''])
      expect(total()).toBe(before)
    })
  })
})

describe('references', () => {
  it('equal the number of owners over any sequence of lookups, walks and puts', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('path' as const), index: fc.nat(3) }),
        fc.record({ do: fc.constant('phandle' as const), index: fc.nat(3) }),
        fc.record({ do: fc.constant('parent' as const), index: fc.nat(8) }),
        fc.record({ do: fc.constant('next' as const), index: fc.nat(8) }),
        fc.record({ do: fc.constant('child' as const), index: fc.nat(8) }),
        fc.record({ do: fc.constant('compatible' as const), index: fc.nat(8) }),
        fc.record({ do: fc.constant('put' as const), index: fc.nat(8) }),
      ),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(steps, (sequence) => {
        const machine = boot(facilities(), {}, { callChains: false })
        run(machine, () => {
          const nodes = allNodes()
          const base = new Map(nodes.map((np) => [np, refs(np)]))
          const held: device_node[] = []
          const take = (np: device_node | null): void => {
            if (np !== null) held.push(np)
          }
          const give = (index: number): device_node | null =>
            held.length === 0 ? null : (held.splice(index % held.length, 1)[0] ?? null)
          const peek = (index: number): device_node | null => held[index % Math.max(held.length, 1)] ?? null
          for (const step of sequence) {
            switch (step.do) {
              case 'path':
                take(of_find_node_by_path([P, R, C, S][step.index] ?? '/'))
                break
              case 'phandle':
                take(of_find_node_by_phandle(0xfffffff3 + step.index))
                break
              case 'parent':
                take(of_get_parent(peek(step.index)))
                break
              case 'next':
                take(of_get_next_parent(give(step.index)))
                break
              case 'child':
                take(of_get_next_child(peek(step.index), null))
                break
              case 'compatible':
                take(of_find_compatible_node(give(step.index), null, 'ibm,compression'))
                break
              default:
                of_node_put(give(step.index))
            }
            for (const np of nodes) {
              const holders = held.filter((other) => other === np).length
              expect(refs(np)).toBe((base.get(np) ?? 0) + holders)
            }
          }
        })
      }),
      { numRuns: 60 },
    )
  })

  function allNodes(): device_node[] {
    const nodes: device_node[] = []
    for (let np = __of_find_all_nodes(null); np !== null; np = __of_find_all_nodes(np)) nodes.push(np)
    return nodes
  }
})
