// SPDX-License-Identifier: GPL-2.0-only
// A file is exported whole unless some of its exports are internal to the package.
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
