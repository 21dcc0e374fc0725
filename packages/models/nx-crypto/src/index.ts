// SPDX-License-Identifier: GPL-2.0-only
export * from './algorithms.ts'
export * from './inspect.ts'
export * from './module.ts'
export * from './nx-of.ts'
export * from './nx.ts'
