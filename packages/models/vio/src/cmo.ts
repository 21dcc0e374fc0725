// SPDX-License-Identifier: GPL-2.0-only
import { currentMachine } from '@pfo-workbench/kernel'
import type { vio_dev } from './types.ts'

/** True if the partition runs with memory overcommitment (`firmware_has_feature(FW_FEATURE_CMO)`). */
export function firmwareHasCmo(): boolean {
  return currentMachine().config.cmo
}

/** The `memset` of a device's CMO fields before each probe. */
export function clearCmo(viodev: vio_dev): void {
  viodev.cmo.desired = 0
  viodev.cmo.entitled = 0
  viodev.cmo.allocated = 0
  viodev.cmo.allocs_failed = 0
}

/**
 * Models `vio_cmo_bus_probe` (arch/powerpc/platforms/pseries/vio.c, v4.18) for devices without DMA, which includes all
 * PFO devices: desires 0 bytes, leaves the entitlement pools unchanged and does not call `get_desired_dma`.
 *
 * @returns always 0
 */
export function vio_cmo_bus_probe(viodev: vio_dev): number {
  viodev.cmo.desired = 0
  return 0
}
