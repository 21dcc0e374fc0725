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

/**
 * `enum vio_dev_family` (arch/powerpc/include/asm/vio.h, v4.18): below `/vdevice`, or below
 * `/ibm,platform-facilities`.
 */
export const VDEVICE = 0
/** Below `/ibm,platform-facilities` (arch/powerpc/include/asm/vio.h, v4.18). */
export const PFO = 1

/**
 * The part of `struct vio_dev` (arch/powerpc/include/asm/vio.h, v4.18) that memory overcommitment (CMO) keeps: bytes,
 * and failed allocations.
 */
export class vio_dev_cmo extends embedded {
  desired = 0
  entitled = 0
  allocated = 0
  allocs_failed = 0
}

/** `struct vio_dev` (arch/powerpc/include/asm/vio.h, v4.18). */
export class vio_dev extends struct {
  /** Borrowed from the node's `name`: whoever changes or frees those bytes changes this. */
  name: cstr | null = null
  /** Borrowed from the node's `type`; for a PFO device from its `name` as well. Drivers are matched by it. */
  type: cstr | null = null
  unit_address = 0
  /** How a PFO device is called towards the hypervisor. */
  resource_id = 0
  irq = 0
  readonly cmo: vio_dev_cmo = embed(this, new vio_dev_cmo())
  family: number = VDEVICE
  readonly dev: device = embed(this, new device())
}

/**
 * `struct vio_device_id` (include/linux/mod_devicetable.h): prefix of `vio_dev.type`, and an entry of "compatible".
 */
export interface vio_device_id {
  readonly type: string
  readonly compat: string
}

/** What a VIO driver is made of; all but the name may be missing. */
export type VioDriverInit = Pick<vio_driver, 'name'> &
  Partial<Pick<vio_driver, 'id_table' | 'probe' | 'remove' | 'get_desired_dma'>>

/**
 * `struct vio_driver` (arch/powerpc/include/asm/vio.h, v4.18). Its embedded `driver` is filled in by registration.
 */
export class vio_driver {
  readonly name: string
  readonly id_table: readonly vio_device_id[] | null
  /** Takes a device; 0, or a negative errno. */
  readonly probe: ((dev: vio_dev, id: vio_device_id) => number) | null
  /** Gives a device up. */
  readonly remove: ((dev: vio_dev) => number) | null
  /** Bytes for DMA that the driver would like to have. */
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
