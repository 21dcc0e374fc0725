// SPDX-License-Identifier: GPL-2.0-only
import type { Subsystem } from '@pfo-workbench/kernel'
import { dlpar_sysfs_init } from './hotplug.ts'
import { mobility_sysfs_init } from './mobility.ts'
import {
  drmem_init,
  iommu_init_early_pSeries,
  pSeries_setup_arch,
  pseries_cpu_hotplug_init,
  pseries_memory_hotplug_init,
} from './notifiers.ts'
import { proc_ppc64_create_ofdt } from './reconfig.ts'
import { rng_init } from './rng.ts'
import { rtas_initialize } from './rtas.ts'
import { smp_setup_cpu_maps } from './cpus.ts'
import { topology_update_init } from './topology.ts'

/** The pseries platform for `bootMachine`; list it after `ofCore`. */
export const pseriesPlatform: Subsystem = {
  name: 'pseries',
  initcalls: [
    { level: 'setup_arch', fn: iommu_init_early_pSeries },
    { level: 'setup_arch', fn: rtas_initialize },
    { level: 'setup_arch', fn: smp_setup_cpu_maps },
    { level: 'setup_arch', fn: pSeries_setup_arch },
    { level: 'arch', fn: pseries_cpu_hotplug_init },
    { level: 'subsys', fn: rng_init },
    { level: 'device', fn: topology_update_init },
    { level: 'device', fn: dlpar_sysfs_init },
    { level: 'device', fn: mobility_sysfs_init },
    { level: 'device', fn: proc_ppc64_create_ofdt },
    { level: 'device', fn: pseries_memory_hotplug_init },
    { level: 'late', fn: drmem_init },
  ],
}
