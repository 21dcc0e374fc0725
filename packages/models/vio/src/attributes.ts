// SPDX-License-Identifier: GPL-2.0-only
import { sprintf, type device, type device_attribute } from '@pfo-workbench/kernel'
import { of_get_property } from '@pfo-workbench/of'
import { to_vio_dev } from './types.ts'

/**
 * Models `name_show` (arch/powerpc/platforms/pseries/vio.c, v4.18): the bytes that `vio_dev.name` points to now.
 */
export function name_show(dev: device): string {
  return sprintf('%s\n', to_vio_dev(dev).name)
}

/**
 * Models `devspec_show` (arch/powerpc/platforms/pseries/vio.c, v4.18): the node's path by its raw `parent`
 * pointers; `(null)` without a node.
 */
export function devspec_show(dev: device): string {
  return sprintf('%pOF\n', dev.of_node)
}

/**
 * Models `modalias_show` (arch/powerpc/platforms/pseries/vio.c, v4.18): type and first "compatible" as they read
 * now, or an empty line without them.
 */
export function modalias_show(dev: device): string {
  const vio_dev = to_vio_dev(dev)
  const dn = dev.of_node
  if (dn === null) return '\n'
  const cp = of_get_property(dn, 'compatible')
  if (cp === null) return '\n'
  return sprintf('vio:T%sS%s\n', vio_dev.type, cp)
}

// `viodev_cmo_rd_attr` (arch/powerpc/platforms/pseries/vio.c, v4.18) makes these.

function cmo_entitled_show(dev: device): string {
  return sprintf('%d\n', to_vio_dev(dev).cmo.entitled)
}

function cmo_allocated_show(dev: device): string {
  return sprintf('%d\n', to_vio_dev(dev).cmo.allocated)
}

function cmo_desired_show(dev: device): string {
  return sprintf('%d\n', to_vio_dev(dev).cmo.desired)
}

/** Models `cmo_allocs_failed_show` (arch/powerpc/platforms/pseries/vio.c, v4.18). */
function cmo_allocs_failed_show(dev: device): string {
  return sprintf('%d\n', to_vio_dev(dev).cmo.allocs_failed)
}

/** `vio_dev_attrs` (arch/powerpc/platforms/pseries/vio.c, v4.18): the files of each device on the bus. */
export const vio_dev_attrs: readonly device_attribute[] = [
  { name: 'name', show: name_show },
  { name: 'devspec', show: devspec_show },
  { name: 'modalias', show: modalias_show },
]

/**
 * `vio_cmo_dev_attrs` (arch/powerpc/platforms/pseries/vio.c, v4.18): the same and four more, on a partition with memory
 * overcommitment.
 */
export const vio_cmo_dev_attrs: readonly device_attribute[] = [
  ...vio_dev_attrs,
  { name: 'cmo_entitled', show: cmo_entitled_show },
  { name: 'cmo_allocated', show: cmo_allocated_show },
  { name: 'cmo_desired', show: cmo_desired_show },
  { name: 'cmo_allocs_failed', show: cmo_allocs_failed_show },
]
