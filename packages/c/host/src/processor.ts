// SPDX-License-Identifier: GPL-2.0-only
// The single processor: functions that query other processors, or run code on all of them.
import { EINVAL } from '@pfo-workbench/kernel'
import { mightSleep, modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { named } from './named.ts'

const key = Symbol('processor')

/**
 * Models `stop_machine(fn, data, cpus)`: stops all processors, and runs the function on each with interrupts off. Here
 * there is only one.
 */
const stopMachine = modelled(['u64', 'u64'], (machine, fn, data) => {
  machine.current.irqsDisabled++
  const result = machine.callPointer(fn, data)
  machine.current.irqsDisabled--
  return result
})

/** Number of processors that the kernel may have. Only the first is online; firmware can add the others. */
export const possibleProcessors = 4

/** The machine's data about its processor. */
interface Processor {
  threadInfo: bigint
  /** Pointer to its `paca_struct`. */
  paca: bigint
}

function processorOf(machine: Machine): Processor {
  return machine.stateOf(key, () => ({ threadInfo: 0n, paca: 0n }))
}

/**
 * Creates the `paca_struct` of the processor and the `task_struct` of its first task. r13 points to the paca, which
 * points to the task.
 */
export function createProcessor(machine: Machine): void {
  const paca = machine.allocator.reserve(machine.layouts.sizeOf('paca_struct'), 128)
  machine.currentPointer = machine.allocator.reserve(machine.layouts.sizeOf('task_struct'), 128)
  machine.view('paca_struct', paca).set('__current', machine.currentPointer)
  // As in init/init_task.c: klist_release() takes a reference to the task that it wakes up. A `refcount_t` since v4.20.
  const task = machine.view('task_struct', machine.currentPointer)
  for (const usage of ['usage.refs.counter', 'usage.counter']) if (task.has(usage)) task.set(usage, 2)
  machine.code.r13 = paca
  processorOf(machine).paca = paca
  const pacas = machine.symbols.pointerTo('paca_ptrs')
  if (pacas !== null) {
    const list = machine.allocator.reserve(8 * possibleProcessors)
    machine.checked.setU64(list, paca)
    for (let number = 1; number < possibleProcessors; number++) {
      const other = machine.allocator.reserve(machine.layouts.sizeOf('paca_struct'), 128)
      machine.view('paca_struct', other).set('hw_cpu_id', -1)
      machine.checked.setU64(list + 8n * BigInt(number), other)
    }
    machine.checked.setU64(pacas, list)
  }
}

/** `arch_local_irq_restore(mask)` (arch/powerpc/kernel/irq*.c). No interrupt is ever pending. */
function restoreInterrupts(machine: Machine, mask: bigint): void {
  const paca = machine.view('paca_struct', processorOf(machine).paca)
  // Before v4.17 the field is `soft_enabled`, with the opposite meaning.
  if (paca.has('irq_soft_mask')) paca.set('irq_soft_mask', mask)
}

/** Number of set bits among the low bits of a number (arch/powerpc/lib/hweight_64.S). */
const countBits = (width: number) =>
  modelled(['u64'], (_machine, value) => {
    let count = 0n
    for (let rest = BigInt.asUintN(width, value); rest !== 0n; rest >>= 1n) count += rest & 1n
    return count
  })

/**
 * Up to v5.0 `thread_info` is at the base of the kernel stack, to which r1 points. The machine's stack has another
 * size, so this replaces the inline function that masks r1.
 */
function threadInfo(machine: Machine): bigint {
  const state = processorOf(machine)
  if (state.threadInfo === 0n) {
    state.threadInfo = machine.allocator.reserve(machine.layouts.sizeOf('thread_info'))
    const view = machine.view('thread_info', state.threadInfo)
    if (view.has('task')) view.set('task', machine.currentPointer)
  }
  return state.threadInfo
}

const devices = Symbol('processor devices')

function deviceOf(machine: Machine, cpu: number): bigint {
  if (cpu >= possibleProcessors) return 0n
  const known = machine.stateOf(devices, () => new Map<number, bigint>())
  let device = known.get(cpu)
  if (device === undefined)
    known.set(cpu, (device = machine.allocator.reserve(machine.layouts.sizeOf('device'))))
  return device
}

export const processor: HostFunctions = {
  /** `__cpuhp_setup_state(state, name, invoke, startup, teardown, multi)`: with `invoke`, calls `startup`. */
  __cpuhp_setup_state: modelled(['u32', 'u64', 'u32', 'u64'], (machine, _state, _name, invoke, startup) => {
    mightSleep(machine, 'kernel/cpu.c')
    return (invoke & 0xff) === 0 || startup === 0n ? 0 : machine.callPointer(startup, 0n)
  }),
  /** `dlpar_memory(request)`: this partition has no memory blocks, so none can be added or removed. */
  dlpar_memory: modelled([], (machine) => {
    mightSleep(machine, 'drivers/base/core.c')
    return -EINVAL
  }),
  /** `try_online_node(nid)` (mm/memory_hotplug.c): the only NUMA node is online. */
  try_online_node: modelled([], (machine) => {
    mightSleep(machine, 'mm/memory_hotplug.c')
    return 0
  }),
  ...named(stopMachine, 'stop_machine', 'stop_machine_cpuslocked'),
  ...named(
    modelled([], () => 0),
    'cpus_read_unlock',
    'put_online_cpus',
    'cpu_maps_update_done',
  ),
  /**
   * `get_cpu_device(cpu)`: a device without a bus. `device_online` and `device_offline` succeed for it and do nothing
   * else, so a processor that firmware adds is present, but never runs anything.
   */
  get_cpu_device: modelled(['u32'], (machine, cpu) => deviceOf(machine, cpu)),
  current_thread_info: modelled([], threadInfo),
  arch_local_irq_restore: modelled(['u64'], restoreInterrupts),
  __arch_hweight8: countBits(8),
  __arch_hweight16: countBits(16),
  __arch_hweight32: countBits(32),
  __arch_hweight64: countBits(64),
  ...named(
    modelled([], (machine) => mightSleep(machine, 'kernel/cpu.c')),
    'cpus_read_lock',
    'get_online_cpus',
    'cpu_maps_update_begin',
  ),
}
