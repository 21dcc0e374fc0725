// SPDX-License-Identifier: GPL-2.0-only
import { addressOf, type Machine, type View } from '@pfo-workbench/machine'

/** A bound device. */
export interface Bound {
  readonly driver: string
  readonly device: string
  /** Pointer to the `vio_dev`. */
  readonly viodev: bigint
}

/**
 * Settings that the bound driver derived from the properties of its node. Null for drivers that derive nothing, and if
 * the driver's data is for another device.
 */
export function settingsOf(machine: Machine, bound: Bound): string | null {
  if (bound.driver.startsWith('nx-compress') || bound.driver.startsWith('nx_compress')) {
    return compressionSettings(machine, bound)
  }
  return bound.driver.startsWith('nx-crypto') ? cryptoSettings(machine, bound) : null
}

/** Reads the `struct nx842_devdata` to which the driver's variable `devdata` points. */
function compressionSettings(machine: Machine, { viodev }: Bound): string | null {
  const pointer = machine.symbols.pointerTo('devdata')
  if (pointer === null || !machine.layouts.has('nx842_devdata')) return null
  const data = pointedTo(machine, 'nx842_devdata', pointer)
  if (data?.pointerIn('vdev') !== viodev) return null
  return JSON.stringify({
    maxSgLen: data.number('max_sg_len'),
    maxSyncSize: data.number('max_sync_size'),
    maxSyncSg: data.number('max_sync_sg'),
  })
}

function pointedTo(machine: Machine, struct: string, variable: bigint): View | null {
  const pointer = machine.memory.u64(addressOf(variable))
  return machine.memory.holds(pointer, machine.layouts.sizeOf(struct)) ? machine.view(struct, pointer) : null
}

/** Names of `enum nx_status` (drivers/crypto/nx/nx.h), as in the models. */
const statuses = ['disabled', 'waiting', 'okay']

/** Reads the variable `nx_driver` of drivers/crypto/nx/nx.c. */
function cryptoSettings(machine: Machine, { viodev }: Bound): string | null {
  const pointer = machine.symbols.pointerTo('nx_driver')
  if (pointer === null || !machine.layouts.has('nx_crypto_driver')) return null
  const driver = machine.view('nx_crypto_driver', pointer)
  if (driver.pointerIn('viodev') !== viodev) return null
  return JSON.stringify({
    status: statuses[driver.number('of.status')] ?? '?',
    maxSgLen: driver.number('of.max_sg_len'),
  })
}
