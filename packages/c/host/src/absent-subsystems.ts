// SPDX-License-Identifier: GPL-2.0-only
// Parts of the kernel that are absent here. Their functions return a fixed value and do nothing else. None of them takes
// or drops a reference to a node. In a real kernel some take locks of their own or allocate memory (sysctl, debugfs,
// network namespaces, runtime power management), which no finding here shows.
import { assumed, type HostFunctions } from '@pfo-workbench/machine'
import { named } from './named.ts'

const ENODEV = 19

export const absentSubsystems: HostFunctions = {
  // Power management, devtmpfs, software nodes: empty functions in a configuration without them.
  ...named(
    assumed(),
    'device_pm_add',
    'device_pm_remove',
    'device_pm_move_to_tail',
    'device_pm_check_callbacks',
    'pm_runtime_init',
    'pm_runtime_remove',
    'pm_runtime_reinit',
    'pm_runtime_get_suppliers',
    'pm_runtime_put_suppliers',
    'pm_runtime_clean_up_links',
    'pm_runtime_drop_link',
    'pm_runtime_new_link',
    'pm_runtime_barrier',
    'pm_runtime_enable',
    '__pm_runtime_disable',
    '__pm_runtime_idle',
    '__pm_runtime_resume',
    '__pm_runtime_suspend',
    '__pm_runtime_set_status',
    'device_pm_sleep_init',
    'device_pm_move_before',
    'device_pm_move_after',
    'device_pm_move_last',
    'device_wakeup_disable',
    'dev_pm_qos_constraints_destroy',
    'pm_wakeup_source_sysfs_add',
    'devtmpfs_create_node',
    'devtmpfs_delete_node',
    'software_node_notify',
    'software_node_notify_remove',
  ),
  // Files of debugfs and sysctl, and network namespaces. Without debugfs, kernels return this error.
  ...named(
    assumed(-ENODEV),
    'debugfs_create_dir',
    'debugfs_create_file',
    'debugfs_create_u32',
    'debugfs_create_u64',
    'debugfs_create_atomic_t',
  ),
  ...named(
    assumed(),
    'debugfs_remove',
    'debugfs_remove_recursive',
    'register_sysctl',
    'register_sysctl_sz',
    'register_sysctl_table',
    '__register_sysctl_init',
    'register_pernet_subsys',
  ),
  // Links between drivers and modules in sysfs: there is no /sys/module.
  ...named(assumed(), 'module_add_driver', 'module_remove_driver'),
  // Memory and caches do not change.
  ...named(
    assumed(),
    'cacheinfo_cpu_offline',
    'cacheinfo_cpu_online',
    'cacheinfo_teardown',
    'cacheinfo_rebuild',
    'pseries_setup_security_mitigations',
    'setup_rfi_flush',
    'setup_barrier_nospec',
    'setup_stf_barrier',
    'setup_count_cache_flush',
    'setup_entry_flush',
    'setup_uaccess_flush',
    'vas_migration_handler',
    'read_24x7_sys_info',
    'slb_set_size',
    'stop_topology_update',
    'start_topology_update',
    'memblock_mark_hotplug',
    'memblock_add',
    'memblock_reserve',
    'memblock_cap_memory_range',
    '__cpuhp_setup_state',
    '__cpuhp_remove_state',
  ),
  // Lockup detectors: time stands still.
  ...named(
    assumed(),
    'rcu_cpu_stall_reset',
    'touch_nmi_watchdog',
    'arch_touch_nmi_watchdog',
    'touch_softlockup_watchdog',
    'watchdog_hardlockup_set_timeout_pct',
    'watchdog_nmi_set_timeout_pct',
  ),
  // Parts of the boot whose effects nothing looks at.
  ...named(
    assumed(),
    'register_filesystem',
    'add_bootloader_randomness',
    'add_preferred_console',
    'add_device_randomness',
    'fdt_scan_reserved_mem_reg_nodes',
    'swiotlb_dev_init',
    'wait_for_device_probe',
    'driver_deferred_probe_check_state',
  ),
  // Files that user space has open.
  ...named(assumed(), 'fsnotify', 'unmap_mapping_range', 'simple_xattrs_init', 'simple_xattrs_free'),
  capable: assumed(1),
  ___ratelimit: assumed(1),
  __printk_ratelimit: assumed(1),
  // There is no PCI: no memory for a host bridge.
  ...named(assumed(), 'pcibios_alloc_controller', 'of_pci_check_probe_only'),
  // There is no interrupt controller: no device has an interrupt.
  ...named(assumed(), 'irq_create_of_mapping', 'irq_dispose_mapping'),
  // The hypervisor offers no coprocessors to user space.
  ...named(assumed(-ENODEV), 'h_query_vas_capabilities'),
  ...named(assumed(), 'vas_register_api_pseries', 'vas_unregister_api_pseries'),
  crc32_be: assumed(1),
}
