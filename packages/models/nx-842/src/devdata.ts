// SPDX-License-Identifier: GPL-2.0-only
import { crypto_alg, fileScope, spinlock, struct, type device } from '@pfo-workbench/kernel'
import type { vio_dev } from '@pfo-workbench/vio'

/** Number of slots of a histogram of operation times (drivers/crypto/nx/nx-842-pseries.c, v4.18). */
export const NX842_HIST_SLOTS = 16

/** `struct ibm_nx842_counters` (drivers/crypto/nx/nx-842-pseries.c, v4.18). Compression is not modelled: all stay 0. */
export class ibm_nx842_counters extends struct {
  comp_complete = 0
  comp_failed = 0
  decomp_complete = 0
  decomp_failed = 0
  swdecomp = 0
  comp_times: number[] = new Array<number>(NX842_HIST_SLOTS).fill(0)
  decomp_times: number[] = new Array<number>(NX842_HIST_SLOTS).fill(0)
}

/**
 * `struct nx842_devdata` (drivers/crypto/nx/nx-842-pseries.c, v4.18): the only device and its limits. `max_sync_sg` is
 * a number of scatterlist entries; the other limits are in bytes.
 */
export class nx842_devdata extends struct {
  /** The device. `vdev` and `dev` hold no reference. */
  vdev: vio_dev | null = null
  dev: device | null = null
  counters: ibm_nx842_counters | null = null
  max_sg_len = 0
  max_sync_size = 0
  max_sync_sg = 0
}

/** Variables shared by the files of the driver. */
export interface Nx842State {
  /** RCU pointer; written under `devdata_mutex`. */
  devdata: nx842_devdata | null
  /** A spinlock, despite its name; taken with interrupts off. */
  readonly devdata_mutex: spinlock
  readonly nx842_pseries_alg: crypto_alg
  /** `nx842_pseries_constraints`: the limits of one operation, in bytes. */
  readonly nx842_pseries_constraints: { maximum: number }
}

/** File-scope variables of drivers/crypto/nx/nx-842-pseries.c: part of the module image, initialised by each load. */
export const nx842State: () => Nx842State = fileScope(freshVariables)

/** The initial values in the module's file. */
export function freshVariables(): Nx842State {
  return {
    devdata: null,
    devdata_mutex: new spinlock('devdata_mutex'),
    nx842_pseries_alg: new crypto_alg('842', '842-nx', 300),
    nx842_pseries_constraints: { maximum: 65536 },
  }
}
