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

/**
 * Up to v5.0 `thread_info` lies at the foot of the kernel stack, which r1 leads to; the stack of a machine is of another
 * size, so the inline that masks r1 is ours.
 */
function threadInfo(machine: Machine): bigint {
  const state = machine.stateOf(key, () => ({ threadInfo: 0n }))
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
  ),
  current_thread_info: modelled([], threadInfo),
  ...named(
    modelled([], (machine) => mightSleep(machine, 'kernel/cpu.c')),
    'cpus_read_lock',
    'get_online_cpus',
  ),
}
