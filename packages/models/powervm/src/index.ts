// SPDX-License-Identifier: GPL-2.0-only

/**
 * The firmware of a PowerVM partition: its device tree, and the RTAS services that report migrations to the kernel.
 * `Partition` has the shape of the kernel's `Firmware`.
 *
 * @packageDocumentation
 */
export { Partition } from './partition.ts'
export type { PartitionOptions } from './start.ts'
export { PartitionError } from './partition-error.ts'
export type {
  MigrationPlan,
  NodeChange,
  PropertyChange,
  RtasStatuses,
  UnknownGroup,
  VasiState,
} from './plan.ts'
export type { RtasArgument } from './rtas/arguments.ts'
export { RTAS_SERVICES, type RtasServiceName } from './rtas/names.ts'
export {
  type FirmwareNode,
  type FirmwareProperty,
  handleOf,
  type PlacedNode,
  propertyOf,
} from './firmware-node.ts'
export { cells, type Endian, stringValue } from './bytes.ts'
export { platformFacilities } from './platform-facilities.ts'
export { pseriesQemuDeviceTree } from './pseries-qemu-dtb.ts'
export { type DeviceTreeBlob, fdtLimits, type MemoryReservation } from './fdt-format.ts'
export { readDeviceTree } from './fdt-read.ts'
export { writeDeviceTree } from './fdt-write.ts'
export { FdtError } from './fdt-error.ts'
