// SPDX-License-Identifier: GPL-2.0-only
import { kernfsPath, nodePath, viewAt } from '@pfo-workbench/host'
import { addressOf, type Machine, type View } from '@pfo-workbench/machine'
import type { DeviceFiles, KernelDevice } from '@pfo-workbench/run'
import { childNamed, findFile } from './files.ts'
import { settingsOf } from './settings.ts'

const freedMemory = '<freed memory>'

/** Maximum number of list entries to follow, in case a list is damaged. */
const maxEntries = 10_000

/** The current devices of the VIO bus. Does not change the machine. */
export function deviceStates(machine: Machine): KernelDevice[] {
  return machine.inspect(() => {
    const directory = findFile(machine, 'devices/vio')
    return vioDevices(machine).map((device) => stateOf(machine, device, directory))
  })
}

/**
 * The driver core's data of the VIO bus; null if the kernel has none. Up to v6.3 the bus points to this data. In later
 * kernels, search the list of all buses.
 */
function busOf(machine: Machine): View | null {
  const bus = machine.symbols.pointerTo('vio_bus_type')
  if (bus === null) return null
  const view = machine.view('bus_type', bus)
  if (view.has('p')) return view.follow('p', 'subsys_private')
  const set = machine.symbols.pointerTo('bus_kset')
  if (set === null) return null
  const buses = machine.view('kset', machine.memory.u64(addressOf(set)))
  const toBus = BigInt(machine.layouts.offsetOf('subsys_private', 'subsys.kobj.entry'))
  return (
    listOf(machine, buses, 'list')
      .map((entry) => machine.view('subsys_private', entry - toBus))
      .find((one) => one.pointerIn('bus') === bus) ?? null
  )
}

/** Pointers to the entries of a list whose head is a field. */
function listOf(machine: Machine, holder: View, path: string): bigint[] {
  const head = holder.pointer + BigInt(holder.addressOf(path) - holder.address)
  const entries: bigint[] = []
  let at = machine.memory.u64(addressOf(head))
  while (at !== head && machine.memory.holds(at, 8) && entries.length < maxEntries) {
    entries.push(at)
    at = machine.memory.u64(addressOf(at))
  }
  return entries
}

/** Bit 0 of `klist_node.n_klist`: the entry was removed from the list, but still has users. */
const KNODE_DEAD = 1n

/** The `vio_dev` of each device of the VIO bus, in bus order. */
export function vioDevices(machine: Machine): View[] {
  const bus = busOf(machine)
  if (bus === null) return []
  const { layouts } = machine
  const toNode = BigInt(layouts.offsetOf('klist_node', 'n_node'))
  const toPrivate = BigInt(layouts.offsetOf('device_private', 'knode_bus'))
  const toDevice = BigInt(layouts.offsetOf('vio_dev', 'dev'))
  return listOf(machine, bus, 'klist_devices.k_list').flatMap((entry) => {
    const node = machine.view('klist_node', entry - toNode)
    if ((node.pointerIn('n_klist') & KNODE_DEAD) !== 0n) return []
    const device = machine.view('device_private', node.pointer - toPrivate).pointerIn('device')
    return [machine.view('vio_dev', device - toDevice)]
  })
}

function stateOf(machine: Machine, viodev: View, directory: View | null): KernelDevice {
  const device = viodev.string('dev.kobj.name') ?? ''
  const driver = viodev.follow('dev.driver', 'device_driver')?.string('name') ?? null
  const node = viewAt(machine, 'device_node', viodev.pointerIn('dev.of_node'))
  const object = machine.idOf(viodev.pointer)
  return {
    object,
    device,
    driver,
    node: node === null ? null : machine.idOf(node.pointer),
    files: filesOf(machine, viodev, node, directory),
    settings: driver === null ? null : settingsOf(machine, { driver, device, viodev: viodev.pointer }),
  }
}

/**
 * The content of the device's sysfs files, computed without a read, because a read takes locks and may crash. Content
 * in freed memory is only reported as freed.
 */
function filesOf(machine: Machine, viodev: View, node: View | null, directory: View | null): DeviceFiles {
  const record = node === null ? null : machine.objects.at(node.address)
  const freed = record !== null && machine.objects.isFreed(record)
  const device = viodev.string('dev.kobj.name') ?? ''
  const compatible = node === null || freed ? null : firstCompatible(machine, node)
  const type = viodev.string('type') ?? '(null)'
  return {
    name: freed ? freedMemory : (viodev.string('name') ?? '(null)'),
    devspec: freed ? freedMemory : node === null ? '(null)' : nodePath(node),
    modalias: freed ? freedMemory : compatible === null ? '' : `vio:T${type}S${compatible}`,
    of_node: directory === null ? null : linkOf(machine, device, directory),
  }
}

function firstCompatible(machine: Machine, node: View): string | null {
  let property = node.follow('properties', 'property')
  for (let count = 0; property !== null && count < maxEntries; count++) {
    if (property.string('name') === 'compatible') return property.string('value')
    property = property.follow('next', 'property')
  }
  return null
}

/**
 * The target of a device's link to its node, resolved by path; null if there is no link, or if nothing is at its path.
 * The path may lead to another node than the one for which the link was created.
 */
function linkOf(machine: Machine, device: string, directory: View): string | null {
  const own = childNamed(machine, directory, device)
  const link = own === null ? null : childNamed(machine, own, 'of_node')
  const target = link?.follow('symlink.target_kn', 'kernfs_node') ?? null
  if (target === null) return null
  const path = kernfsPath(target)
  return findFile(machine, path) === null ? null : path
}
