// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBytes, kfree, memset, readBytes, strlen, text, type Machine } from '@pfo-workbench/kernel'
import { eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  __of_find_all_nodes,
  inspectOf,
  ofState,
  OF_DETACHED,
  OF_DYNAMIC,
  of_find_property,
  of_node_check_flag,
  OF_POPULATED,
  OF_POPULATED_BUS,
  type property,
} from '../src/index.ts'
import { cells, flatten, node, type TreeNode } from './support/dtb.ts'
import { at, belowRoot, CPU, boot, facilities, R, refs, treeOrder } from './support/of.ts'

function propertyNames(first: property | null): string[] {
  const names: string[] = []
  for (let pp = first; pp !== null; pp = pp.next) names.push(text(must(pp.name)))
  return names
}

describe('the tree made from a blob', () => {
  it('has nodes in the order of the blob, parents first', () => {
    const machine = boot(facilities())
    expect(run(machine, treeOrder)).toEqual(['/', ...belowRoot])
    expect(eventsOf(machine, 'node.attach').map((event) => event.path)).toEqual([
      '/',
      '/cpus',
      '/cpus/PowerPC,POWER9@0',
      '/ibm,platform-facilities',
      R,
      '/ibm,platform-facilities/ibm,compression-v1',
      '/ibm,platform-facilities/ibm,sym-encryption-v1',
      '/aliases',
    ])
  })

  it('equals the blob, for any tree', () => {
    const name = fc.stringMatching(/^[a-z][a-z,]{0,6}(@[0-9a-f]{1,4})?$/)
    const { tree } = fc.letrec<{ tree: TreeNode }>((tie) => ({
      tree: fc.record({
        name,
        properties: fc.uniqueArray(
          fc.tuple(fc.stringMatching(/^[a-z,#-]{1,8}$/), fc.uint8Array({ maxLength: 9 })),
          {
            selector: ([key]) => key,
            maxLength: 4,
          },
        ),
        children: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
      }),
    }))
    const flat = (one: TreeNode): string[] => [one.name, ...one.children.flatMap(flat)]
    fc.assert(
      fc.property(tree, ({ properties, children }) => {
        const root: TreeNode = { name: '', properties, children }
        const machine = boot(root, {}, { callChains: false })
        run(machine, () => {
          expect(treeOrder()).toEqual(flat(root).map((one) => one || '/'))
          for (const [key, value] of properties) {
            const pp = must(of_find_property(must(ofState().of_root), key))
            expect(readBytes(must(pp.value), pp.length)).toEqual(value)
          }
        })
      }),
      { numRuns: 60 },
    )
  })

  it('has nodes with count 1 (before child directories add to it) and no flags', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = at(R)
      expect(refs(np)).toBe(1)
      expect(
        [OF_DYNAMIC, OF_DETACHED, OF_POPULATED, OF_POPULATED_BUS].some((flag) =>
          of_node_check_flag(np, flag),
        ),
      ).toBe(false)
      expect([refs(at('/ibm,platform-facilities')), refs(must(ofState().of_root))]).toEqual([4, 4])
    })
  })

  it("has the last path component, with unit address, as full_name; the root's is empty", () => {
    run(boot(facilities()), () => {
      expect(text(must(at('/cpus/PowerPC,POWER9@0').full_name))).toBe('PowerPC,POWER9@0')
      expect(text(must(must(ofState().of_root).full_name))).toBe('')
    })
  })

  it('has a name for a node without properties', () => {
    run(boot(node('')), () => {
      expect(propertyNames(must(ofState().of_root).properties)).toEqual(['name'])
    })
  })
})

describe('names and types of boot nodes', () => {
  it('point into a synthesised property, the last one, if the blob has none', () => {
    run(boot(facilities()), () => {
      const np = at('/cpus/PowerPC,POWER9@0')
      expect(propertyNames(np.properties)).toEqual(['device_type', 'reg', 'name'])
      const name = must(of_find_property(np, 'name'))
      expect([text(must(np.name)), name.length]).toEqual(['PowerPC,POWER9', 15])
      expect(np.name).toBe(name.value)
      expect(name.value?.memory).not.toBe(np.type?.memory)
    })
  })

  it('end at the last @', () => {
    run(boot(node('', {}, [node('a@b@1')])), () => {
      expect(text(must(at('/a@b@1').name))).toBe('a@b')
    })
  })

  it('point into the blob if the blob has the property', () => {
    run(boot(node('', {}, [node('vty@30000000', { name: 'vty', device_type: 'serial' })])), () => {
      const np = at('/vty@30000000')
      expect(propertyNames(np.properties)).toEqual(['name', 'device_type'])
      expect(np.name?.memory).toBe(np.type?.memory)
      expect(np.name).toBe(of_find_property(np, 'name')?.value)
    })
  })

  it('are <NULL> in read-only data if there is no device_type', () => {
    const machine = boot(facilities())
    const type = run(machine, () => must(at('/cpus').type))
    expect(text(type)).toBe('<NULL>')
    machine.task('wipe', () => memset(type, 0, strlen(type)))
    expect(machine.outcome).toBe('oops')
  })

  it('show wiped bytes if the property is wiped; the blob of firmware is unchanged', () => {
    const blob = flatten(node('', {}, [node('x', { name: 'x' }), node('y')]))
    const before = fromBytes(blob)
    const machine = boot(node(''), {}, { devicetree: blob })
    run(machine, () => {
      for (const path of ['/x', '/y']) {
        const np = at(path)
        memset(must(np.name), 0, strlen(must(np.name)))
        const name = must(of_find_property(np, 'name'))
        expect([text(must(np.name)), text(must(name.value)), name.length]).toEqual(['', '', 2])
      }
    })
    expect(fromBytes(blob)).toBe(before)
    expect(machine.read('/proc/device-tree/y/name')).toBe('\0\0')
  })

  it('do not come from the allocator: freeing one is a BUG', () => {
    const machine = boot(facilities())
    machine.task('free', () => {
      kfree(at(R).name)
    })
    expect(eventsOf(machine, 'oops')[0]?.reason).toMatch(/^kernel BUG at mm\/slub\.c/)
  })
})

describe('phandles of boot nodes', () => {
  it.each<[string, Record<string, readonly number[]>, number]>([
    ['phandle', { phandle: [7] }, 7],
    ['linux,phandle', { 'linux,phandle': [8] }, 8],
    ['the first of both', { phandle: [7], 'linux,phandle': [8] }, 7],
    ['the first of both, in whatever order', { 'linux,phandle': [8], phandle: [7] }, 8],
    ['ibm,phandle before all', { phandle: [7], 'ibm,phandle': [9] }, 9],
    ['ibm,phandle before all, also when it comes first', { 'ibm,phandle': [9], phandle: [7] }, 9],
    ['0 without any', {}, 0],
  ])('come from %s', (_what, properties, expected) => {
    expect(run(boot(node('', {}, [node('x', properties)])), () => at('/x').phandle)).toBe(expected)
  })
})

describe('a malformed blob', () => {
  function bootFrom(devicetree: Uint8Array): Machine {
    return boot(node(''), {}, { devicetree })
  }

  it('logs an error and gives no tree', () => {
    const machine = bootFrom(new Uint8Array(64))
    expect(machine.console).toEqual(['OF: fdt: Invalid device tree blob header'])
    expect(run(machine, () => ofState().of_root)).toBeNull()
    expect(machine.outcome).toBe('completed')
  })

  const header = (structure: readonly number[]): Uint8Array =>
    cells([0xd00dfeed, 0, 40, 40 + structure.length * 4, 0, 17, 16, 0, 0, structure.length * 4, ...structure])

  it.each<[string, Uint8Array]>([
    ['ends in the middle', flatten(facilities()).slice(0, 120)],
    ['has an unknown tag', header([1, 0, 77])],
    ['closes what it did not open', header([2])],
    ['has a property outside any node', header([3, 0, 0])],
    ['has a property that is longer than the blob', header([1, 0, 3, 4096, 0])],
    ['is empty', header([])],
  ])('and %s logs an error and gives no tree', (_what, blob) => {
    const machine = bootFrom(blob)
    expect(machine.console).toEqual(['OF: fdt: Error -11 processing FDT'])
    expect(run(machine, () => __of_find_all_nodes(null))).toBeNull()
    expect(machine.readdir('/sys/firmware/devicetree')).toEqual([])
    expect(machine.readlink('/proc/device-tree')).toBe(-2)
  })

  it('never harms the machine, however it is truncated or changed', () => {
    const whole = flatten(facilities())
    fc.assert(
      fc.property(
        fc.nat(whole.length),
        fc.nat(whole.length - 1),
        fc.integer({ min: 0, max: 255 }),
        (end, place, byte) => {
          const blob = whole.slice()
          blob[place] = byte
          const machine = boot(node(''), {}, { devicetree: blob.slice(0, end), callChains: false })
          expect(machine.outcome).toBe('completed')
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('of_core_init', () => {
  it('creates a directory per node and a file per property, and the link in /proc', () => {
    const machine = boot(facilities())
    expect(machine.readdir('/sys/firmware/devicetree/base')).toEqual([
      '#address-cells',
      'aliases',
      'compatible',
      'cpus',
      'ibm,platform-facilities',
      'name',
    ])
    expect(machine.readlink('/proc/device-tree')).toBe('/sys/firmware/devicetree/base')
    expect(machine.readBytes(`/proc/device-tree${R}/ibm,phandle`)).toEqual(cells([0xfffffff5]))
    expect(machine.read(`/proc/device-tree${R}/compatible`)).toBe('ibm,random\0')
  })

  it('renames duplicates in one directory', () => {
    const machine = boot(node('', { x: 'property' }, [node('x'), node('x')]))
    expect(machine.readdir('/proc/device-tree')).toEqual(['name', 'x', 'x#1', 'x#2'])
    expect(machine.console).toEqual([
      'Duplicate name in base, renamed to "x#1"',
      'Duplicate name in base, renamed to "x#2"',
    ])
  })

  it('leaves a state that inspection shows', () => {
    const { nodes } = inspectOf(boot(facilities()))
    expect(nodes.find((one) => one.path === R)).toMatchObject({
      object: 'device_node#4',
      generation: 0,
      life: 'allocated',
      refcount: 1,
      flags: [],
      phandle: 0xfffffff5,
      name: 'ibm,random-v1',
      parent: 'device_node#3',
      inTree: true,
      sysfs: 'ibm,random-v1',
    })
    expect(nodes[0]).toMatchObject({ path: '/', parent: null, sysfs: 'base' })
  })

  it('leaves a state in which inspection also shows what is missing', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = at(R)
      must(np.properties).value = null
      must(must(np.properties).next).name = null
      np.full_name = null
      np.type = null
    })
    const { nodes } = inspectOf(machine)
    const shown = must(nodes.find((one) => one.object === 'device_node#4'))
    expect([shown.path, Object.keys(shown.properties)]).toEqual([
      '/ibm,platform-facilities/',
      ['ibm,phandle', 'name'],
    ])
  })

  it('keeps references on /aliases and on nodes with an alias', () => {
    run(boot(facilities()), () => {
      expect([refs(at('/aliases')), refs(at(CPU))]).toEqual([2, 2])
    })
  })

  it.each<[string, Record<string, Record<string, string>>, number, number]>([
    ['"stdout-path" of /chosen', { chosen: { 'stdout-path': '/tty:9600', 'linux,stdout-path': '/x' } }, 2, 1],
    [
      '"linux,stdout-path" of /chosen',
      { chosen: { 'linux,stdout-path': '/tty' }, aliases: { stdout: '/x' } },
      2,
      2,
    ],
    [
      'the alias "stdout"',
      { chosen: {}, 'chosen@0': { 'stdout-path': '/x' }, aliases: { stdout: '/tty' } },
      3,
      1,
    ],
    ['"stdout-path" of /chosen@0', { 'chosen@0': { 'stdout-path': '/tty' } }, 2, 1],
    ['nothing without /chosen', { aliases: { stdout: '/tty' } }, 2, 1],
    ['nothing if no place names it', { chosen: {}, aliases: {} }, 1, 1],
  ])('keeps a reference on the console, found by %s', (_, places, tty, other) => {
    const nodes = Object.entries(places).map(([name, properties]) => node(name, properties))
    run(boot(node('', {}, [node('tty'), node('x'), ...nodes])), () => {
      // A node that an alias names has another reference for it.
      expect([refs(at('/tty')), refs(at('/x'))]).toEqual([tty, other])
    })
  })
})
