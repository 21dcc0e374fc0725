// SPDX-License-Identifier: GPL-2.0-only
import {
  fileScope,
  followPointer,
  notifier_block,
  NOTIFY_DONE,
  notifier_from_errno,
  NOTIFY_OK,
  strcmp,
  type device_node,
  type struct,
} from '@pfo-workbench/kernel'
import {
  of_find_node_by_path,
  of_find_property,
  of_get_parent,
  of_get_property,
  of_node_put,
  of_property_read_u32_array,
  OF_RECONFIG_ATTACH_NODE,
  OF_RECONFIG_DETACH_NODE,
  of_reconfig_notifier_register,
  OF_RECONFIG_UPDATE_PROPERTY,
  type of_reconfig_data,
} from '@pfo-workbench/of'
import { pseries_add_processor, pseries_remove_processor } from './cpus.ts'

/**
 * The platform's notifiers for node changes. None acts on facilities, but each is on the chain and reads the node, and
 * one takes a reference on the parent of an attached node.
 */
const notifiers = fileScope(() => ({
  iommu_reconfig_nb: new notifier_block<of_reconfig_data>(iommu_reconfig_notifier),
  pci_dn_reconfig_nb: new notifier_block<of_reconfig_data>(pci_dn_reconfig_notifier),
  pseries_smp_nb: new notifier_block<of_reconfig_data>(pseries_smp_notifier),
  pseries_mem_nb: new notifier_block<of_reconfig_data>(pseries_memory_notifier),
}))

/**
 * Models `PCI_DN` (arch/powerpc/include/asm/pci-bridge.h, v4.18): the PCI data of a node; null unless it is a PCI
 * device.
 */
function PCI_DN(dn: device_node): struct | null {
  return dn.data
}

/**
 * Models `remove_ddw` (arch/powerpc/platforms/pseries/iommu.c, v4.18) for a node without a direct DMA window: looks for
 * one.
 */
function remove_ddw(np: device_node): void {
  of_property_read_u32_array(np, 'ibm,ddw-applicable', 3)
  of_find_property(np, 'linux,direct64-ddr-window-info')
}

/**
 * Models `iommu_reconfig_notifier` (arch/powerpc/platforms/pseries/iommu.c, v4.18): acts only on detached nodes that
 * have PCI data or a direct DMA window.
 */
function iommu_reconfig_notifier(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  data: of_reconfig_data,
): number {
  PCI_DN(data.dn)
  if (action !== OF_RECONFIG_DETACH_NODE) return NOTIFY_DONE
  remove_ddw(data.dn)
  return NOTIFY_OK
}

/**
 * Models `pci_dn_reconfig_notifier` (arch/powerpc/platforms/pseries/setup.c, v4.18): reads the PCI data of a detached
 * node, or of an attached node's parent. Drops the reference that it takes on the parent.
 */
function pci_dn_reconfig_notifier(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  data: of_reconfig_data,
): number {
  if (action === OF_RECONFIG_ATTACH_NODE) {
    const parent = of_get_parent(data.dn)
    if (parent !== null) PCI_DN(parent)
    of_node_put(parent)
    return NOTIFY_OK
  }
  if (action !== OF_RECONFIG_DETACH_NODE) return NOTIFY_DONE
  PCI_DN(data.dn)
  return NOTIFY_OK
}

/**
 * Models `pseries_smp_notifier` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): attaching the node of a
 * processor makes the processor present; detaching the node removes the processor.
 */
function pseries_smp_notifier(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  { dn }: of_reconfig_data,
): number {
  let err = 0
  if (action === OF_RECONFIG_ATTACH_NODE) err = pseries_add_processor(dn)
  else if (action === OF_RECONFIG_DETACH_NODE) pseries_remove_processor(dn)
  return notifier_from_errno(err)
}

/**
 * Models `pseries_memory_notifier` (arch/powerpc/platforms/pseries/hotplug-memory.c, v4.18), with
 * `pseries_add_mem_node` and `pseries_remove_mem_node`: checks whether an attached or detached node is memory, or
 * whether an updated property is the list of memory blocks. Hotplug of memory is not modelled, so nothing follows.
 */
function pseries_memory_notifier(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  { dn, prop }: of_reconfig_data,
): number {
  if (action === OF_RECONFIG_ATTACH_NODE || action === OF_RECONFIG_DETACH_NODE) {
    const type = of_get_property(dn, 'device_type')
    if (type !== null) strcmp(type, 'memory')
  } else if (action === OF_RECONFIG_UPDATE_PROPERTY) {
    strcmp(followPointer(prop).name, 'ibm,dynamic-memory')
  }
  return NOTIFY_OK
}

/**
 * Models the registration of a notifier by `iommu_init_early_pSeries` (arch/powerpc/platforms/pseries/iommu.c, v4.18),
 * called when the machine is probed.
 */
export function iommu_init_early_pSeries(): void {
  of_reconfig_notifier_register(notifiers().iommu_reconfig_nb)
}

/** Models the registration of a notifier by `pSeries_setup_arch` (arch/powerpc/platforms/pseries/setup.c, v4.18). */
export function pSeries_setup_arch(): void {
  of_reconfig_notifier_register(notifiers().pci_dn_reconfig_nb)
}

/**
 * Models the registration of a notifier by `pseries_cpu_hotplug_init` (arch/powerpc/platforms/pseries/hotplug-cpu.c,
 * v4.18; arch initcall).
 */
export function pseries_cpu_hotplug_init(): number {
  return of_reconfig_notifier_register(notifiers().pseries_smp_nb)
}

/** Models `pseries_memory_hotplug_init` (arch/powerpc/platforms/pseries/hotplug-memory.c, v4.18; device initcall). */
export function pseries_memory_hotplug_init(): number {
  return of_reconfig_notifier_register(notifiers().pseries_mem_nb)
}

/**
 * Models the lookup of dynamic memory by `drmem_init` (arch/powerpc/mm/drmem.c, v4.18; late initcall). Drops the
 * reference that it takes.
 */
export function drmem_init(): number {
  const dn = of_find_node_by_path('/ibm,dynamic-reconfiguration-memory')
  of_node_put(dn)
  return 0
}
