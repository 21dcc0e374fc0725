// SPDX-License-Identifier: GPL-2.0-only
import {
  fileScope,
  notifier_block,
  NOTIFY_DONE,
  NOTIFY_OK,
  type device_node,
  type struct,
} from '@pfo-workbench/kernel'
import {
  of_find_node_by_path,
  of_get_parent,
  of_node_put,
  OF_RECONFIG_ATTACH_NODE,
  OF_RECONFIG_DETACH_NODE,
  of_reconfig_notifier_register,
  type of_reconfig_data,
} from '@pfo-workbench/of'

/**
 * The platform's own users of node changes. Nothing here acts on facilities, but each is on the chain, the first two read
 * the node they are told about, and one takes a reference on its parent.
 */
const notifiers = fileScope(() => ({
  iommu_reconfig_nb: new notifier_block<of_reconfig_data>(iommu_reconfig_notifier),
  pci_dn_reconfig_nb: new notifier_block<of_reconfig_data>(pci_dn_reconfig_notifier),
  pseries_smp_nb: new notifier_block<of_reconfig_data>(pseries_smp_notifier),
  pseries_mem_nb: new notifier_block<of_reconfig_data>(pseries_memory_notifier),
}))

/** Models `PCI_DN` (arch/powerpc/include/asm/pci-bridge.h): the PCI data of a node; only PCI devices have any. */
function PCI_DN(dn: device_node): struct | null {
  return dn.data
}

/**
 * Models `iommu_reconfig_notifier` (arch/powerpc/platforms/pseries/iommu.c, v4.18): only nodes with PCI data concern
 * it.
 */
function iommu_reconfig_notifier(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  data: of_reconfig_data,
): number {
  PCI_DN(data.dn)
  return action === OF_RECONFIG_DETACH_NODE ? NOTIFY_OK : NOTIFY_DONE
}

/**
 * Models `pci_dn_reconfig_notifier` (arch/powerpc/platforms/pseries/setup.c, v4.18): looks whether the parent of an
 * attached node, or a detached node, belongs to PCI. References: the parent's are balanced.
 */
function pci_dn_reconfig_notifier(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  data: of_reconfig_data,
): number {
  if (action === OF_RECONFIG_ATTACH_NODE) {
    const parent = of_get_parent(data.dn)
    of_node_put(parent)
    return NOTIFY_OK
  }
  if (action !== OF_RECONFIG_DETACH_NODE) return NOTIFY_DONE
  PCI_DN(data.dn)
  return NOTIFY_OK
}

/** Models `pseries_smp_notifier` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): processors only. */
function pseries_smp_notifier(): number {
  return NOTIFY_OK
}

/** Models `pseries_memory_notifier` (arch/powerpc/platforms/pseries/hotplug-memory.c, v4.18): memory only. */
function pseries_memory_notifier(): number {
  return NOTIFY_OK
}

/**
 * Models `iommu_init_early_pSeries` (arch/powerpc/platforms/pseries/iommu.c, v4.18) as far as the chain goes: called
 * when the machine is probed.
 */
export function iommu_init_early_pSeries(): void {
  of_reconfig_notifier_register(notifiers().iommu_reconfig_nb)
}

/** Models `pSeries_setup_arch` (arch/powerpc/platforms/pseries/setup.c, v4.18) as far as the chain goes. */
export function pSeries_setup_arch(): void {
  of_reconfig_notifier_register(notifiers().pci_dn_reconfig_nb)
}

/**
 * Models `pseries_cpu_hotplug_init` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18; arch initcall) as far as the
 * chain goes.
 */
export function pseries_cpu_hotplug_init(): number {
  return of_reconfig_notifier_register(notifiers().pseries_smp_nb)
}

/** Models `pseries_memory_hotplug_init` (arch/powerpc/platforms/pseries/hotplug-memory.c, v4.18; device initcall). */
export function pseries_memory_hotplug_init(): number {
  return of_reconfig_notifier_register(notifiers().pseries_mem_nb)
}

/**
 * Models `drmem_init` (arch/powerpc/mm/drmem.c, late initcall): looks for the node of dynamic memory; references are
 * balanced.
 */
export function drmem_init(): number {
  const dn = of_find_node_by_path('/ibm,dynamic-reconfiguration-memory')
  of_node_put(dn)
  return 0
}
