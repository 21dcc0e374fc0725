// SPDX-License-Identifier: GPL-2.0-only
import {
  container_of,
  device,
  embed,
  embedded,
  struct,
  type cstr,
  type device_driver,
} from '@pfo-workbench/kernel'

/** Family of devices below `/vdevice` (`enum vio_dev_family`, arch/powerpc/include/asm/vio.h, v4.18). */
export const VDEVICE = 0
/** Family of devices below `/ibm,platform-facilities` (arch/powerpc/include/asm/vio.h, v4.18). */
export const PFO = 1

/**
 * The memory overcommitment (CMO) fields of `struct vio_dev` (arch/powerpc/include/asm/vio.h, v4.18): bytes, and failed
 * allocations.
 */
export class vio_dev_cmo extends embedded {
  desired = 0
  entitled = 0
  allocated = 0
  allocs_failed = 0
}

/** `struct vio_dev` (arch/powerpc/include/asm/vio.h, v4.18). */
export class vio_dev extends struct {
  /** Points to the node's `name`: a change or the freeing of these bytes affects the device, too. */
  name: cstr | null = null
  /** Points to the node's `type`, or to its `name` for a PFO device. Drivers match by this string. */
  type: cstr | null = null
  unit_address = 0
  /** The hypervisor's identifier of a PFO device. */
  resource_id = 0
  irq = 0
  readonly cmo: vio_dev_cmo = embed(this, new vio_dev_cmo())
  family: number = VDEVICE
  readonly dev: device = embed(this, new device())
}

/**
 * `struct vio_device_id` (include/linux/mod_devicetable.h): a prefix of `vio_dev.type` and an entry of "compatible".
 */
export interface vio_device_id {
  readonly type: string
  readonly compat: string
}

/** Fields of a new VIO driver; only the name is required. */
export type VioDriverInit = Pick<vio_driver, 'name'> &
  Partial<Pick<vio_driver, 'id_table' | 'probe' | 'remove' | 'get_desired_dma'>>

/** `struct vio_driver` (arch/powerpc/include/asm/vio.h, v4.18). Registration fills in the embedded `driver`. */
export class vio_driver {
  readonly name: string
  readonly id_table: readonly vio_device_id[] | null
  /** Binds a device. Returns 0 or a negative errno. */
  readonly probe: ((dev: vio_dev, id: vio_device_id) => number) | null
  /** Unbinds a device. */
  readonly remove: ((dev: vio_dev) => number) | null
  /** Size of the DMA memory that the driver wants, in bytes. */
  readonly get_desired_dma: ((dev: vio_dev) => number) | null
  driver: device_driver | null = null

  constructor(init: VioDriverInit) {
    this.name = init.name
    this.id_table = init.id_table ?? null
    this.probe = init.probe ?? null
    this.remove = init.remove ?? null
    this.get_desired_dma = init.get_desired_dma ?? null
  }
}

/** Models `to_vio_dev` (arch/powerpc/include/asm/vio.h, v4.18): from the embedded device to the VIO device. */
export function to_vio_dev(dev: device): vio_dev {
  return container_of<vio_dev>(dev)
}

/** Models `to_vio_driver` (arch/powerpc/include/asm/vio.h, v4.18): from the embedded driver to the VIO driver. */
export function to_vio_driver(drv: device_driver): vio_driver {
  return container_of<vio_driver>(drv)
}
