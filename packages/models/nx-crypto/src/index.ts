// SPDX-License-Identifier: GPL-2.0-only
// A file is exported whole unless some of its exports are internal to the package.
export { type NxAlgorithm } from './algorithms.ts'
export * from './inspect.ts'
export * from './module.ts'
export * from './nx-of.ts'
export {
  nxState,
  nx_crypto_driver,
  nx_fini,
  nx_init,
  nx_probe,
  nx_register_algs,
  nx_remove,
  type NxState,
} from './nx.ts'
