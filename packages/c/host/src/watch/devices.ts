// SPDX-License-Identifier: GPL-2.0-only
// drivers/base/{core,dd}.c, and the probe of the VIO bus.
import { watch, type Machine, type View, type Watch } from '@pfo-workbench/machine'

const deviceAt = (machine: Machine, pointer: bigint): View => machine.view('device', pointer)

const nameOf = (device: View): string => device.string('kobj.name') ?? ''

/** The name of a device's driver; null if it has none. */
function driverOf(device: View): string | null {
  const driver = device.follow('driver', 'device_driver')
  return driver === null ? null : (driver.string('name') ?? '')
}

/** The device that embeds a `kobject`. */
function deviceOfKobject(machine: Machine, kobj: bigint): View {
  return deviceAt(machine, kobj - BigInt(machine.layouts.offsetOf('device', 'kobj')))
}

interface Binding {
  readonly object: string
  readonly device: string
  readonly driver: string
}

/** The names of a device and its driver; null for a device without a driver. */
function bindingOf(machine: Machine, pointer: bigint): Binding | null {
  const device = deviceAt(machine, pointer)
  const driver = driverOf(device)
  return driver === null ? null : { object: machine.idOf(pointer), device: nameOf(device), driver }
}

export const devices: readonly Watch[] = [
  watch({
    kind: 'function',
    name: 'device_add',
    leave: (machine, [pointer], _note, result) => {
      if (BigInt.asIntN(32, result) !== 0n) return
      const name = nameOf(deviceAt(machine, pointer))
      machine.journal.emit('device.register', { object: machine.idOf(pointer), name })
    },
  }),
  watch({
    kind: 'function',
    name: 'device_del',
    enter: (machine, [pointer]) => {
      const name = nameOf(deviceAt(machine, pointer))
      machine.journal.emit('device.unregister', { object: machine.idOf(pointer), name })
    },
  }),
  watch({
    kind: 'function',
    name: 'device_release',
    file: 'drivers/base/core.c',
    enter: (machine, [kobj]) => {
      const device = deviceOfKobject(machine, kobj)
      machine.journal.emit('device.release', { object: machine.idOf(device.pointer), name: nameOf(device) })
    },
  }),
  watch({
    kind: 'function',
    name: 'driver_bound',
    file: 'drivers/base/',
    enter: (machine, [pointer]) => {
      const binding = bindingOf(machine, pointer)
      if (binding !== null) machine.journal.emit('driver.bind', binding)
    },
  }),
  watch<Binding | null>({
    kind: 'function',
    name: '__device_release_driver',
    file: 'drivers/base/',
    enter: (machine, [pointer]) => bindingOf(machine, pointer),
    leave: (machine, _values, binding) => {
      if (binding !== null) machine.journal.emit('driver.unbind', binding)
    },
  }),
  // The return value of really_probe after a failed probe differs between kernels.
  watch<Binding | null>({
    kind: 'function',
    name: 'vio_bus_probe',
    file: 'arch/powerpc/',
    enter: (machine, [pointer]) => bindingOf(machine, pointer),
    leave: (machine, _values, binding, result) => {
      const error = Number(BigInt.asIntN(32, result))
      if (binding !== null && error !== 0) machine.journal.emit('driver.probe-failed', { ...binding, error })
    },
  }),
]
