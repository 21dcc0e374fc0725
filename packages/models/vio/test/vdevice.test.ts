// SPDX-License-Identifier: GPL-2.0-only
import { bootMachine, type KernelConfig, type Machine } from '@pfo-workbench/kernel'
import { inspectOf, ofCore } from '@pfo-workbench/of'
import { Partition } from '@pfo-workbench/powervm'
import { pseriesPlatform } from '@pfo-workbench/pseries'
import { describe, expect, it } from 'vitest'
import { vio, vioDevicesSnapshot } from '../src/index.ts'

const OFDT = '/proc/powerpc/ofdt'
const VSCSI = '/vdevice/v-scsi@71000002'

function boot(config: Partial<KernelConfig> = {}): Machine {
  const partition = new Partition({ endian: config.endian ?? 'little' })
  return bootMachine({
    devicetree: partition.devicetree(),
    firmware: partition,
    subsystems: [ofCore, pseriesPlatform, vio],
    config,
  })
}

/** State, reference count and tree membership of all nodes that ever had the path. */
function nodesAt(machine: Machine, path: string): unknown[] {
  return inspectOf(machine)
    .nodes.filter((node) => node.path === path)
    .map(({ life, refcount, inTree }) => [life, refcount, inTree])
}

describe.each([{}, { endian: 'big' }, { cmo: true }, { endian: 'big', cmo: true }] as const)(
  'a virtual device on a partition with %j',
  (config) => {
    it('keeps its node if the node is removed, and an added node gets no device', () => {
      const machine = boot(config)
      expect(nodesAt(machine, VSCSI)).toEqual([['allocated', 2, true]])
      machine.write(OFDT, `remove_node ${VSCSI}`)
      expect(nodesAt(machine, VSCSI)).toEqual([['allocated', 1, false]])
      const added = `add_node ${VSCSI} name 7 v-scsi\0 device_type 5 vscsi reg 4 q\0\0\x02`
      expect(machine.write(OFDT, added)).toBe(added.length)
      expect(nodesAt(machine, VSCSI)).toEqual([
        ['allocated', 1, false],
        ['allocated', 1, true],
      ])
      const devices = machine.inspect(() => vioDevicesSnapshot().map(({ device }) => device))
      expect(devices.filter((device) => device === '71000002')).toHaveLength(1)
      expect(machine.peek('/sys/devices/vio/71000002/devspec')).toMatchObject({ value: `${VSCSI}\n` })
      // The link is by name, so it resolves to the new node.
      expect(machine.peekLink('/sys/devices/vio/71000002/of_node')).toMatchObject({
        target: `/sys/firmware/devicetree/base${VSCSI}`,
      })
    })

    it('has the files of memory overcommitment if the partition has it', () => {
      const files = boot(config).readdir('/sys/devices/vio/ibm,random-v1')
      const isCmo = 'cmo' in config
      expect(Array.isArray(files) && files.includes('cmo_entitled')).toBe(isCmo)
    })
  },
)
