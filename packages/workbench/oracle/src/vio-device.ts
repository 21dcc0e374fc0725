// SPDX-License-Identifier: GPL-2.0-only
import type { Snapshot, VioDeviceState } from '@pfo-workbench/run'

/** The state of a device, by its object; undefined if there is none now. */
export function deviceIn(snapshot: Snapshot, object: string): VioDeviceState | undefined {
  return snapshot.vio.find((one) => one.object === object)
}
