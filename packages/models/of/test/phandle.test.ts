// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EINVAL, ENOENT, isFreed, objectId, text } from '@pfo-workbench/kernel'
import { consoleOf, eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  inspectOf,
  of_attach_node,
  of_detach_node,
  of_find_node_by_phandle,
  of_find_property,
  of_free_phandle_cache,
  of_node_get,
  of_node_put,
  of_parse_phandle,
  of_parse_phandle_with_args,
  OF_PHANDLE_ILLEGAL,
  of_populate_phandle_cache,
  phandleCacheSlots,
  type device_node,
} from '../src/index.ts'
import { detachNode } from '../src/testing.ts'
import { cells, node, type TreeNode, type Value } from './support/dtb.ts'
import { at, attach, boot, C, facilities, new_node, P, R, refs, S, total } from './support/of.ts'

function withHandles(...handles: readonly number[]): TreeNode {
  return node(
    '',
    {},
    handles.map((handle, index) => node(`n${String(index)}`, { phandle: [handle] })),
  )
}

/** The cache as text: each used slot with the last path component of its node. */
function cacheText(): string[] {
  return phandleCacheSlots().map(({ slot, node: np }) => `${String(slot)} ${text(must(np.full_name))}`)
}

describe('the phandle cache', () => {
  it('has a slot for each phandle, rounded up to a power of two', () => {
    expect(run(boot(withHandles(1, 2, 3, 4, 5)), cacheText)).toEqual(['1 n0', '2 n1', '3 n2', '4 n3', '5 n4'])
    expect(run(boot(withHandles(8, 9, 10, 11, 12)), cacheText)).toEqual([
      '0 n0',
      '1 n1',
      '2 n2',
      '3 n3',
      '4 n4',
    ])
  })

  it('uses the low bits of a phandle; the later node in the tree gets the slot', () => {
    expect(run(boot(withHandles(4, 8, 3)), cacheText)).toEqual(['0 n1', '3 n2'])
  })

  it('skips 0 and the illegal phandle', () => {
    expect(run(boot(withHandles(0, OF_PHANDLE_ILLEGAL, 5)), cacheText)).toEqual(['0 n2'])
    expect(run(boot(node('')), cacheText)).toEqual([])
  })

  it('stores the facilities of PowerVM by their low bits', () => {
    run(boot(facilities()), () => {
      expect(cacheText()).toEqual([
        '1 cpus',
        '3 ibm,sym-encryption-v1',
        '4 ibm,compression-v1',
        '5 ibm,random-v1',
        '6 ibm,platform-facilities',
      ])
    })
  })

  it('holds no references', () => {
    run(boot(withHandles(1)), () => {
      expect(refs(at('/n0'))).toBe(1)
      of_populate_phandle_cache()
      expect(refs(at('/n0'))).toBe(1)
    })
  })

  it('is freed at the end of boot in a kernel without modules, and kept otherwise', () => {
    expect(run(boot(withHandles(1), { modules: false }), cacheText)).toEqual([])
    expect(run(boot(withHandles(1), { modules: true }), cacheText)).toEqual(['0 n0'])
  })

  it('has at most one node per slot, with a phandle that maps to the slot', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 10 }), (handles) => {
        const machine = boot(withHandles(...handles), {}, { callChains: false })
        run(machine, () => {
          const used = handles.filter((handle) => handle !== 0 && handle !== OF_PHANDLE_ILLEGAL)
          let size = 1
          while (size < used.length) size *= 2
          const expected = new Map(used.map((handle) => [handle % size, handle]))
          expect(new Map(phandleCacheSlots().map(({ slot, node: np }) => [slot, np.phandle]))).toEqual(
            expected,
          )
          for (const handle of used) {
            const np = must(of_find_node_by_phandle(handle))
            expect(np.phandle).toBe(handle)
            of_node_put(np)
          }
        })
      }),
      { numRuns: 50 },
    )
  })
})

describe('of_find_node_by_phandle', () => {
  it('takes +1 on the result', () => {
    run(boot(facilities()), () => {
      expect(of_find_node_by_phandle(0xfffffff5)).toBe(at(R))
      expect(refs(at(R))).toBe(2)
      expect(of_find_node_by_phandle(0x12345)).toBeNull()
    })
  })

  it('walks the tree on a miss and stores the node in the slot', () => {
    run(boot(withHandles(4, 8, 3)), () => {
      expect(of_find_node_by_phandle(4)).toBe(at('/n0'))
      expect(cacheText()).toEqual(['0 n0', '3 n2'])
      of_find_node_by_phandle(12)
      expect(cacheText()).toEqual(['0 n0', '3 n2'])
    })
  })

  it('walks the tree if there is no cache, and creates none', () => {
    run(boot(facilities()), () => {
      of_free_phandle_cache()
      expect(of_find_node_by_phandle(0xfffffff5)).toBe(at(R))
      expect(cacheText()).toEqual([])
    })
  })

  it('finds the first of two nodes with the same phandle in tree order when it walks', () => {
    run(boot(withHandles(7, 7), { modules: false }), () => {
      expect(of_find_node_by_phandle(7)).toBe(at('/n0'))
    })
  })

  it('trusts the cache rather than the tree', () => {
    run(boot(withHandles(7, 7)), () => {
      expect(of_find_node_by_phandle(7)).toBe(at('/n1'))
    })
  })

  it('still finds the old node after "detach old, attach new" with the same phandle', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const old = of_node_get(at(R))
      of_detach_node(old)
      const fresh = attach(P, 'ibm,random-v1', { 'ibm,phandle': [0xfffffff5] })
      expect(fresh.phandle).toBe(0xfffffff5)
      expect(of_find_node_by_phandle(0xfffffff5)).toBe(old)
      // Another phandle of the same slot evicts the node.
      attach('/', 'other', { phandle: [0x15] })
      of_find_node_by_phandle(0x15)
      expect(of_find_node_by_phandle(0xfffffff5)).toBe(fresh)
    })
  })

  it('finds the new node immediately without a cache', () => {
    run(boot(facilities(), { modules: false }), () => {
      const old = of_node_get(at(R))
      of_detach_node(old)
      const fresh = attach(P, 'ibm,random-v1', { 'ibm,phandle': [0xfffffff5] })
      expect(of_find_node_by_phandle(0xfffffff5)).toBe(fresh)
    })
  })

  it('reads the phandle of a freed node', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = attach('/', 'short-lived', { phandle: [0x17] })
      of_node_put(of_find_node_by_phandle(0x17))
      detachNode(np)
      expect(isFreed(np)).toBe(true)
      expect(of_find_node_by_phandle(0x17)).toBeNull()
    })
    expect(eventsOf(machine, 'use-after-free')).toMatchObject([
      { struct: 'device_node', field: 'phandle', access: 'read' },
    ])
    expect(inspectOf(machine).phandleCache).toContainEqual({ slot: 7, node: 'device_node#8', freed: true })
  })

  it('takes a reference on a freed node whose memory still holds the phandle', () => {
    const machine = boot(facilities(), { slubPoison: false, refcount: 'plain' })
    run(machine, () => {
      const np = attach('/', 'short-lived', { phandle: [0x17] })
      of_node_put(of_find_node_by_phandle(0x17))
      detachNode(np)
      expect(of_find_node_by_phandle(0x17)).toBe(np)
    })
    const touched = eventsOf(machine, 'use-after-free').map((event) => event.field)
    expect(touched).toContain('phandle')
    expect(touched).toContain('kobj.kref.refcount.refs')
  })

  it('finds no node below the top of a subtree that was attached by its top', () => {
    run(boot(facilities()), () => {
      const top = new_node('top', at('/'), { phandle: [0x21] })
      const below = new_node('below', top, { phandle: [0x22] })
      top.child = below
      of_attach_node(top)
      expect([top.child, below.phandle]).toEqual([null, 0])
      expect(of_find_node_by_phandle(0x21)).toBe(top)
      expect(of_find_node_by_phandle(0x22)).toBeNull()
    })
  })
})

describe('the phandle of a dynamic node', () => {
  it.each<[string, Record<string, Value>, number]>([
    ['phandle before the others', { 'ibm,phandle': [9], 'linux,phandle': [8], phandle: [7] }, 7],
    ['linux,phandle before ibm,phandle', { 'ibm,phandle': [9], 'linux,phandle': [8] }, 8],
    ['ibm,phandle', { 'ibm,phandle': [9] }, 9],
    ['nothing', {}, 0],
    ['0 if the first is too short', { phandle: new Uint8Array(3), 'ibm,phandle': [9] }, 0],
  ])('is %s', (_what, properties, expected) => {
    expect(run(boot(facilities()), () => attach('/', 'x', properties).phandle)).toBe(expected)
  })

  it('skips properties without a value', () => {
    run(boot(facilities()), () => {
      const np = new_node('x', at('/'), { phandle: [7], 'ibm,phandle': [9] })
      must(np.properties).value = null
      of_attach_node(np)
      expect(np.phandle).toBe(9)
    })
  })

  it('is 0 until the node is attached, then set from the properties', () => {
    run(boot(facilities()), () => {
      const np = of_node_get(attach('/', 'x', { phandle: [7] }))
      of_detach_node(np)
      expect(np.phandle).toBe(7)
      must(np.properties?.next?.value).memory.bytes.set(cells([8]))
      of_attach_node(np)
      expect(np.phandle).toBe(8)
    })
  })
})

describe('lists of phandles', () => {
  const tree = (list: readonly number[], target: Record<string, Value> = { '#cells': [2] }): TreeNode =>
    node('', {}, [
      node('user', { list }),
      node('a', { phandle: [1], ...target }),
      node('b', { phandle: [2], '#cells': [0] }),
    ])

  function parse(list: readonly number[], index: number, target?: Record<string, Value>): unknown {
    const machine = boot(tree(list, target))
    let result: unknown
    const lines = consoleOf(machine, () => {
      result = run(machine, () => {
        const before = total()
        const found = of_parse_phandle_with_args(at('/user'), 'list', '#cells', index)
        const taken = total() - before
        if (typeof found === 'number') return { error: found, taken }
        return { node: text(must(must(found.np).full_name)), args: found.args, taken }
      })
    })
    return lines.length === 0 ? result : [result, lines]
  }

  it('are parsed entry by entry, with as many cells as each node specifies; +1 on the result', () => {
    const list = [1, 10, 11, 2, 1, 20, 21]
    expect(parse(list, 0)).toEqual({ node: 'a', args: [10, 11], taken: 1 })
    expect(parse(list, 1)).toEqual({ node: 'b', args: [], taken: 1 })
    expect(parse(list, 2)).toEqual({ node: 'a', args: [20, 21], taken: 1 })
    expect(parse(list, 3)).toEqual({ error: -ENOENT, taken: 0 })
  })

  it('may have empty entries, which give -ENOENT', () => {
    expect(parse([0, 2], 0)).toEqual({ error: -ENOENT, taken: 0 })
    expect(parse([0, 2], 1)).toEqual({ node: 'b', args: [], taken: 1 })
  })

  it.each<[string, readonly number[], Record<string, Value> | undefined, string]>([
    ['with a handle that no node has', [9], undefined, 'OF: /user: could not find phandle'],
    ['with a node that has no cell count', [1], {}, 'OF: /user: could not get #cells for /a'],
    ['that end too early', [1, 10], undefined, 'OF: /user: arguments longer than property'],
  ])('%s give -EINVAL and hold no reference', (_what, list, target, line) => {
    expect(parse(list, 0, target)).toEqual([{ error: -EINVAL, taken: 0 }, [line]])
  })

  it('give an error if missing or malformed', () => {
    run(boot(tree([1])), () => {
      const user = at('/user')
      expect(of_parse_phandle_with_args(user, 'none', '#cells', 0)).toBe(-ENOENT)
      expect(of_parse_phandle_with_args(user, 'list', '#cells', -1)).toBe(-EINVAL)
      expect(of_parse_phandle(user, 'list', -1)).toBeNull()
      must(of_find_property(user, 'list')).value = null
      expect(of_parse_phandle(user, 'list', 0)).toBeNull()
    })
  })

  it('without cells contain only phandles', () => {
    run(boot(tree([2, 9, 1])), () => {
      const user = at('/user')
      const found: (device_node | null)[] = [0, 1, 2, 3].map((index) => of_parse_phandle(user, 'list', index))
      expect(found.map((np) => (np === null ? null : objectId(np)))).toEqual([
        objectId(at('/b')),
        null,
        objectId(at('/a')),
        null,
      ])
      expect([refs(at('/b')), refs(at('/a'))]).toEqual([2, 2])
    })
  })

  it('find detached nodes too if resolved by the cache', () => {
    run(boot(tree([2])), () => {
      const old = of_node_get(at('/b'))
      of_detach_node(old)
      expect(of_parse_phandle(at('/user'), 'list', 0)).toBe(old)
    })
  })
})

describe('inspection of the cache', () => {
  it('shows slots and nodes and leaves no trace', () => {
    const machine = boot(facilities())
    const before = machine.events.length
    const { phandleCache } = inspectOf(machine)
    expect(phandleCache.map(({ slot }) => slot)).toEqual([1, 3, 4, 5, 6])
    expect(phandleCache.every(({ freed }) => !freed)).toBe(true)
    expect(machine.events).toHaveLength(before)
    expect(run(machine, () => [at(C), at(S)].map((np) => np.phandle))).toEqual([0xfffffff4, 0xfffffff3])
  })
})
