// SPDX-License-Identifier: GPL-2.0-only
// kernel/sched: waiting. Meanwhile only deferred work runs. Once none is left, nothing will ever wake the waiter.
import {
  hang,
  mightSleep,
  modelled,
  printStack,
  type HostFunctions,
  type Machine,
} from '@pfo-workbench/machine'
import { runNext } from './deferred-work.ts'
import { named } from './named.ts'

/** The task sleeps until it is woken. Each call runs one deferred item; then the caller checks its condition again. */
function schedule(machine: Machine): void {
  mightSleep(machine, 'kernel/sched/core.c')
  if (!runNext(machine)) hang(machine, 'a wake-up', 'nobody: no task is left that could wake this one')
}

/** Value of `done` after `complete_all`. `struct completion` begins with this field. */
const allDone = 0xffffffff

function waitForCompletion(machine: Machine, completion: bigint): void {
  mightSleep(machine, 'kernel/sched/completion.c')
  while (machine.checked.u32(completion) === 0) {
    if (!runNext(machine))
      hang(machine, machine.nameOf(completion), 'nobody: no task is left that could complete it')
  }
  const done = machine.checked.u32(completion)
  if (done !== allDone) machine.checked.setU32(completion, done - 1)
}

const wait = modelled(['u64'], waitForCompletion)

const completed = (left: bigint | number) =>
  modelled(['u64'], (machine, completion) => {
    waitForCompletion(machine, completion)
    return left
  })

/** Time stands still, so a sleep with a limit ends at once. */
const sleep = modelled([], (machine) => mightSleep(machine, 'kernel/time/timer.c'))

/** Nothing to do: waiters check their condition again by themselves. */
const wake = modelled([], () => 0)

/** Initializes a wait queue: clears the lock, which comes first in the struct, and empties the list. */
const initQueue = (struct: string, list: string) =>
  modelled(['u64'], (machine, queue) => {
    const view = machine.view(struct, queue)
    const head = view.addressOf(list)
    const pointer = view.pointer + BigInt(head - view.address)
    machine.memory.setU64(head, pointer)
    machine.memory.setU64(head + 8, pointer)
    machine.checked.setU32(queue, 0)
  })

export const waiting: HostFunctions = {
  schedule: modelled([], schedule),
  /** `schedule_timeout(timeout)`: returns the remaining time. */
  ...named(
    modelled(['u64'], (machine) => {
      mightSleep(machine, 'kernel/sched/core.c')
      runNext(machine)
      return 0n
    }),
    'schedule_timeout',
    'schedule_timeout_uninterruptible',
    'schedule_timeout_interruptible',
  ),
  ...named(sleep, 'msleep', 'usleep_range', 'usleep_range_state'),
  msleep_interruptible: modelled([], (machine) => {
    mightSleep(machine, 'kernel/time/timer.c')
    return 0n
  }),
  ...named(
    modelled([], () => 0),
    '__cond_resched',
    '_cond_resched',
  ),
  ...named(
    wake,
    '__wake_up',
    'wake_up_process',
    '__wake_up_locked',
    'wake_up_bit',
    'wake_up_var',
    '__wake_up_sync',
  ),
  /** `init_waitqueue_head(queue)`: an empty list after a lock. */
  __init_waitqueue_head: initQueue('wait_queue_head', 'head'),
  ...named(
    modelled([], () => 0n),
    'prepare_to_wait_event',
    'prepare_to_wait',
    'finish_wait',
    'init_wait_entry',
    'autoremove_wake_function',
  ),
  __init_swait_queue_head: initQueue('swait_queue_head', 'task_list'),
  ...named(wait, 'wait_for_completion', 'wait_for_completion_io'),
  ...named(completed(0), 'wait_for_completion_interruptible', 'wait_for_completion_killable'),
  ...named(completed(1n), 'wait_for_completion_timeout'),
  complete: modelled(['u64'], (machine, completion) => {
    const done = machine.checked.u32(completion)
    if (done !== allDone) machine.checked.setU32(completion, done + 1)
  }),
  complete_all: modelled(['u64'], (machine, completion) => machine.checked.setU32(completion, allDone)),
  /** With debugging of sleeps, C itself calls the check. */
  ...named(
    modelled(['u64', 's32'], (machine, file, line) =>
      mightSleep(machine, machine.memory.stringAt(file) ?? '?', line),
    ),
    '__might_sleep',
    '___might_sleep',
    '__might_resched',
  ),
  dump_stack: modelled([], printStack),
}
