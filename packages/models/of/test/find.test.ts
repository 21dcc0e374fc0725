// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { oops, raw_spin_lock_irqsave } from '@pfo-workbench/kernel'
import { eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  ofState,
  of_attach_node,
  of_detach_node,
  of_find_all_nodes,
  of_find_compatible_node,
  of_find_matching_node,
  of_find_matching_node_and_match,
  of_find_node_by_name,
  of_find_node_by_phandle,
  of_find_node_by_type,
  of_find_node_with_property,
  of_node_get,
  of_node_put,
  of_parse_phandle,
  type device_node,
} from '../src/index.ts'
import {
  at,
  attach,
  belowRoot,
  boot,
  facilities,
  P,
  R,
  refs,
  treeOrder,
  nameOf,
  total,
} from './support/of.ts'

/** Results of a finder `of_find_*(from, ...)` called in a loop. */
function all(find: (from: device_node | null) => device_node | null): (string | null)[] {
  const names: (string | null)[] = []
  for (let np = find(null); np !== null; np = find(np)) names.push(nameOf(np))
  return names
}

const finders: [string, (from: device_node | null) => device_node | null, string[]][] = [
  ['of_find_node_by_name', (from) => of_find_node_by_name(from, 'IBM,RANDOM-V1'), ['ibm,random-v1']],
  ['of_find_node_by_type', (from) => of_find_node_by_type(from, 'CPU'), ['PowerPC,POWER9@0']],
  [
    'of_find_compatible_node',
    (from) => of_find_compatible_node(from, null, 'IBM,compression'),
    ['ibm,compression-v1'],
  ],
  [
    'of_find_node_with_property',
    (from) => of_find_node_with_property(from, 'ibm,phandle'),
    ['ibm,platform-facilities', 'ibm,random-v1', 'ibm,compression-v1', 'ibm,sym-encryption-v1'],
  ],
  [
    'of_find_matching_node',
    (from) => of_find_matching_node(from, [{ compatible: 'ibm,random' }, { type: 'cpu' }]),
    ['PowerPC,POWER9@0', 'ibm,random-v1'],
  ],
  ['of_find_all_nodes', of_find_all_nodes, ['', ...belowRoot]],
]

describe.each(finders)('%s', (name, find, found) => {
  it('finds in tree order and ends with NULL', () => {
    expect(run(boot(facilities()), () => all(find))).toEqual(found)
  })

  it('is balanced over a full loop and appears in the call chains under its own name', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const before = total()
      all(find)
      expect(total()).toBe(before)
    })
    const takers = eventsOf(machine, 'ref.get').map((event) => event.chain[2]?.function)
    expect(takers).toContain(name === 'of_find_matching_node' ? 'of_find_matching_node_and_match' : name)
  })

  it('keeps +1 on the node if the loop is left early', () => {
    run(boot(facilities()), () => {
      const before = total()
      const np = must(find(null))
      expect(total()).toBe(before + 1)
      of_node_put(np)
    })
  })

  it('drops the reference on the start node even if nothing is found after it', () => {
    run(boot(facilities()), () => {
      const last = of_node_get(at('/aliases'))
      const before = refs(last)
      expect(find(last)).toBeNull()
      expect(refs(last)).toBe(before - 1)
    })
  })

  it('waits for devtree_lock, forever if its owner died', () => {
    const machine = boot(facilities())
    machine.task('dies', () => {
      raw_spin_lock_irqsave(ofState().devtree_lock)
      oops('x')
    })
    expect(machine.task('find', () => find(null))).toBeNull()
    expect(eventsOf(machine, 'hang')).toMatchObject([{ lock: 'devtree_lock', held: [] }])
  })
})

describe('the finders', () => {
  it('do not find nodes that are no longer in the tree', () => {
    run(boot(facilities()), () => {
      const np = of_node_get(at(R))
      of_detach_node(np)
      expect(of_find_compatible_node(null, null, 'ibm,random')).toBeNull()
      expect(of_find_node_by_name(null, 'ibm,random-v1')).toBeNull()
    })
  })

  it('continue from a detached node along the links that it still has', () => {
    run(boot(facilities()), () => {
      const np = of_node_get(at(R))
      of_detach_node(np)
      expect(nameOf(of_find_node_with_property(np, 'ibm,phandle'))).toBe('ibm,compression-v1')
    })
  })

  it('check the type unless it is NULL or ""', () => {
    run(boot(facilities()), () => {
      expect(of_find_compatible_node(null, 'cpu', 'ibm,random')).toBeNull()
      expect(nameOf(of_find_compatible_node(null, 'ibm,random-v1', 'ibm,random'))).toBe('ibm,random-v1')
      expect(nameOf(of_find_compatible_node(null, '', 'ibm,random'))).toBe('ibm,random-v1')
    })
  })

  it('report which table entry matched', () => {
    run(boot(facilities()), () => {
      const table = [{ compatible: 'none' }, { compatible: 'ibm,random', data: 'rng' }]
      expect(of_find_matching_node_and_match(null, table)).toMatchObject({ match: { data: 'rng' } })
      expect(of_find_matching_node_and_match(null, [{ compatible: 'none' }])).toEqual({
        np: null,
        match: null,
      })
    })
  })

  it('find no node for the phandle 0, nor for a missing list', () => {
    run(boot(facilities()), () => {
      expect(of_find_node_by_phandle(0)).toBeNull()
      expect(of_parse_phandle(at(R), 'none', 0)).toBeNull()
    })
  })

  it('loop forever in a tree where a node was linked twice, and the machine reports it', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = attach('/', 'twice')
      of_attach_node(np)
    })
    expect(machine.task('find', () => of_find_node_by_name(null, 'nothing'))).toBeNull()
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'hang')).toMatchObject([{ held: ['devtree_lock'] }])
  })
})

describe('of_find_all_nodes from a node attached at run time', () => {
  it('sees it before its older siblings', () => {
    const machine = boot(facilities())
    run(machine, () => {
      attach(P, 'ibm,new-v1')
      attach(P, 'ibm,newer-v1')
      expect(treeOrder().slice(3, 7)).toEqual([
        'ibm,platform-facilities',
        'ibm,newer-v1',
        'ibm,new-v1',
        'ibm,random-v1',
      ])
    })
  })
})
