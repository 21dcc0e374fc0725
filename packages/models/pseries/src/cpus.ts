// SPDX-License-Identifier: GPL-2.0-only
import {
  be32_to_cpup,
  BUG_ON,
  EBUSY,
  ENOSPC,
  fileScope,
  mutex,
  mutex_lock,
  mutex_unlock,
  LOGLEVEL_ERR,
  LOGLEVEL_WARNING,
  printk,
  type cstr,
  type device_node,
} from '@pfo-workbench/kernel'
import {
  of_device_is_available,
  of_find_node_by_path,
  of_find_node_by_type,
  of_find_property,
  of_get_property,
  of_node_put,
} from '@pfo-workbench/of'

/** `CONFIG_NR_CPUS` of the recorded kernel: the maximum number of processors. */
const NR_CPUS = 4

/**
 * The kernel's processors: `present` maps their logical to their hardware numbers, `online` has the logical numbers.
 */
const cpus = fileScope(() => ({
  possible: 0,
  present: new Map<number, number>(),
  online: new Set<number>(),
  cpu_add_remove_lock: new mutex('cpu_add_remove_lock'),
}))

/** Returns the hardware numbers of a processor's threads; null if the node does not have the property. */
function threadsOf(np: device_node, name = 'ibm,ppc-interrupt-server#s'): number[] | null {
  const intserv = of_find_property(np, name)
  if (intserv?.value == null) return null
  const value: cstr = intserv.value
  return Array.from({ length: intserv.length >> 2 }, (_, index) => be32_to_cpup(value, index))
}

/**
 * Models `smp_setup_cpu_maps` (arch/powerpc/kernel/setup-common.c, v4.18): the threads of the boot tree, at most
 * `NR_CPUS`, are possible. The possible threads of available processors are also present and online. `/rtas` can only
 * raise the number of possible threads. Drops all references that the function takes.
 */
export function smp_setup_cpu_maps(): void {
  const state = cpus()
  for (let dn = of_find_node_by_type(null, 'cpu'); dn !== null; dn = of_find_node_by_type(dn, 'cpu')) {
    for (const thread of threadsOf(dn) ?? threadsOf(dn, 'reg') ?? [state.possible]) {
      if (state.possible === NR_CPUS) break
      if (of_device_is_available(dn)) {
        state.present.set(state.possible, thread)
        state.online.add(state.possible)
      }
      state.possible++
    }
    if (state.possible < NR_CPUS) continue
    of_node_put(dn)
    break
  }
  const rtas = of_find_node_by_path('/rtas')
  const capacity = rtas === null ? null : of_get_property(rtas, 'ibm,lrdr-capacity')
  // The number of processors follows two cells for the address and two cells for the size of memory.
  const most = capacity === null ? 0 : be32_to_cpup(capacity, 4)
  state.possible = Math.max(state.possible, Math.min(most, NR_CPUS))
  of_node_put(rtas)
}

/** Models `cpu_maps_update_begin` (kernel/cpu.c, v4.18): locks the set of processors. May sleep. */
function cpu_maps_update_begin(): void {
  mutex_lock(cpus().cpu_add_remove_lock)
}

/** Models `cpu_maps_update_done` (kernel/cpu.c, v4.18). */
function cpu_maps_update_done(): void {
  mutex_unlock(cpus().cpu_add_remove_lock)
}

/** Finds `count` consecutive free possible numbers that start at a multiple of `count`; null if there are none. */
function freeNumbers(count: number): number[] | null {
  const { possible, present } = cpus()
  for (let first = 0; first + count <= possible; first += Math.max(count, 1)) {
    const numbers = Array.from({ length: count }, (_, index) => first + index)
    if (!numbers.some((cpu) => present.has(cpu))) return numbers
  }
  return null
}

/**
 * Models `pseries_add_processor` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): marks the threads of an
 * attached node as present. Does nothing if the node is not a processor.
 *
 * @returns 0; -ENOSPC, after an error message, if there are not enough numbers
 */
export function pseries_add_processor(np: device_node): number {
  const threads = threadsOf(np)
  if (threads === null) return 0
  const { present, possible } = cpus()
  cpu_maps_update_begin()
  const numbers = present.size < possible ? freeNumbers(threads.length) : null
  numbers?.forEach((cpu, index) => present.set(cpu, threads[index] ?? 0))
  if (present.size >= possible && numbers === null) {
    printk(
      LOGLEVEL_ERR,
      'Cannot add cpu %pOF; this system configuration supports %d logical cpus.\n',
      np,
      possible,
    )
  } else if (numbers === null) {
    printk(
      LOGLEVEL_ERR,
      'Unable to find space in cpu_present_mask for processor %s with %d thread(s)\n',
      np.name,
      threads.length,
    )
  }
  cpu_maps_update_done()
  return numbers === null ? -ENOSPC : 0
}

/** The logical number of the processor with a hardware number; null if there is none. */
function cpuOf(thread: number): number | null {
  for (const [cpu, hard_id] of cpus().present) if (hard_id === thread) return cpu
  return null
}

/**
 * Models `pseries_remove_processor` (arch/powerpc/platforms/pseries/hotplug-cpu.c, v4.18): the threads of a detached
 * node are no longer present. BUG if one is online. Warns about threads that are not present.
 */
export function pseries_remove_processor(np: device_node): void {
  const threads = threadsOf(np)
  if (threads === null) return
  const { present, online } = cpus()
  cpu_maps_update_begin()
  for (const thread of threads) {
    const cpu = cpuOf(thread)
    if (cpu === null) {
      printk(LOGLEVEL_WARNING, 'Could not find cpu to remove with physical id 0x%x\n', thread)
      continue
    }
    BUG_ON(online.has(cpu), 'arch/powerpc/platforms/pseries/hotplug-cpu.c:332')
    present.delete(cpu)
  }
  cpu_maps_update_done()
}

/**
 * Brings the CPUs (threads) of a processor node online or offline, like `device_online` and `device_offline`
 * (drivers/base/core.c, v4.18). CPU devices are not modelled. Skips threads that are not present.
 *
 * @returns 0; null if the node is not a processor; -EBUSY if this would take the last CPU offline: earlier CPUs of the
 *   node stay offline
 */
export function switchProcessor(np: device_node, on: boolean): number | null {
  const threads = threadsOf(np)
  if (threads === null) return null
  const { online } = cpus()
  cpu_maps_update_begin()
  let error = 0
  for (const thread of threads) {
    const cpu = cpuOf(thread)
    if (cpu === null) continue
    if (on) online.add(cpu)
    else if (online.size === 1 && online.has(cpu)) error = -EBUSY
    else online.delete(cpu)
    if (error !== 0) break
  }
  cpu_maps_update_done()
  return error
}

/** The number of online processors. For inspection only. */
export function onlineProcessors(): number {
  return cpus().online.size
}
