// SPDX-License-Identifier: GPL-2.0-only
// Files without internal exports are exported as a whole. For the others, the public names are listed.
export * from './c/bytes.ts'
export { followPointer } from './c/pointer.ts'
export { container_of, embed, embedded, struct } from './c/struct.ts'
export * from './crypto/crypto.ts'
export {
  BUS_NOTIFY_ADD_DEVICE,
  BUS_NOTIFY_BIND_DRIVER,
  BUS_NOTIFY_BOUND_DRIVER,
  BUS_NOTIFY_DEL_DEVICE,
  BUS_NOTIFY_DRIVER_NOT_BOUND,
  BUS_NOTIFY_REMOVED_DEVICE,
  BUS_NOTIFY_UNBIND_DRIVER,
  BUS_NOTIFY_UNBOUND_DRIVER,
  bus_register_notifier,
  bus_unregister_notifier,
} from './drivers/base/bus-notifier.ts'
export * from './drivers/base/bus.ts'
export * from './drivers/base/core.ts'
export * from './drivers/base/dd.ts'
export * from './drivers/base/device.ts'
export * from './drivers/base/devres.ts'
export * from './drivers/char/hw-random.ts'
export * from './fs/kernfs.ts'
export * from './fs/sysfs.ts'
export * from './fs/vfs.ts'
export * from './include/errno.ts'
export {
  type kobj_type,
  kobj_uevent_env,
  kobject,
  type kobject_action,
  kobject_actions,
  kset,
  type kset_uevent_ops,
} from './include/kobject.ts'
export * from './include/of-node.ts'
export * from './kernel/completion.ts'
export { hangSilently, spinForever } from './kernel/hang.ts'
export type { lockdep_map } from './kernel/locking/lockdep.ts'
export * from './kernel/locking/locks.ts'
export * from './kernel/module.ts'
export * from './kernel/notifier.ts'
export { BUG, BUG_ON, oops } from './kernel/oops.ts'
export {
  dump_stack,
  TAINT_BAD_PAGE,
  TAINT_DIE,
  TAINT_SOFTLOCKUP,
  TAINT_WARN,
  WARN,
  WARN_ON,
  WARN_ONCE,
} from './kernel/panic.ts'
export * from './kernel/printk.ts'
export * from './kernel/rcu.ts'
export { might_sleep } from './kernel/sched.ts'
export {
  alloc_ordered_workqueue,
  alloc_workqueue,
  cancel_work_sync,
  destroy_workqueue,
  flush_work,
  flush_workqueue,
  queue_work,
  type Running,
  schedule_work,
  work_struct,
  workqueue_struct,
  WQ_DFL_ACTIVE,
  WQ_UNBOUND,
} from './kernel/workqueue.ts'
export * from './lib/kobject-uevent.ts'
export * from './lib/kobject.ts'
export * from './lib/kref.ts'
export * from './lib/refcount.ts'
export * from './lib/string.ts'
export * from './lib/vsprintf.ts'
export {
  bootMachine,
  type BootOptions,
  initialBootParams,
  initLevels,
  type InitLevel,
  Machine,
  type Peeked,
  type Subsystem,
} from './machine/boot.ts'
export * from './machine/events.ts'
export * from './machine/firmware.ts'
export { functionsAtFault } from './machine/calls.ts'
export { type CallChain, type Calls, formatChain, type Frame } from './machine/frames.ts'
export { isKernelFunction } from './machine/kernel-name.ts'
export type { Halt, Outcome } from './machine/halt.ts'
export * from './machine/machine.ts'
export * from './machine/task.ts'
export type { Trial, TrialResult } from './machine/trial.ts'
export { type MemoryScan, scanMemory, type UnreachableObject } from './mm/kmemleak.ts'
export { type Allocated, POISON_END, POISON_FREE, type SlabRecord } from './mm/slab-record.ts'
export * from './mm/slab.ts'
