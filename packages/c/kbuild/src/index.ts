// SPDX-License-Identifier: GPL-2.0-only
export * from './kconfig/kconfig.ts'
export * from './kconfig/dot-config.ts'
