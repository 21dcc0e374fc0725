// SPDX-License-Identifier: GPL-2.0-only
// The last step of lib/kobject_uevent.c, which sends the event to user space. The rest of that file runs as C. In a
// kernel with networking, no socket listens.
import { modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'

/** The strings of a `struct kobj_uevent_env`. Omits SEQNUM, which counts all uevents of the kernel. */
function variablesOf(machine: Machine, env: bigint): string[] {
  const view = machine.view('kobj_uevent_env', env)
  const first = view.addressOf('envp')
  return Array.from({ length: view.number('envp_idx') }, (_, index) => {
    const variable = machine.memory.u64(first + 8 * index)
    return machine.memory.stringAt(variable) ?? '?'
  }).filter((variable) => !variable.startsWith('SEQNUM='))
}

export const kobjectUevent: HostFunctions = {
  /** `kobject_uevent_net_broadcast(kobj, env, action, path)`. */
  kobject_uevent_net_broadcast: {
    file: 'lib/',
    ...modelled(['u64', 'u64', 'u64'], (machine, kobj, env, action) => {
      machine.journal.emit('uevent', {
        object: machine.idOf(kobj),
        action: machine.memory.stringAt(action) ?? '?',
        device: machine.view('kobject', kobj).string('name') ?? '',
        env: variablesOf(machine, env),
      })
      return 0
    }),
  },
}
