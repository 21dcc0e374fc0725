// SPDX-License-Identifier: GPL-2.0-only
import { EEXIST, ENOENT } from './errno.ts'
import { emitEvent, fileScope } from './machine.ts'
import { setLinkedModules } from './panic.ts'

/** A loadable module: its name and what `module_init` and `module_exit` name. */
export interface Module {
  readonly name: string
  readonly init: () => number
  readonly exit: () => void
}

const modules = fileScope(() => ({ loaded: [] as Module[] }))

/** Runs an initcall; its name is in the call chains of everything that boot and module loading do. */
export function do_one_initcall(fn: () => unknown): number {
  const result = fn()
  return typeof result === 'number' ? result : 0
}

/**
 * Models `do_init_module` (kernel/module.c, v4.18).
 *
 * @returns 0; -EEXIST if it is loaded; or what its init returned, and then it is not loaded
 */
export function do_init_module(module: Module): number {
  if (modules().loaded.includes(module)) return -EEXIST
  const result = do_one_initcall(module.init)
  if (result >= 0) {
    modules().loaded.unshift(module)
    setLinkedModules(modules().loaded.map((one) => one.name))
  }
  emitEvent('module.load', { module: module.name, result })
  return result
}

/** Models `delete_module` (kernel/module.c, v4.18): 0, or -ENOENT if it is not loaded. */
export function delete_module(module: Module): number {
  const { loaded } = modules()
  const index = loaded.indexOf(module)
  if (index < 0) return -ENOENT
  module.exit()
  loaded.splice(index, 1)
  setLinkedModules(loaded.map((one) => one.name))
  emitEvent('module.unload', { module: module.name, result: 0 })
  return 0
}

/** Names of the loaded modules, the newest first. */
export function loadedModules(): readonly string[] {
  return modules().loaded.map((one) => one.name)
}
