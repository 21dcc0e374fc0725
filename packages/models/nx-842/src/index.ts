// SPDX-License-Identifier: GPL-2.0-only
// Files that define only kernel names are exported whole; the others by name.
export * from './attributes.ts'
export {
  nx842State,
  ibm_nx842_counters,
  nx842_devdata,
  NX842_HIST_SLOTS,
  type Nx842State,
} from './devdata.ts'
export { nx842_probe, nx842_pseries_exit, nx842_pseries_init, nx842_remove } from './driver.ts'
export * from './inspect.ts'
export * from './limits.ts'
export * from './module.ts'
export * from './of-update.ts'
