// SPDX-License-Identifier: GPL-2.0-only
import { dev_name } from '@pfo-workbench/kernel'
import { nx842State } from './devdata.ts'

/**
 * The driver's view of its device. The limits are 0 while the device is disabled. `maxSyncSg` is a number of
 * scatterlist entries; the other limits are in bytes.
 */
export interface Nx842Snapshot {
  /** Name of the device, or null if the driver has none. */
  readonly device: string | null
  readonly maxSgLen: number
  readonly maxSyncSize: number
  readonly maxSyncSg: number
}

/** The driver's devdata, null if there is none. Call it inside `machine.inspect()`. */
export function nx842Snapshot(): Nx842Snapshot | null {
  const { devdata } = nx842State()
  if (devdata === null) return null
  return {
    device: devdata.dev === null ? null : dev_name(devdata.dev),
    maxSgLen: devdata.max_sg_len,
    maxSyncSize: devdata.max_sync_size,
    maxSyncSg: devdata.max_sync_sg,
  }
}
