// SPDX-License-Identifier: GPL-2.0-only
// Parts of the kernel that are absent here, and that no C of the image replaces. The assumed functions return a fixed
// value. In a real kernel, too, they take no references to nodes, do not allocate, and never sleep; exceptions say so.
import { assumed, logLevel, mightSleep, modelled, type HostFunctions } from '@pfo-workbench/machine'
import { named } from './named.ts'

const EIO = 5

/** A function that only takes a sleeping lock. It never waits, because no other code takes the lock. */
const locks = (file: string) =>
  modelled([], (machine) => {
    mightSleep(machine, file)
    return 0
  })

export const absentSubsystems: HostFunctions = {
  // There is no /dev: the thread that creates its files was not started.
  ...named(
    modelled([], () => 0),
    'devtmpfs_create_node',
    'devtmpfs_delete_node',
  ),
  // Links between drivers and modules in sysfs: there is no /sys/module. A real kernel allocates the links.
  ...named(locks('kernel/locking/mutex.c'), 'module_add_driver', 'module_remove_driver'),
  // These functions patch instructions that are not there. A real kernel stops all processors meanwhile.
  ...named(
    locks('kernel/cpu.c'),
    'setup_rfi_flush',
    'setup_barrier_nospec',
    'setup_stf_barrier',
    'setup_count_cache_flush',
    'setup_entry_flush',
    'setup_uaccess_flush',
  ),
  // Lockup detectors have nothing to detect, because time stands still.
  ...named(
    locks('kernel/locking/mutex.c'),
    'watchdog_hardlockup_set_timeout_pct',
    'watchdog_nmi_set_timeout_pct',
  ),
  ...named(
    assumed(),
    'rcu_cpu_stall_reset',
    'touch_nmi_watchdog',
    'arch_touch_nmi_watchdog',
    'touch_softlockup_watchdog',
  ),
  // Performance counters of firmware: no request is made.
  read_24x7_sys_info: locks('arch/powerpc/kernel/rtas.c'),
  // There is no interrupt controller: no device has an interrupt.
  irq_create_of_mapping: locks('kernel/locking/mutex.c'),
  irq_dispose_mapping: modelled([], () => undefined),
  // No memory is added or removed, so nothing is ever notified.
  register_memory_notifier: locks('kernel/locking/rwsem.c'),
  ...named(assumed(), 'slb_set_size', 'swiotlb_dev_init', 'set_pci_dma_ops'),
  // No file of sysfs has extended attributes, and user space watches none.
  ...named(assumed(), 'fsnotify', 'simple_xattrs_init', 'simple_xattrs_free'),
  // No file system is ever mounted. The lock of the list of file systems is held for a moment.
  register_filesystem: modelled([], () => 0),
  capable: assumed(1),
  // No message is suppressed: these functions decide whether a message may be printed.
  ...named(assumed(1), '___ratelimit', '__printk_ratelimit'),
  // There is no PCI: the allocation of a host bridge returns NULL.
  ...named(assumed(), 'pcibios_alloc_controller', 'of_pci_check_probe_only'),
  // User space has no coprocessors. A real kernel allocates a device where firmware offers some.
  h_query_vas_capabilities: assumed(-EIO),
  ...named(assumed(), 'vas_migration_handler', 'vas_register_api_pseries', 'vas_unregister_api_pseries'),
  // A pipe to the management console, since v6.18. Firmware offers none, so a migration only prints a message.
  hvpipe_migration_handler: modelled(['s32'], (machine, action) => {
    machine.journal.print(logLevel.info, `papr-hvpipe: hvpipe migration event ${String(action)}`)
  }),
  // Descriptions of caches in sysfs. A real kernel takes references to the nodes of caches.
  ...named(assumed(), 'cacheinfo_teardown', 'cacheinfo_rebuild'),
}
