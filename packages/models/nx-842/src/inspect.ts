// SPDX-License-Identifier: GPL-2.0-only
import { dev_name } from '@pfo-workbench/kernel'
import { nx842State } from './devdata.ts'

/** What the driver believes of its device; sizes in bytes, all 0 while it is disabled. */
export interface Nx842Snapshot {
  /** Name of the device, or null if the driver has none. */
  readonly device: string | null
  readonly maxSgLen: number
  readonly maxSyncSize: number
  readonly maxSyncSg: number
}

/** The driver's devdata, null if there is none. To be called inside `machine.inspect()`. */
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
