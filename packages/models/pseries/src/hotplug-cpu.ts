// SPDX-License-Identifier: GPL-2.0-only
import {
  be32_to_cpup,
  EINVAL,
  ENODEV,
  fileScope,
  kfree,
  kmalloc,
  mutex,
  mutex_lock,
  mutex_unlock,
  pr_warn,
  type cstr,
  type device_node,
  type FormatArgument,
} from '@pfo-workbench/kernel'
import {
  for_each_child_of_node,
  of_find_node_by_path,
  of_find_node_by_type,
  of_node_put,
  of_property_read_u32,
  of_property_read_u32_index,
} from '@pfo-workbench/of'
import { switchProcessor } from './cpus.ts'
import {
  dlpar_attach_node,
  dlpar_configure_connector,
  dlpar_detach_node,
  dlpar_free_cc_nodes,
} from './dlpar.ts'
import { dlpar_acquire_drc, dlpar_release_drc } from './drc.ts'
import { putWord } from './work-area.ts'

const hotplug = fileScope(() => ({ device_hotplug_lock: new mutex('device_hotplug_lock') }))

/** `pr_warn` with the prefix of this file's messages. */
function printWarning(fmt: string, ...args: readonly FormatArgument[]): void {
  pr_warn(`pseries-hotplug-cpu: ${fmt}`, ...args)
}

/**
 * Models `dlpar_online_cpu` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): 0; -EINVAL if the node is not a
 * processor.
 */
function dlpar_online_cpu(dn: device_node): number {
  return switchProcessor(dn, true) ?? -EINVAL
}

/**
 * Models `dlpar_offline_cpu` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): 0; -EINVAL if the node is not a
 * processor; -EBUSY for the last online processor.
 */
function dlpar_offline_cpu(dn: device_node): number {
  return switchProcessor(dn, false) ?? -EINVAL
}

/** The value of "ibm,my-drc-index"; null if it cannot be read. */
function drcIndexOf(dn: device_node): number | null {
  const index = of_property_read_u32(dn, 'ibm,my-drc-index')
  return typeof index === 'number' ? null : index.value
}

/**
 * Models `dlpar_cpu_exists` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): returns whether a processor with
 * this connector is in the tree. Drops all references that the function takes.
 */
function dlpar_cpu_exists(parent: device_node, drc_index: number): boolean {
  for (const child of for_each_child_of_node(parent)) {
    if (drcIndexOf(child) !== drc_index) continue
    of_node_put(child)
    return true
  }
  return false
}

/** A word of the list of processor connectors; the first word is their number. Null past the end. */
function drcIndexAt(parent: device_node, index: number): number | null {
  const drc = of_property_read_u32_index(parent, 'ibm,drc-indexes', index)
  return typeof drc === 'number' ? null : drc.value
}

/**
 * Models `valid_cpu_drc_index` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18). Also compares the first word,
 * which is the number of entries.
 */
function valid_cpu_drc_index(parent: device_node, drc_index: number): boolean {
  for (let index = 0; ; index++) {
    const drc = drcIndexAt(parent, index)
    if (drc === null || drc === drc_index) return drc !== null
  }
}

/**
 * Models `dlpar_cpu_add` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): gets a processor from firmware,
 * attaches its node and brings it online.
 *
 * References: +1 on `/cpus` by the lookup, put once the node is attached. None on the new node: if the processor cannot
 * be brought online, the detach drops the last reference before the reconfig chain is called.
 *
 * @returns 0; -ENODEV without `/cpus`; the error of the attach or of bringing the processor online; otherwise -EINVAL
 */
function dlpar_cpu_add(drc_index: number): number {
  const parent = of_find_node_by_path('/cpus')
  if (parent === null) {
    printWarning('Failed to find CPU root node "/cpus"\n')
    return -ENODEV
  }
  const dn = obtainNode(parent, drc_index)
  if (dn === null) {
    of_node_put(parent)
    return -EINVAL
  }
  const attachError = dlpar_attach_node(dn, parent)
  of_node_put(parent)
  if (attachError !== 0) {
    printWarning('Failed to attach node %s, rc: %d, drc index: %x\n', dn.name, attachError, drc_index)
    if (dlpar_release_drc(drc_index) === 0) dlpar_free_cc_nodes(dn)
    return attachError
  }
  const error = dlpar_online_cpu(dn)
  if (error !== 0) {
    printWarning('Failed to online cpu %s, rc: %d, drc index: %x\n', dn.name, error, drc_index)
    if (dlpar_detach_node(dn) === 0) dlpar_release_drc(drc_index)
  }
  return error
}

/**
 * Gets the node of a new processor from firmware. Null after a warning; a connector that was acquired is then released.
 */
function obtainNode(parent: device_node, drc_index: number): device_node | null {
  if (dlpar_cpu_exists(parent, drc_index)) {
    printWarning('CPU with drc index %x already exists\n', drc_index)
    return null
  }
  if (!valid_cpu_drc_index(parent, drc_index)) {
    printWarning('Cannot find CPU (drc index %x) to add.\n', drc_index)
    return null
  }
  const error = dlpar_acquire_drc(drc_index)
  if (error !== 0) {
    printWarning('Failed to acquire DRC, rc: %d, drc index: %x\n', error, drc_index)
    return null
  }
  const dn = dlpar_configure_connector(drc_index, parent)
  if (dn !== null) return dn
  printWarning('Failed call to configure-connector, drc index: %x\n', drc_index)
  dlpar_release_drc(drc_index)
  return null
}

/**
 * Models `dlpar_cpu_remove` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): takes a processor offline, returns
 * it to firmware and detaches its node. If firmware or the detach fails, tries to bring the processor online again.
 *
 * @returns 0; -EINVAL if the processor cannot be taken offline; or the error of the connector or of the detach
 */
function dlpar_cpu_remove(dn: device_node, drc_index: number): number {
  const offlineError = dlpar_offline_cpu(dn)
  if (offlineError !== 0) {
    printWarning('Failed to offline CPU %s, rc: %d\n', dn.name, offlineError)
    return -EINVAL
  }
  const releaseError = dlpar_release_drc(drc_index)
  if (releaseError !== 0) {
    printWarning('Failed to release drc (%x) for CPU %s, rc: %d\n', drc_index, dn.name, releaseError)
    dlpar_online_cpu(dn)
    return releaseError
  }
  const error = dlpar_detach_node(dn)
  if (error === 0) return 0
  // The kernel's message has no trailing newline.
  printWarning('Failed to detach CPU %s, rc: %d', dn.name, error)
  if (dlpar_acquire_drc(drc_index) === 0) dlpar_online_cpu(dn)
  return error
}

/** Models `cpu_drc_index_to_dn` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): +1 on the result, or null. */
function cpu_drc_index_to_dn(drc_index: number): device_node | null {
  let dn = of_find_node_by_type(null, 'cpu')
  while (dn !== null && drcIndexOf(dn) !== drc_index) dn = of_find_node_by_type(dn, 'cpu')
  return dn
}

/**
 * Models `dlpar_cpu_remove_by_index` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18). Drops all references that
 * it takes.
 *
 * @returns 0; -ENODEV if no processor has this connector; or the error of `dlpar_cpu_remove`
 */
function dlpar_cpu_remove_by_index(drc_index: number): number {
  const dn = cpu_drc_index_to_dn(drc_index)
  if (dn === null) {
    printWarning('Cannot find CPU (drc index %x) to remove\n', drc_index)
    return -ENODEV
  }
  const rc = dlpar_cpu_remove(dn, drc_index)
  of_node_put(dn)
  return rc
}

/**
 * Models `find_dlpar_cpus_to_remove` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): writes the connectors to
 * `cpu_drcs` and checks for one more processor than requested. Drops all references that it takes.
 *
 * @returns the number found, at most one more than requested; -1 if a connector cannot be read
 */
function find_dlpar_cpus_to_remove(cpu_drcs: cstr, cpus_to_remove: number): number {
  let cpus_found = 0
  for (let dn = of_find_node_by_type(null, 'cpu'); dn !== null; dn = of_find_node_by_type(dn, 'cpu')) {
    cpus_found++
    if (cpus_found > cpus_to_remove) {
      of_node_put(dn)
      break
    }
    const drc = drcIndexOf(dn)
    if (drc === null) {
      printWarning('Error occurred getting drc-index for %s\n', dn.name)
      of_node_put(dn)
      return -1
    }
    putWord(cpu_drcs, cpus_found - 1, drc)
  }
  if (cpus_found < cpus_to_remove) {
    printWarning('Failed to find enough CPUs (%d of %d) to remove\n', cpus_found, cpus_to_remove)
  } else if (cpus_found === cpus_to_remove) {
    printWarning('Cannot remove all CPUs\n')
  }
  return cpus_found
}

/**
 * Models `find_dlpar_cpus_to_add` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): writes the connectors without
 * a processor to `cpu_drcs`. Drops all references that it takes. Without `/cpus` it frees `cpu_drcs`.
 *
 * @returns the number found, or -1 without `/cpus`
 */
function find_dlpar_cpus_to_add(cpu_drcs: cstr, cpus_to_add: number): number {
  const parent = of_find_node_by_path('/cpus')
  if (parent === null) {
    printWarning('Could not find CPU root node in device tree\n')
    kfree(cpu_drcs)
    return -1
  }
  let cpus_found = 0
  for (let index = 1; cpus_found < cpus_to_add; index++) {
    const drc = drcIndexAt(parent, index)
    if (drc === null) break
    if (!dlpar_cpu_exists(parent, drc)) putWord(cpu_drcs, cpus_found++, drc)
  }
  of_node_put(parent)
  return cpus_found
}

/**
 * Calls `act` for each connector until the first error.
 *
 * @returns the number of successful calls
 */
function doEach(cpu_drcs: cstr, count: number, act: (drc_index: number) => number): number {
  for (let index = 0; index < count; index++) if (act(be32_to_cpup(cpu_drcs, index)) !== 0) return index
  return count
}

/**
 * Models `dlpar_cpu_remove_by_count` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): removes all requested
 * processors, or tries to add the removed ones again. Returns 0 or -EINVAL.
 */
function dlpar_cpu_remove_by_count(cpus_to_remove: number): number {
  const cpu_drcs = kmalloc(cpus_to_remove * 4)
  if (cpu_drcs === null) return -EINVAL
  // An unsigned comparison: -1 counts as enough for any number.
  if (find_dlpar_cpus_to_remove(cpu_drcs, cpus_to_remove) >>> 0 <= cpus_to_remove) {
    kfree(cpu_drcs)
    return -EINVAL
  }
  const removed = doEach(cpu_drcs, cpus_to_remove, dlpar_cpu_remove_by_index)
  if (removed !== cpus_to_remove) {
    printWarning('CPU hot-remove failed, adding back removed CPUs\n')
    for (let index = 0; index < removed; index++) dlpar_cpu_add(be32_to_cpup(cpu_drcs, index))
  }
  kfree(cpu_drcs)
  return removed === cpus_to_remove ? 0 : -EINVAL
}

/**
 * Models `dlpar_cpu_add_by_count` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): adds all requested processors,
 * or tries to remove the added ones again. Returns 0 or -EINVAL. Without `/cpus`, the array is used after it was freed,
 * and freed twice.
 */
function dlpar_cpu_add_by_count(cpus_to_add: number): number {
  const cpu_drcs = kmalloc(cpus_to_add * 4)
  if (cpu_drcs === null) return -EINVAL
  const cpus_found = find_dlpar_cpus_to_add(cpu_drcs, cpus_to_add)
  // An unsigned comparison: -1 counts as enough for any number.
  if (cpus_found >>> 0 < cpus_to_add) {
    printWarning('Failed to find enough CPUs (%d of %d) to add\n', cpus_found, cpus_to_add)
    kfree(cpu_drcs)
    return -EINVAL
  }
  const added = doEach(cpu_drcs, cpus_to_add, dlpar_cpu_add)
  if (added < cpus_to_add) {
    printWarning('CPU hot-add failed, removing any added CPUs\n')
    for (let index = 0; index < added; index++) dlpar_cpu_remove_by_index(be32_to_cpup(cpu_drcs, index))
  }
  kfree(cpu_drcs)
  return added < cpus_to_add ? -EINVAL : 0
}

/** A request about processors (`struct pseries_hp_errorlog`, arch/powerpc/include/asm/rtas.h, v4.18). */
export interface ProcessorRequest {
  readonly action: 'add' | 'remove' | 'readd'
  /**
   * The request names one of three things: a number of processors (`count`), one connector (`index`), or a number of
   * connectors and the first of them (`indexed-count`).
   */
  readonly id_type: 'count' | 'index' | 'indexed-count'
  readonly count: number
  readonly index: number
}

/**
 * Models `dlpar_cpu` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18), under `device_hotplug_lock`.
 *
 * @returns 0; a negative errno, -EINVAL for `indexed-count`; or a positive status of firmware
 */
export function dlpar_cpu({ action, id_type, count, index }: ProcessorRequest): number {
  const { device_hotplug_lock } = hotplug()
  mutex_lock(device_hotplug_lock)
  let rc = -EINVAL
  if (id_type === 'count')
    rc = action === 'remove' ? dlpar_cpu_remove_by_count(count) : dlpar_cpu_add_by_count(count)
  else if (id_type === 'index')
    rc = action === 'remove' ? dlpar_cpu_remove_by_index(index) : dlpar_cpu_add(index)
  mutex_unlock(device_hotplug_lock)
  return rc
}
