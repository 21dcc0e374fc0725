// SPDX-License-Identifier: GPL-2.0-only
// Files that define only kernel names are exported whole; the others by name.
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
