// SPDX-License-Identifier: GPL-2.0-only
// kernel/module: references to modules. The player of steps loads and unloads them.
import { isAtLeast, modelled, oops, trapped, type HostFunctions, type Machine } from '@pfo-workbench/machine'

const key = Symbol('module')

/** Flags of a warning in the bug table (include/asm-generic/bug.h). */
const bugFlagWarning = 1

/** The reference that the kernel itself holds from loading to unloading, `MODULE_REF_BASE`. */
const ownReference = 1

/** `struct module` (include/linux/module.h): a module in memory. */
interface LoadedModule {
  /** Number of references: the one of the kernel and those of users. */
  refcnt: number
  /** True while the module is unloaded, or after its init failed. */
  isGoing: boolean
}

/** The modules by the pointer to their `struct module`. */
function modulesOf(machine: Machine): Map<bigint, LoadedModule> {
  return machine.stateOf(key, () => new Map<bigint, LoadedModule>())
}

/** A module. The counter of one that is not loaded is 0. */
function moduleAt(machine: Machine, module: bigint): LoadedModule {
  const modules = modulesOf(machine)
  let found = modules.get(module)
  if (found === undefined) modules.set(module, (found = { refcnt: 0, isGoing: false }))
  return found
}

/** The kernel's file of module code. The line is unknown, because that code does not run as C. */
function sourceOf({ options: { release } }: Machine): string {
  return isAtLeast(release, [5, 19]) ? 'kernel/module/main.c' : 'kernel/module.c'
}

/**
 * Models `module_unload_init`: adds a module whose init function runs next. The kernel holds its own reference, and a
 * second one that the caller drops with `putModule` after the init function.
 */
export function addModule(machine: Machine, module: bigint): void {
  modulesOf(machine).set(module, { refcnt: ownReference + 1, isGoing: false })
}

/** Marks a module as going: `try_module_get` fails from now on. */
export function markGoing(machine: Machine, module: bigint): void {
  moduleAt(machine, module).isGoing = true
}

/** Removes a module from memory. */
export function removeModule(machine: Machine, module: bigint): void {
  modulesOf(machine).delete(module)
}

/**
 * Models `try_release_module_ref`: drops the reference of the kernel, unless users hold references. BUG if surplus puts
 * have already dropped it.
 *
 * @returns true if the reference was dropped
 */
export function releaseModule(machine: Machine, module: bigint): boolean {
  const loaded = moduleAt(machine, module)
  if (loaded.refcnt > ownReference) return false
  loaded.refcnt -= ownReference
  if (loaded.refcnt < 0) oops(machine, { kind: 'bug', at: `${sourceOf(machine)}:0` })
  return true
}

/**
 * Models `module_put`: drops a reference. The first surplus put drops the reference of the kernel, and no warning shows
 * it; the next one warns. Does nothing for NULL (built-in code).
 */
export function putModule(machine: Machine, module: bigint): void {
  if (module === 0n) return
  const loaded = moduleAt(machine, module)
  if (loaded.refcnt <= 0) trapped(machine, sourceOf(machine), 0, bugFlagWarning)
  else loaded.refcnt--
}

export const module: HostFunctions = {
  /** Fails for a module that is not loaded or is going, or after surplus puts have dropped the kernel's reference. */
  try_module_get: modelled(['u64'], (machine, one) => {
    if (one === 0n) return true
    const loaded = moduleAt(machine, one)
    if (loaded.isGoing || loaded.refcnt === 0) return false
    loaded.refcnt++
    return true
  }),
  __module_get: modelled(['u64'], (machine, one) => {
    if (one !== 0n) moduleAt(machine, one).refcnt++
  }),
  module_put: modelled(['u64'], putModule),
  /** No module can be requested. */
  __request_module: modelled([], () => -2),
}
