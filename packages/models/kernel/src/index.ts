// SPDX-License-Identifier: GPL-2.0-only
// A file that holds nothing but the kernel's own names is exported whole; of the others, what is named here.
export {
  bootMachine,
  type BootOptions,
  initialBootParams,
  initLevels,
  type InitLevel,
  Machine,
  type Subsystem,
} from './boot.ts'
export * from './bus.ts'
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
} from './bus-notifier.ts'
export * from './bytes.ts'
export * from './core.ts'
export * from './crypto.ts'
export * from './dd.ts'
export * from './device.ts'
export * from './devres.ts'
export * from './errno.ts'
export * from './events.ts'
export * from './firmware.ts'
export { type CallChain, formatChain, type Frame, type Track } from './frames.ts'
export type { Outcome } from './halt.ts'
export { hangSilently, spinForEver } from './hang.ts'
export * from './hw-random.ts'
export * from './kernfs.ts'
export {
  type kobj_type,
  kobject,
  kobject_add,
  kobject_create_and_add,
  kobject_del,
  kobject_get,
  kobject_init,
  kobject_put,
  kobject_set_name,
  kset,
  kset_create_and_add,
  kset_unregister,
  plain_kobject,
} from './kobject.ts'
export * from './kref.ts'
export { type HeldLock, type Lock, type lockdep_map } from './lockdep.ts'
export * from './locks.ts'
export * from './machine.ts'
export * from './module.ts'
export * from './notifier.ts'
export * from './of-node.ts'
export { BUG, BUG_ON, oops } from './oops.ts'
export { followPointer } from './pointer.ts'
export {
  dump_stack,
  TAINT_BAD_PAGE,
  TAINT_DIE,
  TAINT_SOFTLOCKUP,
  TAINT_WARN,
  WARN,
  WARN_ON,
  WARN_ONCE,
} from './panic.ts'
export * from './printk.ts'
export * from './rcu.ts'
export * from './refcount.ts'
export { might_sleep } from './sched.ts'
export { type Allocated, POISON_END, POISON_FREE, type SlabRecord } from './slab-record.ts'
export * from './slab.ts'
export * from './string.ts'
export { container_of, embed, embedded, struct } from './struct.ts'
export * from './sysfs.ts'
export * from './task.ts'
export * from './vfs.ts'
export * from './vsprintf.ts'
export {
  alloc_ordered_workqueue,
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
} from './workqueue.ts'
