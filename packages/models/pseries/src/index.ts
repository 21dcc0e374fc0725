// SPDX-License-Identifier: GPL-2.0-only
export { onlineProcessors, pseries_add_processor, pseries_remove_processor } from './cpus.ts'
export {
  dlpar_attach_node,
  dlpar_configure_connector,
  dlpar_detach_node,
  dlpar_free_cc_nodes,
} from './dlpar.ts'
export { dlpar_acquire_drc, dlpar_release_drc } from './drc.ts'
export { H_FUNCTION, H_VASI_STATE, plpar_hcall } from './hcall.ts'
export { dlpar_cpu, type ProcessorRequest } from './hotplug-cpu.ts'
export { MIGRATION_SCOPE, post_mobility_fixup, PRRN_SCOPE, pseries_devicetree_update } from './mobility.ts'
export { pseries_of_derive_parent } from './of-helpers.ts'
export { RTAS_DATA_BUF_SIZE, rtas_busy_delay, rtas_call, rtas_token, RTAS_UNKNOWN_SERVICE } from './rtas.ts'
export { pseriesPlatform } from './platform.ts'
