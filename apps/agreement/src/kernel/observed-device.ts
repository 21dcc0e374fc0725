// SPDX-License-Identifier: GPL-2.0-only
import type { BorrowedText, ObservedDevice } from '@pfo-workbench/conformance/replay'
import { hasFlag } from '@pfo-workbench/host'
import { addressOf, type Machine, type View } from '@pfo-workbench/machine'

/** The state of a `vio_dev`. */
export function observe(machine: Machine, device: View): ObservedDevice {
  const node = device.pointerIn('dev.of_node')
  return {
    name: device.string('dev.kobj.name'),
    refcount: machine.memory.s32(device.addressOf('dev.kobj.kref')),
    node: node === 0n ? null : machine.idOf(node),
    isNodeDetached: node === 0n ? null : hasFlag(machine, node, 'OF_DETACHED'),
    vioName: borrowed(machine, device, 'name'),
    vioType: borrowed(machine, device, 'type'),
    driver: device.follow('dev.driver', 'device_driver')?.string('name') ?? null,
  }
}

function borrowed(machine: Machine, device: View, field: string): BorrowedText {
  const pointer = device.pointerIn(field)
  const record = machine.memory.holds(pointer, 1) ? machine.objects.at(addressOf(pointer)) : null
  return record !== null && machine.objects.isFreed(record) ? { freed: true } : device.string(field)
}
