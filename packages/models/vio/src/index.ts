// SPDX-License-Identifier: GPL-2.0-only
// A file is exported whole unless some of its exports are internal to the package.
export * from './attributes.ts'
export * from './bus.ts'
export { vio_cmo_bus_probe } from './cmo.ts'
export * from './find.ts'
export * from './init.ts'
export * from './inspect.ts'
export * from './irq.ts'
export * from './register.ts'
export { rpadlpar_io_exit, rpadlpar_io_init, rpadlparModule } from './rpadlpar.ts'
export * from './snprintf.ts'
export * from './types.ts'
