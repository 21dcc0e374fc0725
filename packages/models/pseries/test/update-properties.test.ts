// SPDX-License-Identifier: GPL-2.0-only
import { type Machine } from '@pfo-workbench/kernel'
import { consoleOf, must, run, runToDeath } from '@pfo-workbench/kernel/testing'
import { Partition, type PropertyChange } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import { MIGRATION_SCOPE, pseries_devicetree_update } from '../src/index.ts'
import {
  boot,
  bootWith,
  COMPRESSION,
  count,
  eventsOf,
  FACILITIES,
  HANDLE,
  inTurns,
  leftBehind,
  node,
  nodeList,
  propertyList,
  putWords,
  statuses,
  treeWithout,
  valueOf,
  withFailure,
  type Descriptor,
  type Service,
} from './support.ts'

const REMOVE = 0x80000000
const announced = nodeList([0x02000001, HANDLE.compression, 0])
const path: Descriptor = { name: '', vd: COMPRESSION.length + 1, value: `${COMPRESSION}\0` }

/** The length word (`vd` in the kernel) of a piece that is not the last: the negative length. */
function more(length: number): number {
  return 2 ** 32 - length
}

/** A machine whose firmware answers ibm,update-properties for compression with these descriptors. */
function bootAnswering(...answers: readonly [Service, ...Service[]]): Machine {
  return bootWith({ 'ibm,update-nodes': announced, 'ibm,update-properties': inTurns(...answers) })
}

function update(machine: Machine): number {
  return run(machine, () => pseries_devicetree_update(MIGRATION_SCOPE))
}

function updated(...answers: readonly [Service, ...Service[]]): Machine {
  const machine = bootAnswering(...answers)
  expect(update(machine)).toBe(0)
  return machine
}

function value(machine: Machine, name: string): string | undefined {
  return valueOf(machine, COMPRESSION, name)
}

function notifications(machine: Machine): number[] {
  const calls = eventsOf(machine, 'notifier.call', undefined, 0)
  return calls.filter((call) => call.callback === 'pseries_smp_notifier').map((call) => call.action)
}

describe('an UPDATE', () => {
  it('replaces, adds and removes several properties in the order of their descriptors', () => {
    const machine = updated(
      propertyList([
        path,
        { name: 'status', vd: 9, value: 'disabled\0' },
        { name: 'new', vd: 3, value: 'abc' },
        { name: 'ibm,resource-id', vd: REMOVE },
      ]),
    )
    expect(value(machine, 'status')).toBe('disabled\0')
    expect(value(machine, 'new')).toBe('abc')
    expect(value(machine, 'ibm,resource-id')).toBeUndefined()
    expect(notifications(machine)).toEqual([5, 5, 4])
    expect(machine.read(`/proc/device-tree${COMPRESSION}/status`)).toBe('disabled\0')
    expect(machine.read(`/proc/device-tree${COMPRESSION}/new`)).toBe('abc')
    expect(machine.read(`/proc/device-tree${COMPRESSION}/ibm,resource-id`)).toBe(-2)
  })

  it('passes the phandle and the scope', () => {
    const seen: unknown[] = []
    updated(([area, scope]) => {
      if (area instanceof Uint8Array) seen.push([...area.subarray(0, 20)], scope)
      return [0]
    })
    expect(seen).toEqual([[0xff, 0xff, 0xff, 0xf4, ...new Array<number>(16).fill(0)], 1])
  })

  it("skips but counts a first descriptor without a name, which holds the node's path", () => {
    const properties = (...descriptors: Descriptor[]): string[] =>
      Object.keys(must(node(updated(propertyList(descriptors)), COMPRESSION)).properties)
    const a = { name: 'a', vd: 1, value: 'x' }
    const b = { name: 'b', vd: 1, value: 'y' }
    expect(properties(path, a, b)).toEqual(expect.arrayContaining(['a', 'b']))
    expect(properties(a, b)).toEqual(expect.arrayContaining(['a', 'b']))
    const short: Service = (args) => {
      const answer = propertyList([path, a, b])(args)
      if (args[0] instanceof Uint8Array) putWords(args[0], 16, [2])
      return answer
    }
    const cut = Object.keys(must(node(updated(short), COMPRESSION)).properties)
    expect(cut).toContain('a')
    expect(cut).not.toContain('b')
  })

  it('ignores a property without a value: it is neither created nor emptied', () => {
    const machine = updated(
      propertyList([
        path,
        { name: 'status', vd: 0 },
        { name: 'unheard-of', vd: 0 },
        { name: 'a', vd: 1, value: 'x' },
      ]),
    )
    expect(value(machine, 'status')).toBe('okay\0')
    expect(value(machine, 'unheard-of')).toBeUndefined()
    expect(value(machine, 'a')).toBe('x')
    expect(notifications(machine)).toEqual([5])
  })

  it('ignores the removal of a missing property', () => {
    const machine = updated(
      propertyList([path, { name: 'unheard-of', vd: REMOVE }, { name: 'a', vd: 1, value: 'x' }]),
    )
    expect(value(machine, 'a')).toBe('x')
    expect(notifications(machine)).toEqual([5])
  })

  it('keeps replaced and removed properties allocated until the node is freed', () => {
    const machine = updated(propertyList([path, { name: 'status', vd: 9, value: 'disabled\0' }]))
    const freed = eventsOf(machine, 'free', undefined, 0).filter((event) => event.struct === 'property')
    expect(freed).toEqual([])
  })

  it('changes neither name nor phandle of the node, even if the properties differ', () => {
    const machine = updated(
      propertyList([
        path,
        { name: 'name', vd: 2, value: 'x\0' },
        { name: 'ibm,phandle', vd: 4, value: '\0\0\0\x01' },
      ]),
    )
    expect(node(machine, COMPRESSION)).toMatchObject({
      name: 'ibm,compression-v1',
      phandle: HANDLE.compression,
    })
  })

  it('drops the reference of its lookup', () => {
    const machine = updated(propertyList([path]))
    expect(count(machine, COMPRESSION)).toBe(1)
  })

  it('calls again with the same area while the status is 1', () => {
    const machine = updated(
      propertyList([path, { name: 'a', vd: 1, value: 'x' }], 1),
      propertyList([{ name: 'b', vd: 1, value: 'y' }], 1),
      propertyList([{ name: 'c', vd: 1, value: 'z' }]),
    )
    expect([value(machine, 'a'), value(machine, 'b'), value(machine, 'c')]).toEqual(['x', 'y', 'z'])
  })

  it('processes the answer of a positive status other than 1, and makes no more calls', () => {
    const machine = updated(
      propertyList([path, { name: 'a', vd: 1, value: 'x' }], 2),
      propertyList([{ name: 'b', vd: 1, value: 'y' }]),
    )
    expect([value(machine, 'a'), value(machine, 'b')]).toEqual(['x', undefined])
  })

  it.each([-1, -2, -3])('stops at status %i without reading the answer and without a message', (status) => {
    const machine = bootAnswering(
      propertyList([path, { name: 'a', vd: 1, value: 'x' }], 1),
      propertyList([{ name: 'b', vd: 1, value: 'y' }], status),
    )
    expect(consoleOf(machine, () => expect(update(machine)).toBe(0))).toEqual([])
    expect([value(machine, 'a'), value(machine, 'b')]).toEqual(['x', undefined])
    expect(count(machine, COMPRESSION)).toBe(1)
  })

  it('is skipped without the service, and if there is no memory for the area', () => {
    const machine = bootWith(
      { 'ibm,update-nodes': announced },
      { devicetree: treeWithout('ibm,update-properties') },
    )
    expect(consoleOf(machine, () => expect(update(machine)).toBe(0))).toEqual([])
    const short = bootAnswering(propertyList([path, { name: 'a', vd: 1, value: 'x' }]))
    // Allocation 0 is the area of ibm,update-nodes, allocation 1 that of ibm,update-properties.
    withFailure(short, 1, () => expect(update(short)).toBe(0))
    expect(value(short, 'a')).toBeUndefined()
    expect(count(short, COMPRESSION)).toBe(1)
  })

  it('of an unknown node frees its area', () => {
    const machine = bootWith({ 'ibm,update-nodes': nodeList([0x02000001, 0x77777777, 0]) })
    expect(leftBehind(machine, () => update(machine))).toEqual([])
  })

  it('never returns if firmware always has more: a soft lockup', () => {
    const machine = bootWith(
      { 'ibm,update-nodes': announced, 'ibm,update-properties': propertyList([path], 1) },
      { callChains: false },
    )
    runToDeath(machine, () => pseries_devicetree_update(MIGRATION_SCOPE))
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'hang', undefined, 0)).toMatchObject([{ lock: 'ibm,update-properties' }])
  })

  it('of a node that is not in sysfs changes the node without notifications', () => {
    const partition = new Partition()
    const machine = boot(partition)
    machine.write('/proc/powerpc/ofdt', `remove_node ${COMPRESSION}`)
    partition.updateProperties([
      { node: COMPRESSION, properties: [{ kind: 'set', name: 'new', value: Uint8Array.of(1) }] },
    ])
    const calls = eventsOf(machine, 'notifier.call', () => update(machine))
    // The phandle cache still has the detached node.
    expect(value(machine, 'new')).toBe('\x01')
    expect(calls).toEqual([])
  })
})

describe('a value in pieces', () => {
  it('is joined over the calls, and updated once after the last piece', () => {
    const machine = updated(
      propertyList([path, { name: 'a', vd: more(3), value: 'abc' }], 1),
      propertyList([{ name: 'a', vd: more(2), value: 'de' }], 1),
      propertyList([
        { name: 'a', vd: 1, value: 'f' },
        { name: 'b', vd: 1, value: 'x' },
      ]),
    )
    expect(value(machine, 'a')).toBe('abcdef')
    expect(value(machine, 'b')).toBe('x')
    expect(notifications(machine)).toEqual([5, 5])
  })

  it('leaves only the whole value allocated', () => {
    const machine = bootAnswering(
      propertyList([path, { name: 'a', vd: more(3), value: 'abc' }], 1),
      propertyList([{ name: 'a', vd: 3, value: 'def' }]),
    )
    const left = leftBehind(machine, () => update(machine)).map((id) => id.replace(/#.*/, ''))
    // The property, its name, its value, and the name of its file.
    expect(left.sort()).toEqual(['bytes', 'bytes', 'bytes', 'property'])
  })

  it('ends its answer: later descriptors are lost, because the kernel continues at a wrong offset', () => {
    const machine = updated(
      propertyList([path, { name: 'a', vd: more(1), value: 'x' }, { name: 'b', vd: 1, value: 'y' }], 1),
      propertyList([{ name: 'a', vd: 1, value: 'z' }]),
    )
    expect(value(machine, 'a')).toBe('xz')
    expect(value(machine, 'b')).toBeUndefined()
  })

  it('is leaked if the last piece never arrives', () => {
    for (const last of [propertyList([{ name: 'b', vd: REMOVE }]), statuses(-1), propertyList([])]) {
      const machine = bootAnswering(propertyList([path, { name: 'a', vd: more(3), value: 'abc' }], 1), last)
      const left = leftBehind(machine, () => update(machine)).map((id) => id.replace(/#.*/, ''))
      expect(value(machine, 'a')).toBeUndefined()
      expect(left.sort()).toEqual(['bytes', 'bytes', 'property'])
    }
  })

  it('takes the next property as its last piece, even if the names differ', () => {
    const machine = updated(
      propertyList([path, { name: 'a', vd: more(1), value: 'x' }], 1),
      propertyList([{ name: 'b', vd: 1, value: 'y' }]),
    )
    expect(value(machine, 'a')).toBe('xy')
    expect(value(machine, 'b')).toBeUndefined()
  })

  it('is lost if a property is removed in between: the last piece becomes the value', () => {
    const machine = updated(
      propertyList([path, { name: 'a', vd: more(1), value: 'x' }], 1),
      propertyList([
        { name: 'b', vd: REMOVE },
        { name: 'a', vd: 1, value: 'y' },
      ]),
    )
    expect(value(machine, 'a')).toBe('y')
  })

  it('arrives complete from a firmware that splits it', () => {
    const partition = new Partition()
    const machine = boot(partition)
    const big = Uint8Array.from({ length: 10_000 }, (_, i) => i & 0xff)
    const changes: PropertyChange[] = [
      { kind: 'set', name: 'big', value: big },
      { kind: 'set', name: 'small', value: Uint8Array.of(1, 2, 3), pieceSize: 1 },
      { kind: 'remove', name: 'status' },
      { kind: 'name', name: 'compatible' },
    ]
    partition.updateProperties([{ node: COMPRESSION, properties: changes }])
    expect(update(machine)).toBe(0)
    const { properties } = must(node(machine, COMPRESSION))
    expect(properties['big']).toEqual(big)
    expect(properties['small']).toEqual(Uint8Array.of(1, 2, 3))
    expect(properties['status']).toBeUndefined()
    expect(properties['compatible']).toBeDefined()
  })
})

describe('an UPDATE, if memory is short,', () => {
  const failed = 'Could not update a property'
  // Allocations: both work areas, then those of the property.
  it.each([
    [2, 'property'],
    [3, 'bytes'],
    [4, 'bytes'],
  ])(
    'loses the property, logs an error if any of its allocations (%i, %s) fails, and continues',
    (number, struct) => {
      const machine = bootAnswering(
        propertyList([path, { name: 'a', vd: 1, value: 'x' }, { name: 'b', vd: 1, value: 'y' }]),
      )
      let left: string[] = []
      const lines = consoleOf(machine, () => {
        left = leftBehind(machine, () => {
          expect(withFailure(machine, number, () => update(machine))).toEqual({ failed: struct, result: 0 })
        })
      })
      expect(lines).toEqual([failed])
      expect([value(machine, 'a'), value(machine, 'b')]).toEqual([undefined, 'y'])
      // Only the other property is left: four allocations, for the property, its name, its value and the name of its
      // file.
      expect(left).toHaveLength(4)
    },
  )

  it('loses a later piece and joins the rest of the value without it', () => {
    const machine = bootAnswering(
      propertyList([path, { name: 'a', vd: more(1), value: 'x' }], 1),
      propertyList([{ name: 'a', vd: more(1), value: 'y' }], 1),
      propertyList([{ name: 'a', vd: 1, value: 'z' }]),
    )
    const lines = consoleOf(machine, () => {
      withFailure(machine, 5, () => expect(update(machine)).toBe(0))
    })
    expect(lines).toEqual([failed])
    expect(value(machine, 'a')).toBe('xz')
  })

  it('that loses the last piece waits for more and takes it from the next property', () => {
    const machine = bootAnswering(
      propertyList([path, { name: 'a', vd: more(1), value: 'x' }], 1),
      propertyList([
        { name: 'a', vd: 1, value: 'y' },
        { name: 'b', vd: 1, value: 'z' },
      ]),
    )
    const lines = consoleOf(machine, () => {
      withFailure(machine, 5, () => expect(update(machine)).toBe(0))
    })
    expect(lines).toEqual([failed])
    expect([value(machine, 'a'), value(machine, 'b')]).toEqual(['xz', undefined])
  })
})

describe('an UPDATE, with faulty firmware,', () => {
  it.each([0x1000001, 0x7fffffff, more(0x7fffffff), more(0x1000001)])(
    'treats a length of %i, too long for any allocation, as short memory, after a warning',
    (vd) => {
      const machine = bootAnswering(propertyList([path, { name: 'a', vd, value: 'x' }]))
      const left = leftBehind(machine, () => {
        const lines = consoleOf(machine, () => update(machine))
        expect(lines[0]).toContain('at mm/page_alloc.c:4065')
        expect(lines.at(-1)).toBe('Could not update a property')
      })
      expect(left).toEqual([])
    },
  )

  it('reads all of an area that claims more properties than it has, and stops at its end', () => {
    const answer: Service = (args) => {
      const status = propertyList([path, { name: 'a', vd: 1, value: 'x' }])(args)
      if (args[0] instanceof Uint8Array) putWords(args[0], 16, [0xffffffff])
      return status
    }
    expect(value(updated(answer), 'a')).toBe('x')
  })

  it('treats a path with a count of 0 as four billion more properties', () => {
    const answer: Service = (args) => {
      const status = propertyList([path, { name: 'a', vd: 1, value: 'x' }])(args)
      if (args[0] instanceof Uint8Array) putWords(args[0], 16, [0])
      return status
    }
    expect(value(updated(answer), 'a')).toBe('x')
  })

  it('does nothing if the path is longer than the area', () => {
    const machine = updated(
      propertyList([
        { name: '', vd: 0xfffffff0 },
        { name: 'a', vd: 1, value: 'x' },
      ]),
    )
    expect(value(machine, 'a')).toBeUndefined()
    expect(count(machine, FACILITIES)).toBe(4)
  })
})
