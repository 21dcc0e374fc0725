// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { firstCell } from '../src/bytes.ts'
import { handleOf, nodeAt } from '../src/firmware-node.ts'
import { Partition, PartitionError, propertyOf, readDeviceTree, type FirmwareNode } from '../src/index.ts'

const H_VASI_STATE = 0x2a4

function treeOf(partition: Partition): FirmwareNode {
  return readDeviceTree(partition.devicetree()).root
}

describe('the hypervisor', () => {
  it('reports that the partition may be suspended, unless the plan differs', () => {
    const partition = new Partition()
    const ask = (): readonly number[] => partition.hcall(H_VASI_STATE, [1])
    expect(ask()).toEqual([0, 3])
    partition.prepareMigration({ vasi: ['enabled', -4, 'aborted'] })
    expect([ask(), ask(), ask(), ask()]).toEqual([
      [0, 1],
      [-4, 0],
      [0, 2],
      [0, 3],
    ])
    partition.prepareMigration({ vasi: ['completed'] })
    partition.prepareMigration()
    expect(ask()).toEqual([0, 3])
  })

  it('implements no other call', () => {
    expect(new Partition().hcall(0x1234, [])).toEqual([-2])
  })
})

describe('statuses that are scripted at any time', () => {
  it('are returned first, then the service is executed again', () => {
    const partition = new Partition()
    partition.scriptStatuses({ 'ibm,activate-firmware': [-2, 0, -1] })
    const call = (): readonly number[] => partition.rtas(partition.token('ibm,activate-firmware'), [])
    expect([call(), call(), call(), call()]).toEqual([[-2], [0], [-1], [0]])
    partition.scriptStatuses({ 'ibm,activate-firmware': [-1] })
    partition.scriptStatuses({})
    expect(call()).toEqual([0])
  })
})

describe('colliding phandles', () => {
  it('share a slot of the kernel’s phandle cache with a described node, one each, and are unique', () => {
    const partition = new Partition({ phandles: 'colliding' })
    const nodes = partition.tree()
    const slots = 2 ** Math.ceil(Math.log2(nodes.length))
    const described = nodes.filter(({ path }) => path.startsWith('/ibm,platform-facilities'))
    const others = nodes.filter((one) => !described.includes(one))
    for (const { node } of described) {
      const shared = others.filter((other) => handleOf(other.node) % slots === handleOf(node) % slots)
      expect(shared).toHaveLength(1)
    }
    const handles = nodes.map(({ node }) => handleOf(node))
    expect(new Set(handles).size).toBe(handles.length)
  })

  it('are avoided by default', () => {
    const nodes = new Partition().tree()
    const slots = 2 ** Math.ceil(Math.log2(nodes.length))
    const inSlot = nodes.map(({ node }) => handleOf(node) % slots)
    for (const { path, node } of nodes) {
      if (!path.startsWith('/ibm,platform-facilities')) continue
      expect(inSlot.filter((slot) => slot === handleOf(node) % slots)).toHaveLength(1)
    }
  })
})

describe('spare processors', () => {
  it('are not in the tree, but their connectors are listed and counted as possible', () => {
    const root = treeOf(new Partition({ spareProcessors: 2 }))
    expect(nodeAt(root, '/cpus')?.children.map(({ name }) => name)).toEqual(['PowerPC,POWER9@0'])
    const list = propertyOf(nodeAt(root, '/cpus') as FirmwareNode, 'ibm,drc-indexes')
    expect([...(list ?? [])]).toEqual([0, 0, 0, 3, 0x10, 0, 0, 0, 0x10, 0, 0, 1, 0x10, 0, 0, 2])
    const capacity = propertyOf(nodeAt(root, '/rtas') as FirmwareNode, 'ibm,lrdr-capacity')
    expect(firstCell(capacity?.subarray(16))).toBe(3)
  })

  it('are added to the tree when their connector is acquired, and removed when it is released', () => {
    const partition = new Partition({ spareProcessors: 1 })
    const set = (indicator: number, value: number): number | undefined =>
      partition.rtas(partition.token('set-indicator'), [indicator, 0x10000001, value])[0]
    const there = (): boolean => partition.tree().some(({ path }) => path === '/cpus/PowerPC,POWER9@1')
    expect([there(), set(9003, 1), there(), set(9001, 1), there()]).toEqual([false, 0, false, 0, true])
    expect([set(9001, 0), there(), set(9003, 0), there()]).toEqual([0, true, 0, false])
  })

  it.each([-1, 0.5])('are rejected for a number such as %d', (spareProcessors) => {
    expect(() => new Partition({ spareProcessors })).toThrow(PartitionError)
  })
})
