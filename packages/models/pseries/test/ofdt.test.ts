// SPDX-License-Identifier: GPL-2.0-only
import { type Machine } from '@pfo-workbench/kernel'
import { consoleOf, must, run } from '@pfo-workbench/kernel/testing'
import { Partition, stringValue } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import { pseries_of_derive_parent } from '../src/index.ts'
import {
  boot,
  callers,
  changedTree,
  COMPRESSION,
  count,
  eventsOf,
  FACILITIES,
  leftBehind,
  leftSince,
  node,
  nodeAt,
  RANDOM,
  valueOf,
  withFailure,
} from './support.ts'

const OFDT = '/proc/powerpc/ofdt'
const C = '0xfffffff4'

function write(machine: Machine, ...commands: readonly string[]): (number | null)[] {
  return commands.map((command) => machine.write(OFDT, command))
}

/** The notifications of a command, as recorded by one of the callbacks. */
function notified(machine: Machine, ...commands: readonly string[]): number[] {
  return eventsOf(machine, 'notifier.call', () => write(machine, ...commands))
    .filter((call) => call.callback === 'pseries_smp_notifier')
    .map((call) => call.action)
}

describe('a node added through ofdt', () => {
  it('is dynamic, has one reference, a directory and files, and is announced to the notifiers', () => {
    const machine = boot(new Partition())
    const root = count(machine, '/')
    expect(notified(machine, 'add_node /x name 2 x\0 ibm,phandle 4 \0\0\x20\0')).toEqual([1])
    expect(node(machine, '/x')).toMatchObject({
      inTree: true,
      refcount: 1,
      flags: ['OF_DYNAMIC'],
      name: 'x',
      phandle: 0x2000,
      sysfs: 'x',
    })
    expect(count(machine, '/')).toBe(root + 1)
    expect(machine.readdir('/proc/device-tree/x')).toEqual(['ibm,phandle', 'name'])
  })

  it('takes its name from the last component of the path and its parent from the rest', () => {
    const machine = boot(new Partition())
    write(machine, `add_node ${RANDOM}/deep@1 name 5 deep\0`)
    expect(node(machine, `${RANDOM}/deep@1`)).toMatchObject({ inTree: true, name: 'deep', sysfs: 'deep@1' })
    expect(node(machine, `${RANDOM}/deep@1`)?.parent).toBe(node(machine, RANDOM)?.object)
  })

  it('without a slash in its path is a child of the root', () => {
    const machine = boot(new Partition())
    write(machine, 'add_node x ')
    expect(node(machine, '/x')).toMatchObject({ inTree: true, parent: node(machine, '/')?.object })
  })

  it('with an empty name is in the tree without a directory', () => {
    const machine = boot(new Partition())
    const [warning] = eventsOf(machine, 'warn', () => expect(write(machine, 'add_node  ')).toEqual([10]))
    expect(warning?.text).toContain('attempted to be registered with empty name!')
    expect(node(machine, '/', 1)).toMatchObject({ inTree: true, sysfs: null })
  })

  it('changes the references on its parent only by its directory', () => {
    const machine = boot(new Partition())
    const before = count(machine, RANDOM)
    write(machine, `add_node ${RANDOM}/x `)
    expect(count(machine, RANDOM)).toBe(before + 1)
    write(machine, `remove_node ${RANDOM}/x`)
    expect(count(machine, RANDOM)).toBe(before)
  })

  it('below a missing parent is an Oops: the error pointer is put like a node', () => {
    const machine = boot(new Partition())
    expect(write(machine, 'add_node /nowhere/x a 1 1')).toEqual([null])
    expect(machine.outcome).toBe('oops')
    const [oops] = eventsOf(machine, 'oops', undefined, 0)
    expect(oops?.reason).toBe('Unable to handle kernel paging request for data at address 0x0000007e')
    expect(callers(oops, 'ofdt_write')).toEqual([
      'kobject_put',
      'of_node_put',
      'pSeries_reconfig_add_node',
      'do_add_node',
      'ofdt_write',
    ])
    expect(oops?.held).toEqual([])
    // No lock is held: the next writer succeeds.
    expect(write(machine, 'add_node /x ')).toEqual([12])
  })
})

describe('a node removed through ofdt', () => {
  it('is freed immediately if it is dynamic and has no other owner', () => {
    const machine = boot(new Partition())
    const left = leftBehind(machine, () => {
      expect(notified(machine, 'add_node /x name 2 x\0', 'remove_node /x')).toEqual([1, 2])
    })
    expect(left).toEqual([])
    expect(node(machine, '/x')?.life).toBe('freed')
  })

  it('keeps the references of other owners: the arch random hook here', () => {
    const machine = boot(new Partition())
    write(machine, `remove_node ${RANDOM}`)
    expect(node(machine, RANDOM)).toMatchObject({ inTree: false, refcount: 1, flags: ['OF_DETACHED'] })
    expect(count(machine, FACILITIES)).toBe(3)
  })

  it('is not removed if it has children; node, child and parent stay unchanged', () => {
    const machine = boot(new Partition())
    const before = [FACILITIES, RANDOM, '/'].map((path) => count(machine, path))
    expect(write(machine, `remove_node ${FACILITIES}`, 'remove_node /')).toEqual([-16, -22])
    expect([FACILITIES, RANDOM, '/'].map((path) => count(machine, path))).toEqual(before)
  })

  it('can be named by an alias', () => {
    const machine = boot(new Partition(), {
      devicetree: changedTree('', (root) => {
        const aliases = [{ name: 'rng', value: stringValue(RANDOM) }]
        root.children.push({ name: 'aliases', properties: aliases, children: [] })
      }),
    })
    expect(write(machine, 'remove_node rng')).toEqual([15])
    expect(node(machine, RANDOM)?.inTree).toBe(false)
  })
})

describe('a property command', () => {
  it('appends, replaces in place and removes properties, with notifications', () => {
    const machine = boot(new Partition())
    const names = (): string[] => Object.keys(must(node(machine, COMPRESSION)).properties)
    const before = names()
    expect(notified(machine, `add_property ${C} x 1 y`)).toEqual([3])
    expect(names()).toEqual([...before, 'x'])
    expect(notified(machine, `update_property ${C} status 9 disabled\0`)).toEqual([5])
    expect(names()).toEqual([...before, 'x'])
    expect(valueOf(machine, COMPRESSION, 'status')).toBe('disabled\0')
    expect(notified(machine, `update_property ${C} new 1 z`)).toEqual([5])
    expect(notified(machine, `remove_property ${C} x`)).toEqual([4])
    expect(names()).toEqual([...before, 'new'])
    expect(machine.read(`/proc/device-tree${COMPRESSION}/status`)).toBe('disabled\0')
  })

  it.each([
    ['add_property x 1 y', 15],
    ['add_property status 1 y', 15],
    ['add_property x', -22],
    ['remove_property status', 15],
    ['remove_property nothing', -19],
    ['remove_property ', -22],
    ['update_property status 1 y', 15],
    ['update_property x 99999 y', -22],
    ['update_property  1 y', -19],
  ])('leaks a reference on its node whether it succeeds or fails: %j', (command) => {
    const machine = boot(new Partition())
    const [word = '', ...rest] = command.split(' ')
    write(machine, [word, C, ...rest].join(' '))
    expect(count(machine, COMPRESSION)).toBe(2)
    write(machine, [word, C, ...rest].join(' '))
    expect(count(machine, COMPRESSION)).toBe(3)
  })

  it('adds a terminator after the value, which the length does not include', () => {
    const machine = boot(new Partition())
    const allocated = eventsOf(machine, 'alloc', () => write(machine, `add_property ${C} some-name 3 abc`))
    const sizes = allocated.filter((event) => callers(event, 'new_property').length > 0)
    expect(sizes.map((event) => [event.struct, event.size])).toEqual([
      ['property', 0],
      ['bytes', 10],
      ['bytes', 4],
    ])
    expect(valueOf(machine, COMPRESSION, 'some-name')).toBe('abc')
  })

  it('leaks nothing if it found no node', () => {
    const machine = boot(new Partition())
    const left = leftBehind(machine, () =>
      write(machine, 'add_property 0x77777777 x 1 y', 'remove_property 1'),
    )
    expect(left).toEqual([])
  })

  it('that adds an existing name succeeds, changes nothing, and leaks the new property', () => {
    const machine = boot(new Partition())
    const left = leftBehind(machine, () => {
      expect(notified(machine, `add_property ${C} status 4 none`)).toEqual([])
    })
    expect(valueOf(machine, COMPRESSION, 'status')).toBe('okay\0')
    expect(left.map((id) => id.replace(/#.*/, '')).sort()).toEqual(['bytes', 'bytes', 'property'])
  })

  it('finds the old node through the phandle cache, not the one that has the phandle now', () => {
    const machine = boot(new Partition())
    write(
      machine,
      `remove_node ${COMPRESSION}`,
      `add_node ${COMPRESSION} name 19 ibm,compression-v1\0 ibm,phandle 4 \xff\xff\xff\xf4`,
    )
    expect(notified(machine, `add_property ${C} x 1 y`)).toEqual([])
    expect(valueOf(machine, COMPRESSION, 'x')).toBe('y')
    expect(node(machine, COMPRESSION, 1)?.properties['x']).toBeUndefined()
  })

  it('that updates a property of a detached node frees the name of its file a second time', () => {
    const machine = boot(new Partition())
    write(machine, `remove_node ${RANDOM}`)
    const freedTwice = eventsOf(machine, 'double-free', () => {
      const [warning] = eventsOf(machine, 'warn', () =>
        write(machine, 'update_property 0xfffffff5 compatible 1 y'),
      )
      expect(warning?.text).toContain('no directory')
    })
    expect(freedTwice).toHaveLength(1)
    expect(callers(freedTwice[0], 'do_update_property')).toContain('__of_update_property_sysfs')
  })
})

describe('a command, if memory is short,', () => {
  /** The results of the command, with each of its allocations failing in turn. */
  function results(command: string): (number | null)[] {
    const list: (number | null)[] = []
    for (let number = 0; ; number++) {
      const machine = boot(new Partition(), { callChains: false })
      const from = machine.events.length
      const { failed, result } = withFailure(machine, number, () => machine.write(OFDT, command))
      if (failed === null) return list
      list.push(result)
      if (result === -12) expect(leftSince(machine, from)).toEqual([])
    }
  }

  it('returns -ENOMEM and leaks nothing before the attach; errors of sysfs are ignored', () => {
    // The command, the property with name and value, the node, its name; then the attach.
    const [copy, property, name, value, np, fullName, ...attaching] = results('add_node /x a 1 1')
    expect([copy, property, name, value, np, fullName]).toEqual(new Array(6).fill(-12))
    expect(attaching.length).toBeGreaterThan(0)
    expect(attaching.filter((result) => result !== 17 && result !== null)).toEqual([])
  })

  it('frees the properties parsed before the one whose allocation failed', () => {
    expect(results('add_node /x a 1 1 b 1 2').slice(0, 9)).toEqual(new Array(9).fill(-12))
  })

  it("is an Oops if the parent's path cannot be allocated: that is an error pointer too", () => {
    const machine = boot(new Partition())
    // The command, the node, its name.
    withFailure(machine, 3, () => expect(write(machine, `add_node ${RANDOM}/x `)).toEqual([null]))
    expect(eventsOf(machine, 'oops', undefined, 0)).toMatchObject([
      { reason: 'Unable to handle kernel paging request for data at address 0x00000088' },
    ])
  })

  it.each(['add_property', 'update_property'])(
    'of %s returns -ENOMEM for the property, its name and its value',
    (word) => {
      expect(results(`${word} ${C} x 1 y`).slice(0, 4)).toEqual([-12, -12, -12, -12])
    },
  )

  it('of remove_node or remove_property returns -ENOMEM only for the command', () => {
    expect(results(`remove_node ${RANDOM}`)).toEqual([-12])
    expect(results(`remove_property ${C} status`)).toEqual([-12])
  })
})

it('add_node of a path that the lookup does not normalise adds an existing node a second time', () => {
  const machine = boot(new Partition())
  expect(write(machine, 'add_node /x name 2 x\0', 'add_node /x name 2 x\0')).toEqual([21, -22])
  const lines = consoleOf(machine, () => write(machine, 'add_node //x name 2 x\0'))
  expect(lines).toEqual(['Duplicate name in base, renamed to "x#1"'])
})

describe('pseries_of_derive_parent', () => {
  it('finds the parent of a path and takes a reference on it', () => {
    const machine = boot(new Partition())
    const before = count(machine, FACILITIES)
    expect(run(machine, () => pseries_of_derive_parent(RANDOM) === nodeAt(FACILITIES))).toBe(true)
    expect(count(machine, FACILITIES)).toBe(before + 1)
  })

  it.each(['/x', 'x', ''])('of %j is the root', (path) => {
    const machine = boot(new Partition())
    expect(run(machine, () => pseries_of_derive_parent(path) === nodeAt('/'))).toBe(true)
  })

  it('of a path that ends in a slash is the node before the slash', () => {
    const machine = boot(new Partition())
    expect(run(machine, () => pseries_of_derive_parent(`${FACILITIES}/`) === nodeAt(FACILITIES))).toBe(true)
  })

  it('is -EINVAL for the root and for a missing parent, and -ENOMEM without memory for its path', () => {
    const machine = boot(new Partition())
    const left = leftBehind(machine, () => {
      expect(run(machine, () => pseries_of_derive_parent('/'))).toBe(-22)
      expect(run(machine, () => pseries_of_derive_parent('/nowhere/x'))).toBe(-22)
      withFailure(machine, 0, () => {
        expect(run(machine, () => pseries_of_derive_parent(RANDOM))).toBe(-12)
      })
    })
    expect(left).toEqual([])
  })

  it("leaks its copy of the parent's path if that is the root", () => {
    const machine = boot(new Partition())
    const left = leftBehind(machine, () => {
      expect(run(machine, () => pseries_of_derive_parent('//x') === nodeAt('/'))).toBe(true)
    })
    expect(left).toHaveLength(1)
  })

  it('prints nothing', () => {
    const machine = boot(new Partition())
    expect(consoleOf(machine, () => run(machine, () => pseries_of_derive_parent('/nowhere/x')))).toEqual([])
  })
})
