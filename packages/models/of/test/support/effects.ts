// SPDX-License-Identifier: GPL-2.0-only
import {
  emitEvent,
  NOTIFY_OK,
  notifier_block,
  objectId,
  type KernelEvent,
  type Machine,
} from '@pfo-workbench/kernel'
import { run } from '@pfo-workbench/kernel/testing'
import { of_reconfig_notifier_register, type of_reconfig_data } from '../../src/index.ts'

/** Records changes to the tree, sysfs, counters and notifiers during `body`, in order. */
export function effects(machine: Machine, body: () => void): string[] {
  const before = machine.events.length
  run(machine, body)
  return machine.events.slice(before).flatMap(describeEffect)
}

function describeEffect(event: KernelEvent): string[] {
  switch (event.type) {
    case 'node.attach':
    case 'node.detach':
      return [`${event.type} ${event.path}`]
    case 'sysfs.create':
    case 'sysfs.remove':
      return [`${event.type} ${event.path.replace('/firmware/devicetree/base', '')}`]
    case 'ref.get':
    case 'ref.put':
      return event.object.startsWith('device_node')
        ? [`${event.type} ${event.object} = ${String(event.after)}`]
        : []
    case 'module.load':
      return [event.module]
    default:
      return []
  }
}

/** Registers a callback that adds a marker event. */
export function markNotifications(result = NOTIFY_OK): void {
  of_reconfig_notifier_register(
    new notifier_block<of_reconfig_data>((_nb, action, rd) => {
      emitEvent('module.load', { module: `notify ${String(action)} ${objectId(rd.dn)}`, result: 0 })
      return result
    }),
  )
}
