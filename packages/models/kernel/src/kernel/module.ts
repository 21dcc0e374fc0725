// SPDX-License-Identifier: GPL-2.0-only
import { EAGAIN, EBUSY, EEXIST, ENOENT } from '../include/errno.ts'
import { BUG_ON } from './oops.ts'
import { hangSilently } from './hang.ts'
import { mutex, mutex_lock, mutex_lock_interruptible, mutex_unlock } from './locking/locks.ts'
import { currentMachine, currentTask, emitEvent, fileScope } from '../machine/machine.ts'
import { dump_stack, setLinkedModules, WARN, WARN_ON } from './panic.ts'
import { pr_warn } from './printk.ts'

/** A loadable module: its name, and the functions that it passes to `module_init` and `module_exit`. */
export interface Module {
  readonly name: string
  /** The init function. Returns 0, or a negative errno if the module must not be loaded. */
  readonly init: () => number
  /** The exit function. A module without one cannot be unloaded. */
  readonly exit?: () => void
}

/** `struct module` (include/linux/module.h, v4.18): a module in memory. */
interface LoadedModule {
  readonly module: Module
  state: 'coming' | 'live' | 'going'
  /** Number of references: the one of the kernel and those of users. */
  refcnt: number
}

/** The reference that the kernel itself holds from loading to unloading (kernel/module.c, v4.18). */
const MODULE_REF_BASE = 1

const modules = fileScope(() => ({
  list: [] as LoadedModule[],
  /** `module_mutex` (kernel/module.c, v4.18): guards the list. */
  module_mutex: new mutex('module_mutex'),
}))

/** Suffix in reports of a module that is not fully loaded (kernel/module.c `module_flags`, v4.18). */
const flags = { coming: '(+)', live: '', going: '(-)' }

function tellReports(): void {
  setLinkedModules(modules().list.map(({ module, state }) => module.name + flags[state]))
}

function setState(loaded: LoadedModule, state: LoadedModule['state']): void {
  loaded.state = state
  tellReports()
}

function unlinkModule(module: Module): void {
  const { list } = modules()
  list.splice(
    list.findIndex((loaded) => loaded.module === module),
    1,
  )
  tellReports()
}

/** Models `find_module` (kernel/module.c, v4.18). Searches by the `Module` object, not by the name. */
function find_module(module: Module): LoadedModule | undefined {
  return modules().list.find((loaded) => loaded.module === module)
}

/**
 * Models `do_one_initcall` (init/main.c, v4.18): runs an initcall. Warns if the initcall returns in an atomic section,
 * which only a kernel with lock debugging counts, or with interrupts off, and ends both.
 *
 * @returns the result of the initcall, or 0 if the result is not a number
 */
export function do_one_initcall(fn: () => unknown): number {
  const task = currentTask()
  const { preempt_count } = task
  const result = fn()
  const faults: string[] = []
  if (task.preempt_count !== preempt_count && currentMachine().config.lockDebugging)
    faults.push('preemption imbalance ')
  if (task.irqs_disabled > 0) faults.push('disabled interrupts ')
  task.preempt_count = preempt_count
  task.irqs_disabled = 0
  WARN(faults.length > 0, 'init/main.c:898', 'initcall %s returned with %s\n', fn.name, faults.join(''))
  return typeof result === 'number' ? result : 0
}

/** Adds a module to the list; undefined if it is there already. */
function addModule(module: Module): LoadedModule | undefined {
  const { list, module_mutex } = modules()
  mutex_lock(module_mutex)
  const there = find_module(module)
  if (there !== undefined) {
    mutex_unlock(module_mutex)
    if (there.state === 'coming') hangSilently('module_wq', `the init of ${module.name}`)
    return undefined
  }
  const added: LoadedModule = { module, state: 'coming', refcnt: MODULE_REF_BASE + 1 }
  list.unshift(added)
  tellReports()
  mutex_unlock(module_mutex)
  return added
}

/**
 * Models `load_module` and `do_init_module` (kernel/module.c, v4.18). Waits forever if an earlier init of the module
 * never returned, or if a task died with `module_mutex` held. Warns about a positive result of the module's init.
 *
 * @returns 0; the result of the module's init if it is negative: then the module is not loaded. -EEXIST if the module
 *   is loaded or its exit has not returned
 */
export function do_init_module(module: Module): number {
  const loaded = addModule(module)
  if (loaded === undefined) return -EEXIST
  const result = do_one_initcall(module.init)
  if (result > 0) {
    pr_warn(
      "do_init_module: '%s'->init suspiciously returned %d, it should follow 0/-E convention\n" +
        'do_init_module: loading module anyway...\n',
      module.name,
      result,
    )
    dump_stack()
  }
  setState(loaded, result < 0 ? 'going' : 'live')
  module_put(module)
  if (result < 0) unlinkModule(module)
  const returned = Math.min(result, 0)
  emitEvent('module.load', { module: module.name, result: returned })
  return returned
}

/**
 * Models `try_stop_module` (kernel/module.c, v4.18) for a module that is not forced out. BUG if surplus puts have
 * dropped the reference of the kernel; `module_mutex` then stays held.
 *
 * @returns 0; -ENOENT, -EBUSY or -EAGAIN, as `delete_module`
 */
function try_stop_module(module: Module): number {
  const loaded = find_module(module)
  if (loaded === undefined) return -ENOENT
  if (loaded.state !== 'live' || module.exit === undefined) return -EBUSY
  loaded.refcnt -= MODULE_REF_BASE
  BUG_ON(loaded.refcnt < 0, 'kernel/module.c:919')
  if (loaded.refcnt > 0) {
    loaded.refcnt += MODULE_REF_BASE
    return -EAGAIN
  }
  setState(loaded, 'going')
  return 0
}

/**
 * Models `delete_module` (kernel/module.c, v4.18). Waits forever if a task died with `module_mutex` held.
 *
 * @returns 0; -ENOENT if the module is not loaded; -EBUSY if the module has no exit, or if its init or exit has not
 *   returned; -EWOULDBLOCK, which is -EAGAIN, while users hold references
 */
export function delete_module(module: Module): number {
  const { module_mutex } = modules()
  mutex_lock_interruptible(module_mutex)
  const error = try_stop_module(module)
  mutex_unlock(module_mutex)
  if (error !== 0) return error
  module.exit?.()
  unlinkModule(module)
  emitEvent('module.unload', { module: module.name, result: 0 })
  return 0
}

/**
 * Models `try_module_get` (kernel/module.c, v4.18): takes a reference, which keeps the module from being unloaded.
 *
 * @param module - null for built-in code
 * @returns false, without a reference, if the module is not loaded or is going away, or if surplus puts have dropped
 *   the reference of the kernel
 */
export function try_module_get(module: Module | null): boolean {
  if (module === null) return true
  const loaded = find_module(module)
  if (loaded === undefined || loaded.state === 'going' || loaded.refcnt === 0) return false
  loaded.refcnt++
  return true
}

/**
 * Models `module_put` (kernel/module.c, v4.18): drops a reference. The first surplus put drops the reference of the
 * kernel, and no warning shows it; the next one warns. Does nothing for null (built-in code).
 */
export function module_put(module: Module | null): void {
  if (module === null) return
  const loaded = find_module(module)
  if (WARN_ON(loaded === undefined || loaded.refcnt === 0, 'kernel/module.c:1139')) return
  if (loaded !== undefined) loaded.refcnt--
}

/** Returns the names of the live modules, newest first. Leaves out a module whose init or exit has not returned. */
export function loadedModules(): readonly string[] {
  return modules().list.flatMap(({ module, state }) => (state === 'live' ? [module.name] : []))
}
