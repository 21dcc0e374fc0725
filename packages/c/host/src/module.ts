// SPDX-License-Identifier: GPL-2.0-only
// kernel/module: references to modules. The player of steps loads and unloads them.
import { modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'

const key = Symbol('module')

/** Number of users of each module, excluding the module itself, by the pointer to its `struct module`. */
function usersOf(machine: Machine): Map<bigint, number> {
  return machine.stateOf(key, () => new Map<bigint, number>())
}

/** Number of users of a module. */
export function moduleUsers(machine: Machine, module: bigint): number {
  return usersOf(machine).get(module) ?? 0
}

function change(machine: Machine, module: bigint, by: number): void {
  if (module !== 0n) usersOf(machine).set(module, moduleUsers(machine, module) + by)
}

export const module: HostFunctions = {
  try_module_get: modelled(['u64'], (machine, one) => {
    change(machine, one, 1)
    return true
  }),
  __module_get: modelled(['u64'], (machine, one) => change(machine, one, 1)),
  module_put: modelled(['u64'], (machine, one) => change(machine, one, -1)),
  /** No module can be requested. */
  __request_module: modelled([], () => -2),
}
