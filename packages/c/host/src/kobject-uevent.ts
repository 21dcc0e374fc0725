// SPDX-License-Identifier: GPL-2.0-only
// The end of lib/kobject_uevent.c: user space is told. The rest of it is C. On a kernel with a network nobody listens.
import { modelled, type HostFunctions } from '@pfo-workbench/machine'

export const kobjectUevent: HostFunctions = {
  /** `kobject_uevent_net_broadcast(kobj, env, action, path)`. */
  kobject_uevent_net_broadcast: modelled(['u64', 'u64', 'u64'], (machine, kobj, _env, action) => {
    machine.journal.emit('uevent', {
      object: machine.idOf(kobj),
      action: machine.memory.stringAt(action) ?? '?',
      device: machine.view('kobject', kobj).string('name') ?? '',
    })
    return 0
  }),
}
