// SPDX-License-Identifier: GPL-2.0-only
import {
  be32_to_cpup,
  dev_err,
  dev_info,
  EINVAL,
  ENODEV,
  followPointer,
  strncmp,
  type property,
} from '@pfo-workbench/kernel'
import { nx842State, type nx842_devdata } from './devdata.ts'

/** Page size of the coprocessor in bytes: upper limit of a scatterlist, lower limit of the maximum data size. */
const NX842_HW_PAGE_SIZE = 4096
/** Maximum data size that a request header can describe, in bytes. */
const maxSyncSize = 65536

/**
 * Models `nx842_OF_set_defaults` (drivers/crypto/nx/nx-842-pseries.c, v4.18): sets all limits to 0, which disables the
 * device.
 */
export function nx842_OF_set_defaults(devdata: nx842_devdata): void {
  devdata.max_sync_size = 0
  devdata.max_sync_sg = 0
  devdata.max_sg_len = 0
}

/**
 * Models `nx842_OF_upd_status` (drivers/crypto/nx/nx-842-pseries.c, v4.18). `devdata_mutex` held.
 *
 * @param prop - "status"; compared over the length of its value
 * @returns 0 for "okay", -ENODEV for "disabled", -EINVAL after a message for any other value
 */
export function nx842_OF_upd_status(prop: property): number {
  const status = followPointer(prop.value)
  if (strncmp(status, 'okay', prop.length) === 0) return 0
  if (strncmp(status, 'disabled', prop.length) === 0) return -ENODEV
  const { devdata } = nx842State()
  dev_info(followPointer(devdata?.dev), "%s: unknown status '%s'\n", 'nx842_OF_upd_status', status)
  return -EINVAL
}

/**
 * Models `nx842_OF_upd_maxsglen` (drivers/crypto/nx/nx-842-pseries.c, v4.18). `devdata_mutex` held.
 *
 * @param prop - "ibm,max-sg-len": one cell, the size of a scatterlist in bytes
 * @returns 0, or -EINVAL for another length
 */
export function nx842_OF_upd_maxsglen(devdata: nx842_devdata, prop: property): number {
  if (prop.length !== 4) {
    dev_err(
      followPointer(devdata.dev),
      '%s: unexpected format for ibm,max-sg-len property\n',
      'nx842_OF_upd_maxsglen',
    )
    return -EINVAL
  }
  devdata.max_sg_len = Math.min(be32_to_cpup(followPointer(prop.value)), NX842_HW_PAGE_SIZE)
  return 0
}

/**
 * Models `nx842_OF_upd_maxsyncop` (drivers/crypto/nx/nx-842-pseries.c, v4.18): sets two limits, the data size and the
 * number of scatterlist entries. Each is the lower of the limits of both directions; the data size is also capped at
 * 64 KiB. `devdata_mutex` held.
 *
 * @param prop - "ibm,max-sync-cop": three cells for compression, then three for decompression: a 1, which is not
 * checked, the maximum data size of one operation in bytes, and the maximum number of scatterlist entries
 * @returns 0, or -EINVAL for another length or if a limit is too small; limits set before the error stay in `devdata`.
 * If only the number of entries is too small, `nx842_pseries_constraints` also keeps the new data size
 */
export function nx842_OF_upd_maxsyncop(devdata: nx842_devdata, prop: property): number {
  const dev = followPointer(devdata.dev)
  if (prop.length !== 24) {
    dev_err(dev, '%s: unexpected format for ibm,max-sync-cop property\n', 'nx842_OF_upd_maxsyncop')
    return -EINVAL
  }
  const value = followPointer(prop.value)
  const comp_data_limit = be32_to_cpup(value, 1)
  const comp_sg_limit = be32_to_cpup(value, 2)
  const decomp_data_limit = be32_to_cpup(value, 4)
  const decomp_sg_limit = be32_to_cpup(value, 5)

  devdata.max_sync_size = Math.min(comp_data_limit, decomp_data_limit, maxSyncSize)
  if (devdata.max_sync_size < NX842_HW_PAGE_SIZE) {
    dev_err(
      dev,
      '%s: hardware max data size (%u) is less than the driver minimum, unable to use the hardware device\n',
      'nx842_OF_upd_maxsyncop',
      devdata.max_sync_size,
    )
    return -EINVAL
  }
  nx842State().nx842_pseries_constraints.maximum = devdata.max_sync_size

  devdata.max_sync_sg = Math.min(comp_sg_limit, decomp_sg_limit)
  if (devdata.max_sync_sg < 1) {
    dev_err(
      dev,
      '%s: hardware max sg size (%u) is less than the driver minimum, unable to use the hardware device\n',
      'nx842_OF_upd_maxsyncop',
      devdata.max_sync_sg,
    )
    return -EINVAL
  }
  return 0
}
