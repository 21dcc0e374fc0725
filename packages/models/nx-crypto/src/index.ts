// SPDX-License-Identifier: GPL-2.0-only
// Files that define only kernel names are exported whole; the others by name.
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
