// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from '@pfo-workbench/machine'

/** A macro or an enumerator of the kernel, as a C expression. */
interface Constant {
  readonly expression: string
  /** A macro. If it is not defined, this kernel does not have the constant. */
  readonly when?: string
}

/** A constant of the kernel that host functions and watches use. */
export type KernelConstant =
  | 'GFP_ZERO'
  | 'GFP_DIRECT_RECLAIM'
  | 'PAGE_SIZE'
  | 'HZ'
  | 'OF_DYNAMIC'
  | 'OF_DETACHED'
  | 'OF_POPULATED'
  | 'OF_POPULATED_BUS'
  | 'SYSTEM_SCHEDULING'
  | 'SYSTEM_RUNNING'
  | 'KERNFS_DIR'
  | 'KERNFS_FILE'
  | 'KERNFS_LINK'
  | 'FW_FEATURE_LPAR'
  | 'FW_FEATURE_SPLPAR'
  | 'FW_FEATURE_VIO'
  | 'FW_FEATURE_CMO'
  | 'FW_FEATURE_PRRN'
  | 'RTAS_SUSPEND_ME'
  | 'RTAS_ACTIVATE_FIRMWARE'
  | 'RTAS_UPDATE_NODES'
  | 'RTAS_UPDATE_PROPERTIES'
  | 'RTAS_CONFIGURE_CONNECTOR'
  | 'RTAS_GET_SENSOR_STATE'
  | 'RTAS_SET_INDICATOR'

/**
 * The C expression of each constant. The builder of an image compiles `constantsSource` with the user's kernel, so the
 * values are those of that kernel.
 */
const kernelConstants: Readonly<Record<KernelConstant, Constant>> = {
  GFP_ZERO: { expression: '__GFP_ZERO' },
  GFP_DIRECT_RECLAIM: { expression: '__GFP_DIRECT_RECLAIM' },
  PAGE_SIZE: { expression: 'PAGE_SIZE' },
  HZ: { expression: 'HZ' },
  OF_DYNAMIC: { expression: 'OF_DYNAMIC' },
  OF_DETACHED: { expression: 'OF_DETACHED' },
  OF_POPULATED: { expression: 'OF_POPULATED' },
  OF_POPULATED_BUS: { expression: 'OF_POPULATED_BUS' },
  SYSTEM_SCHEDULING: { expression: 'SYSTEM_SCHEDULING' },
  SYSTEM_RUNNING: { expression: 'SYSTEM_RUNNING' },
  KERNFS_DIR: { expression: 'KERNFS_DIR' },
  KERNFS_FILE: { expression: 'KERNFS_FILE' },
  KERNFS_LINK: { expression: 'KERNFS_LINK' },
  FW_FEATURE_LPAR: { expression: 'FW_FEATURE_LPAR' },
  FW_FEATURE_SPLPAR: { expression: 'FW_FEATURE_SPLPAR' },
  FW_FEATURE_VIO: { expression: 'FW_FEATURE_VIO' },
  FW_FEATURE_CMO: { expression: 'FW_FEATURE_CMO' },
  FW_FEATURE_PRRN: { expression: 'FW_FEATURE_PRRN' },
  RTAS_SUSPEND_ME: { expression: 'RTAS_FNIDX__IBM_SUSPEND_ME', when: 'RTAS_FN_IBM_SUSPEND_ME' },
  RTAS_ACTIVATE_FIRMWARE: {
    expression: 'RTAS_FNIDX__IBM_ACTIVATE_FIRMWARE',
    when: 'RTAS_FN_IBM_ACTIVATE_FIRMWARE',
  },
  RTAS_UPDATE_NODES: { expression: 'RTAS_FNIDX__IBM_UPDATE_NODES', when: 'RTAS_FN_IBM_UPDATE_NODES' },
  RTAS_UPDATE_PROPERTIES: {
    expression: 'RTAS_FNIDX__IBM_UPDATE_PROPERTIES',
    when: 'RTAS_FN_IBM_UPDATE_PROPERTIES',
  },
  RTAS_CONFIGURE_CONNECTOR: {
    expression: 'RTAS_FNIDX__IBM_CONFIGURE_CONNECTOR',
    when: 'RTAS_FN_IBM_CONFIGURE_CONNECTOR',
  },
  RTAS_GET_SENSOR_STATE: {
    expression: 'RTAS_FNIDX__GET_SENSOR_STATE',
    when: 'RTAS_FN_GET_SENSOR_STATE',
  },
  RTAS_SET_INDICATOR: { expression: 'RTAS_FNIDX__SET_INDICATOR', when: 'RTAS_FN_SET_INDICATOR' },
}

/** Headers that define the constants, and the structures that host functions, watches and snapshots access. */
const headers = [
  'linux/completion.h',
  'linux/crypto.h',
  'linux/device.h',
  'linux/fs.h',
  'linux/hrtimer.h',
  'linux/hw_random.h',
  'linux/kernel.h',
  'linux/kernfs.h',
  'linux/notifier.h',
  'linux/of.h',
  'linux/proc_fs.h',
  'linux/rbtree.h',
  'linux/sched.h',
  'linux/slab.h',
  'linux/sysfs.h',
  'linux/swait.h',
  'linux/timer.h',
  'linux/wait.h',
  'linux/workqueue.h',
  'asm/firmware.h',
  'asm/paca.h',
  'asm/rtas.h',
  'asm/vio.h',
]

/** Structures that `constantsSource` does not use otherwise: a compiler would omit them from its debug information. */
const structures = [
  'device',
  'device_driver',
  'device_node',
  'file_operations',
  'hrtimer',
  'hwrng',
  'kernfs_node',
  'kobject',
  'kobj_uevent_env',
  'kobj_type',
  'klist_node',
  'notifier_block',
  'paca_struct',
  'property',
  'rb_node',
  'bin_attribute',
  'sysfs_ops',
  'task_struct',
  'thread_info',
  'timer_list',
  'vio_dev',
  'wait_queue_head',
  'work_struct',
]

/**
 * Structures that host functions, watches and snapshots access, but that only some kernels or files define. An image
 * takes their layouts from the files that use them.
 */
export const accessedStructs: readonly string[] = [
  'device_private',
  'iommu_table',
  'kmem_cache_args',
  'nx842_devdata',
  'nx_crypto_driver',
  'proc_ops',
  'subprocess_info',
  'subsys_private',
]

const prefix = 'pfo_'

/** C code with a function for each constant and a variable of each structure. */
export function constantsSource(): string {
  const lines = headers.map((header) => `#include <${header}>`)
  lines.push(...structures.map((name) => `struct ${name} ${prefix}struct_${name};`))
  for (const [name, constant] of Object.entries(kernelConstants)) {
    const definition = `unsigned long ${prefix}${name}(void) { return (unsigned long)(${constant.expression}); }`
    if (constant.when === undefined) lines.push(definition)
    else lines.push(`#ifdef ${constant.when}`, definition, '#endif')
  }
  return `${lines.join('\n')}\n`
}

/** Names of the functions of `constantsSource`: roots of an image. */
export const constantFunctions: readonly string[] = Object.keys(kernelConstants).map((name) => prefix + name)

const key = Symbol('constants')

/** The value of a constant in this kernel; null if the kernel does not have it. */
export function findConstant(machine: Machine, name: KernelConstant): bigint | null {
  const known = machine.stateOf(key, () => new Map<string, bigint | null>())
  let value = known.get(name)
  if (value === undefined) {
    value = machine.code.has(prefix + name) ? machine.call(prefix + name) : null
    known.set(name, value)
  }
  return value
}

/** The value of a constant in this kernel. @throws Error if the image lacks it */
export function constantOf(machine: Machine, name: KernelConstant): bigint {
  const value = findConstant(machine, name)
  if (value === null) throw new Error(`the image was made without the constant ${name}`)
  return value
}
