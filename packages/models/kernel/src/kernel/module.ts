// SPDX-License-Identifier: GPL-2.0-only
import { EAGAIN, EBUSY, EEXIST, ENOENT } from '../include/errno.ts'
import { BUG_ON } from './oops.ts'
import { hangSilently } from './hang.ts'
import { emitEvent, fileScope } from '../machine/machine.ts'
import { setLinkedModules, WARN_ON } from './panic.ts'

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

const modules = fileScope(() => ({ list: [] as LoadedModule[] }))

/** Suffix in reports of a module that is not fully loaded (kernel/module.c `module_flags`, v4.18). */
const flags = { coming: '(+)', live: '', going: '(-)' }

function tellReports(): void {
  setLinkedModules(modules().list.map(({ module, state }) => module.name + flags[state]))
}

function setState(loaded: LoadedModule, state: LoadedModule['state']): void {
  loaded.state = state
  tellReports()
}

function unlinkModule(loaded: LoadedModule): void {
  const { list } = modules()
  list.splice(list.indexOf(loaded), 1)
  tellReports()
}

/** Models `find_module` (kernel/module.c, v4.18). Searches by the `Module` object, not by the name. */
function find_module(module: Module): LoadedModule | undefined {
  return modules().list.find((loaded) => loaded.module === module)
}

/**
 * Runs an initcall (init/main.c, v4.18). Call chains of boot and of module loading contain its name. Returns its
 * result, or 0 if the result is not a number.
 */
export function do_one_initcall(fn: () => unknown): number {
  const result = fn()
  return typeof result === 'number' ? result : 0
}

/**
 * Models `do_init_module` (kernel/module.c, v4.18). Waits forever if an earlier init of the module never returned.
 *
 * @returns the result of the module's init; if it is negative, the module is not loaded. -EEXIST if the module is
 *   loaded or its exit has not returned
 */
export function do_init_module(module: Module): number {
  const there = find_module(module)
  if (there !== undefined) {
    if (there.state === 'coming') hangSilently('module_wq', `the init of ${module.name}`)
    return -EEXIST
  }
  const loaded: LoadedModule = { module, state: 'coming', refcnt: MODULE_REF_BASE + 1 }
  modules().list.unshift(loaded)
  tellReports()
  const result = do_one_initcall(module.init)
  if (result < 0) unlinkModule(loaded)
  else {
    setState(loaded, 'live')
    module_put(module)
  }
  emitEvent('module.load', { module: module.name, result })
  return result
}

/**
 * Models `delete_module` (kernel/module.c, v4.18). BUG if surplus puts have dropped the reference of the kernel.
 *
 * @returns 0; -ENOENT if the module is not loaded; -EBUSY if the module has no exit, or if its init or exit has not
 *   returned; -EWOULDBLOCK, which is -EAGAIN, while users hold references
 */
export function delete_module(module: Module): number {
  const loaded = find_module(module)
  if (loaded === undefined) return -ENOENT
  if (loaded.state !== 'live' || module.exit === undefined) return -EBUSY
  BUG_ON(loaded.refcnt < MODULE_REF_BASE, 'kernel/module.c:919')
  if (loaded.refcnt > MODULE_REF_BASE) return -EAGAIN
  loaded.refcnt -= MODULE_REF_BASE
  setState(loaded, 'going')
  module.exit()
  unlinkModule(loaded)
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
