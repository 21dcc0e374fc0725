// SPDX-License-Identifier: GPL-2.0-only
import { isAtLeast, type KernelRelease } from '@pfo-workbench/machine'
import { linuxFacts, type KernelFacts } from '@pfo-workbench/run'

/**
 * Since v4.20 attaching a node takes a reference in `__of_attach_node_sysfs` (drivers/of/kobj.c), and
 * `__of_detach_node_sysfs` drops it. Before v4.20 `__of_detach_node_sysfs` drops the initial reference.
 */
const sinceAttachTakes: KernelFacts = {
  ...linuxFacts,
  dropsFor: { ...linuxFacts.dropsFor, __of_detach_node_sysfs: ['__of_attach_node_sysfs'] },
}

/** Facts about a kernel that oracles need. */
export function factsOf(release: KernelRelease): KernelFacts {
  return isAtLeast(release, [4, 20]) ? sinceAttachTakes : linuxFacts
}
