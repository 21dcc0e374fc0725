// SPDX-License-Identifier: GPL-2.0-only
// kernel/rcu of a non-preemptible kernel. A grace period ends when the queues run, or at once for a caller that waits
// for it. Tasks run one after the other, so only the caller itself can be in a read-side section.
import {
  checkScheduling,
  mightSleep,
  modelled,
  type HostFunctions,
  type Machine,
} from '@pfo-workbench/machine'
import { runNext } from './deferred-work.ts'
import { named } from './named.ts'

function putOff(machine: Machine, head: bigint, callback: bigint): void {
  machine.deferred.add({ kind: 'rcu', object: head, callback, queue: 0n, delay: 0n })
}

const call = modelled(['u64', 'u64'], putOff)

/** Waiting yields the processor, which ends the read-side section of the caller, too. */
const synchronize = modelled([], (machine) => {
  mightSleep(machine, 'kernel/rcu/tree.c')
  checkScheduling(machine)
})

/** Returns after all callbacks that were already queued have run. */
const barrier = modelled([], (machine) => {
  mightSleep(machine, 'kernel/rcu/tree.c')
  const before = new Set(machine.deferred.waiting.filter((one) => one.kind === 'rcu'))
  while (runNext(machine, (one) => before.has(one)));
})

export const rcu: HostFunctions = {
  /** A read-side section disables preemption, so that sleeping in one is reported. Lockdep also knows the section. */
  rcu_read_lock: modelled([], ({ current }) => {
    current.preemptCount++
    current.rcuNesting++
  }),
  rcu_read_unlock: modelled([], ({ current }) => {
    current.preemptCount--
    current.rcuNesting--
  }),
  ...named(call, 'call_rcu', 'call_rcu_hurry', 'call_rcu_sched'),
  /** `kfree_call_rcu(head, offset of the head)`, up to 5.19. */
  kfree_call_rcu: call,
  /**
   * `kvfree_call_rcu(head, second)`. Before 6.3, `second` is the offset of the head in the memory to free, passed as a
   * function pointer; since then, it is the memory. Without a head, it is the memory in all versions.
   */
  kvfree_call_rcu: modelled(['u64', 'u64'], (machine, head, pointer) => {
    const isOffset = pointer < 4096n
    if (isOffset) putOff(machine, head, pointer)
    else if (head === 0n) putOff(machine, pointer, 0n)
    else putOff(machine, head, head - pointer)
  }),
  ...named(
    synchronize,
    'synchronize_rcu',
    'synchronize_rcu_expedited',
    'synchronize_sched',
    'synchronize_rcu_tasks',
  ),
  ...named(barrier, 'rcu_barrier', 'rcu_barrier_sched'),
  ...named(
    modelled([], () => 0),
    'init_srcu_struct',
    '__init_srcu_struct',
    '__srcu_read_lock',
  ),
  ...named(
    modelled([], () => 0),
    '__srcu_read_unlock',
    'cleanup_srcu_struct',
  ),
  /** `call_srcu(domain, head, function)`. */
  call_srcu: modelled(['u64', 'u64', 'u64'], (machine, _domain, head, callback) =>
    putOff(machine, head, callback),
  ),
  ...named(
    modelled([], (machine) => mightSleep(machine, 'kernel/rcu/srcutree.c')),
    'synchronize_srcu',
    'synchronize_srcu_expedited',
  ),
}
