// SPDX-License-Identifier: GPL-2.0-only
// One processor: what C asks about others, or has all of them do.
import { mightSleep, modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { named } from './named.ts'

const key = Symbol('processor')

/**
 * `stop_machine(fn, data, cpus)`: all processors stop, and each runs the function with interrupts off. There is one.
 */
const stopMachine = modelled(['u64', 'u64'], (machine, fn, data) => {
  machine.current.irqsDisabled++
  const result = machine.callPointer(fn, data)
  machine.current.irqsDisabled--
  return result
})

/** What the machine keeps of its processor. */
interface Processor {
  threadInfo: bigint
  /** Pointer to its `paca_struct`. */
  paca: bigint
}

function processorOf(machine: Machine): Processor {
  return machine.stateOf(key, () => ({ threadInfo: 0n, paca: 0n }))
}

/** Makes the `paca_struct` of the processor and the `task_struct` of its first task: r13 leads to the one, that to the other. */
export function createProcessor(machine: Machine): void {
  const paca = machine.allocator.reserve(machine.layouts.sizeOf('paca_struct'), 128)
  machine.currentPointer = machine.allocator.reserve(machine.layouts.sizeOf('task_struct'), 128)
  machine.view('paca_struct', paca).set('__current', machine.currentPointer)
  // As init/init_task.c: klist_release() takes a reference on the task that it wakes up. A `refcount_t` since v4.20.
  const task = machine.view('task_struct', machine.currentPointer)
  for (const usage of ['usage.refs.counter', 'usage.counter']) if (task.has(usage)) task.set(usage, 2)
  machine.code.r13 = paca
  processorOf(machine).paca = paca
  const pacas = machine.symbols.pointerTo('paca_ptrs')
  if (pacas !== null) {
    const list = machine.allocator.reserve(8)
    machine.checked.setU64(list, paca)
    machine.checked.setU64(pacas, list)
  }
}

/** `arch_local_irq_restore(mask)` (arch/powerpc/kernel/irq*.c): nothing is pending that would have to run now. */
function restoreInterrupts(machine: Machine, mask: bigint): void {
  const paca = machine.view('paca_struct', processorOf(machine).paca)
  // `soft_enabled`, of the opposite meaning, before v4.17.
  if (paca.has('irq_soft_mask')) paca.set('irq_soft_mask', mask)
}

/** Bits that are set in the lower bits of a number (arch/powerpc/lib/hweight_64.S). */
const countBits = (width: number) =>
  modelled(['u64'], (_machine, value) => {
    let count = 0n
    for (let rest = BigInt.asUintN(width, value); rest !== 0n; rest >>= 1n) count += rest & 1n
    return count
  })

/**
 * Up to v5.0 `thread_info` lies at the foot of the kernel stack, which r1 leads to; the stack of a machine is of another
 * size, so the inline that masks r1 is ours.
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

export const processor: HostFunctions = {
  ...named(stopMachine, 'stop_machine', 'stop_machine_cpuslocked'),
  ...named(
    modelled([], () => 0),
    'cpus_read_unlock',
    'put_online_cpus',
    'cpu_maps_update_done',
  ),
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
