// SPDX-License-Identifier: GPL-2.0-only
import {
  currentMachine,
  fileScope,
  followPointer,
  notifier_block,
  NOTIFY_DONE,
  NOTIFY_OK,
  strcmp,
} from '@pfo-workbench/kernel'
import {
  of_property_read_u32,
  of_reconfig_notifier_register,
  of_reconfig_notifier_unregister,
  OF_RECONFIG_UPDATE_PROPERTY,
  type of_reconfig_data,
} from '@pfo-workbench/of'

const topology = fileScope(() => ({
  prrn_enabled: false,
  dt_update_nb: new notifier_block<of_reconfig_data>(dt_update_callback),
}))

/**
 * Models `dt_update_callback` (arch/powerpc/mm/numa.c, v4.18): checks whether a processor's associativity changed. The
 * NUMA nodes of processors are not modelled.
 */
function dt_update_callback(
  _nb: notifier_block<of_reconfig_data>,
  action: number,
  { dn, prop }: of_reconfig_data,
): number {
  if (action !== OF_RECONFIG_UPDATE_PROPERTY) return NOTIFY_DONE
  if (strcmp(dn.type, 'cpu') !== 0 || strcmp(followPointer(prop).name, 'ibm,associativity') !== 0)
    return NOTIFY_DONE
  of_property_read_u32(dn, 'reg')
  return NOTIFY_OK
}

/**
 * Models `start_topology_update` (arch/powerpc/mm/numa.c, v4.18): on a partition with PRRN, registers a notifier at the
 * end of the chain. May sleep: it takes the chain's rwsem for writing.
 */
export function start_topology_update(): void {
  const state = topology()
  if (!currentMachine().config.prrn || state.prrn_enabled) return
  state.prrn_enabled = true
  of_reconfig_notifier_register(state.dt_update_nb)
}

/** Models `stop_topology_update` (arch/powerpc/mm/numa.c, v4.18): undoes `start_topology_update`. May sleep. */
export function stop_topology_update(): void {
  const state = topology()
  if (!state.prrn_enabled) return
  state.prrn_enabled = false
  of_reconfig_notifier_unregister(state.dt_update_nb)
}

/** Models the start of topology updates by `topology_update_init` (arch/powerpc/mm/numa.c, v4.18; device initcall). */
export function topology_update_init(): number {
  start_topology_update()
  return 0
}
