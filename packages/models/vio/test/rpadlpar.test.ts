// SPDX-License-Identifier: GPL-2.0-only
import { bootMachine, type Machine } from '@pfo-workbench/kernel'
import { inspectOf, ofCore } from '@pfo-workbench/of'
import { Partition } from '@pfo-workbench/powervm'
import { pseriesPlatform } from '@pfo-workbench/pseries'
import { describe, expect, it } from 'vitest'
import { rpadlparModule, vio, vioDevicesSnapshot } from '../src/index.ts'

const CONTROL = '/sys/bus/pci/slots/control'
const VSCSI = '/vdevice/v-scsi@71000002'

/** A machine whose `/vdevice` has a connector SLOT1 with a v-scsi device. */
function boot(): Machine {
  const partition = new Partition()
  const machine = bootMachine({
    devicetree: partition.devicetree(),
    firmware: partition,
    subsystems: [ofCore, pseriesPlatform, vio],
    modules: [rpadlparModule],
  })
  for (const command of [
    'add_property 0xb ibm,drc-indexes 8 \0\0\0\x01\x30\0\0\x02',
    'add_property 0xb ibm,drc-names 10 \0\0\0\x01SLOT1\0',
    'add_property 0xb ibm,drc-types 10 \0\0\0\x01SLOT1\0',
    'add_property 0xb ibm,drc-power-domains 8 \0\0\0\x01\0\0\0\0',
    'add_property 0xe ibm,my-drc-index 4 \x30\0\0\x02',
  ]) {
    expect(machine.write('/proc/powerpc/ofdt', command)).toBe(command.length)
  }
  expect(machine.insmod('rpadlpar_io')).toBe(0)
  return machine
}

const devices = (machine: Machine): string[] =>
  machine.inspect(() => vioDevicesSnapshot().map(({ device }) => device))

const countOf = (machine: Machine, path: string): number | undefined =>
  inspectOf(machine).nodes.find((node) => node.path === path)?.refcount

describe('the slots of virtual devices', () => {
  it("are removed and added again by their connector's name", () => {
    const machine = boot()
    expect(machine.readdir(CONTROL)).toEqual(['add_slot', 'remove_slot'])
    expect(machine.write(`${CONTROL}/remove_slot`, 'SLOT1\n')).toBe(6)
    expect(devices(machine)).not.toContain('71000002')
    expect(machine.write(`${CONTROL}/remove_slot`, 'SLOT1')).toBe(-22)
    expect(machine.write(`${CONTROL}/add_slot`, 'SLOT1')).toBe(5)
    expect(devices(machine)).toContain('71000002')
    expect(machine.write(`${CONTROL}/add_slot`, 'SLOT1')).toBe(-22)
    expect(machine.console.slice(-4)).toEqual([
      'rpadlpar_io: slot SLOT1 removed',
      'rpadlpar_io: slot SLOT1 removed',
      'rpadlpar_io: slot SLOT1 added',
      'rpadlpar_io: slot SLOT1 added',
    ])
  })

  it('are not found by an unknown name or one that is too long', () => {
    const machine = boot()
    expect(machine.write(`${CONTROL}/add_slot`, 'SLOT2')).toBe(-19)
    expect(machine.write(`${CONTROL}/remove_slot`, 'SLOT2')).toBe(-19)
    expect(machine.write(`${CONTROL}/add_slot`, 'x'.repeat(64))).toBe(0)
  })

  it('leak a reference on their node and on its parent with each request', () => {
    const machine = boot()
    const before = [countOf(machine, VSCSI), countOf(machine, '/vdevice')]
    machine.write(`${CONTROL}/add_slot`, 'SLOT1')
    expect([countOf(machine, VSCSI), countOf(machine, '/vdevice')]).toEqual(
      before.map((count) => (count ?? 0) + 1),
    )
  })

  it('disappear with the module', () => {
    const machine = boot()
    expect(machine.rmmod('rpadlpar_io')).toBe(0)
    expect(machine.readdir(CONTROL)).toBe(-2)
    expect(machine.insmod('rpadlpar_io')).toBe(0)
    expect(machine.readdir(CONTROL)).toHaveLength(2)
  })
})
