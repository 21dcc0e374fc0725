// SPDX-License-Identifier: GPL-2.0-only
// kernel/time/timer.c. Timers fire when the queues run, ordered by time.
import { modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { named } from './named.ts'

function start(machine: Machine, timer: bigint, expires: bigint): boolean {
  const wasPending = machine.deferred.cancel('timer', timer)
  machine.view('timer_list', timer).set('expires', expires)
  machine.deferred.add({ kind: 'timer', object: timer, callback: 0n, queue: 0n, delay: expires })
  return wasPending
}

const stop = modelled(['u64'], (machine, timer) => machine.deferred.cancel('timer', timer))

export const timer: HostFunctions = {
  ...named(
    modelled(['u64', 'u64', 'u32'], (machine, timer, func, flags) => {
      const view = machine.view('timer_list', timer)
      view.set('function', func)
      view.set('flags', flags)
    }),
    'init_timer_key',
    'timer_init_key',
  ),
  mod_timer: modelled(['u64', 'u64'], start),
  add_timer: modelled(['u64'], (machine, timer) => {
    start(machine, timer, machine.view('timer_list', timer).pointerIn('expires'))
  }),
  ...named(
    stop,
    'del_timer',
    'del_timer_sync',
    'timer_delete',
    'timer_delete_sync',
    'timer_shutdown',
    'timer_shutdown_sync',
  ),
  /** `hrtimer_init(timer, clock, mode)` (kernel/time/hrtimer.c). */
  hrtimer_init: modelled(['u64'], (machine, timer) => {
    machine.checked.bytes(timer, machine.layouts.sizeOf('hrtimer'), true).fill(0)
  }),
  /** `hrtimer_setup(timer, function, clock, mode)`, from 6.13. */
  hrtimer_setup: modelled(['u64', 'u64'], (machine, timer, func) => {
    machine.checked.bytes(timer, machine.layouts.sizeOf('hrtimer'), true).fill(0)
    machine.view('hrtimer', timer).set('function', func)
  }),
  /** No high-resolution timer is ever started. */
  ...named(
    modelled([], () => 0),
    'hrtimer_try_to_cancel',
    'hrtimer_cancel',
  ),
}
