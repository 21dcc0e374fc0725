// SPDX-License-Identifier: GPL-2.0-only
import { objectId } from '@pfo-workbench/kernel'
import { nxState } from './nx.ts'
import { NX_DISABLED, NX_OKAY } from './nx-of.ts'

/** The driver's view of its device. */
export interface NxCryptoSnapshot {
  /**
   * Stable name of the device in `nx_driver` (`vio_dev#3`), which may be unbound or freed; null before the first probe.
   */
  readonly viodev: string | null
  readonly status: 'disabled' | 'waiting' | 'okay'
  /** In bytes. */
  readonly maxSgLen: number
}

/** The driver's static data. Call it inside `machine.inspect()`. */
export function nxCryptoSnapshot(): NxCryptoSnapshot {
  const { viodev, of } = nxState().nx_driver
  return {
    viodev: viodev === null ? null : objectId(viodev),
    status: of.status === NX_OKAY ? 'okay' : of.status === NX_DISABLED ? 'disabled' : 'waiting',
    maxSgLen: of.max_sg_len,
  }
}
