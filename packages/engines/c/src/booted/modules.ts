// SPDX-License-Identifier: GPL-2.0-only
import { EAGAIN, EBUSY, EEXIST, ENOENT, ENOSYS } from '@pfo-workbench/kernel'
import { addModule, markGoing, putModule, releaseModule, removeModule } from '@pfo-workbench/host'
import type { ImageModule } from '@pfo-workbench/image'
import { addressOf, hang, type Machine } from '@pfo-workbench/machine'

type State = 'coming' | 'live' | 'going'

const key = Symbol('modules')

/** Suffix of the name of a module that is not fully loaded, in reports (`module_flags`). */
const flags: Readonly<Record<State, string>> = { coming: '(+)', live: '', going: '(-)' }

/** Modules in memory, by name, newest last. */
function loadedOf(machine: Machine): Map<string, State> {
  return machine.stateOf(key, () => new Map<string, State>())
}

function setState(machine: Machine, name: string, state: State | null): void {
  const loaded = loadedOf(machine)
  if (state === null) loaded.delete(name)
  else loaded.set(name, state)
  machine.linkedModules = [...loaded].reverse().map(([one, which]) => `${one}${flags[which]}`)
}

/** Module names use `_`, even if their file names do not. */
const normalise = (name: string): string => name.replaceAll('-', '_')

function findModule(machine: Machine, name: string): ImageModule | undefined {
  return machine.image.modules.find((module) => normalise(module.name) === normalise(name))
}

/** Writes the initial data of a module, which starts from scratch each time it is loaded. */
function writeData({ image, memory }: Machine, module: ImageModule): void {
  for (const { start, end } of module.data) {
    const offset = start - image.memory.data.start
    memory.bytes.set(image.data.subarray(offset, offset + end - start), start)
  }
}

const resultOf = (value: bigint): number => Number(BigInt.asIntN(32, value))

/**
 * Runs a task of the user on a module. `own` is the module's name with `_`; `state` is undefined if it is not loaded.
 *
 * @returns the result of the task; -ENOENT if the image has no such module; null if the task did not return
 */
function withModule(
  machine: Machine,
  task: string,
  name: string,
  body: (module: ImageModule, own: string, state: State | undefined) => number,
): number | null {
  const module = findModule(machine, name)
  if (module === undefined) return -ENOENT
  const own = normalise(name)
  return machine.task(task, () => body(module, own, loadedOf(machine).get(own)))
}

/**
 * Loads a module (kernel/module, `do_init_module`).
 *
 * @param allowed - true if the kernel supports modules
 * @returns 0; -ENOSYS without module support, -ENOENT, -EEXIST; the error of its init function, in which case it is not
 * loaded; null if the task did not return
 */
export function insmod(machine: Machine, name: string, allowed: boolean): number | null {
  if (!allowed) return -ENOSYS
  return withModule(machine, 'insmod', name, (module, own, state) => {
    if (state === 'coming') hang(machine, 'module_wq', `the init of ${own}`)
    if (state !== undefined) return -EEXIST
    writeData(machine, module)
    const pointer = structOf(machine, module)
    addModule(machine, pointer)
    setState(machine, own, 'coming')
    const result = module.init === null ? 0 : resultOf(machine.callPointer(module.init))
    if (result < 0) markGoing(machine, pointer)
    putModule(machine, pointer)
    if (result < 0) removeModule(machine, pointer)
    setState(machine, own, result < 0 ? null : 'live')
    machine.journal.emit('module.load', { module: own, result })
    return result
  })
}

/**
 * Unloads a module (kernel/module, `delete_module`).
 *
 * @param allowed - true if the kernel supports modules
 * @returns 0; -ENOSYS without module support, -ENOENT if it is not loaded, -EBUSY if its init or exit did not return or
 * it has no exit, -EAGAIN while it is in use; null if the task did not return, such as after a BUG because surplus puts
 * have dropped the kernel's own reference
 */
export function rmmod(machine: Machine, name: string, allowed: boolean): number | null {
  if (!allowed) return -ENOSYS
  return withModule(machine, 'rmmod', name, (module, own, state) => {
    if (state === undefined) return -ENOENT
    const { exit } = module
    if (state !== 'live' || exit === null) return -EBUSY
    const pointer = structOf(machine, module)
    if (!releaseModule(machine, pointer)) return -EAGAIN
    markGoing(machine, pointer)
    setState(machine, own, 'going')
    machine.callPointer(exit)
    removeModule(machine, pointer)
    setState(machine, own, null)
    machine.journal.emit('module.unload', { module: own, result: 0 })
    return 0
  })
}

/**
 * Pointer to the `struct module` of a module: the `__this_module` that lies in the data of the module. A module whose
 * code does not refer to `__this_module` has none. The result is then a small number, which no code uses as a pointer.
 */
function structOf({ image }: Machine, module: ImageModule): bigint {
  const isOwn = (address: number): boolean =>
    module.data.some(({ start, end }) => address >= start && address < end)
  const own = image.symbols.find(({ name, address }) => name === '__this_module' && isOwn(addressOf(address)))
  return own?.address ?? BigInt(image.modules.indexOf(module) + 1)
}
