// SPDX-License-Identifier: GPL-2.0-only
// The end of lib/kobject_uevent.c: user space is told. The rest of it is C. On a kernel with a network nobody listens.
import { modelled, type HostFunctions } from '@pfo-workbench/machine'

export const kobjectUevent: HostFunctions = {
  kobject_uevent_net_broadcast: modelled([], () => 0),
}
