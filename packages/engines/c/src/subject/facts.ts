// SPDX-License-Identifier: GPL-2.0-only
import { isAtLeast, type KernelRelease } from '@pfo-workbench/machine'
import { linuxFacts, type KernelFacts } from '@pfo-workbench/run'

/**
 * Since v4.20 attaching a node takes a reference in `__of_attach_node_sysfs` (drivers/of/kobj.c), and that is what
 * `__of_detach_node_sysfs` drops. Before, it drops the first reference.
 */
const sinceAttachTakes: KernelFacts = {
  ...linuxFacts,
  dropsFor: { ...linuxFacts.dropsFor, __of_detach_node_sysfs: ['__of_attach_node_sysfs'] },
}

/** What oracles have to know of a kernel. */
export function factsOf(release: KernelRelease): KernelFacts {
  return isAtLeast(release, [4, 20]) ? sinceAttachTakes : linuxFacts
}
