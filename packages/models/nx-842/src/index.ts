// SPDX-License-Identifier: GPL-2.0-only
export * from './attributes.ts'
export * from './devdata.ts'
export * from './driver.ts'
export * from './inspect.ts'
export * from './limits.ts'
export * from './module.ts'
export * from './of-update.ts'
