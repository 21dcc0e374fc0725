// SPDX-License-Identifier: GPL-2.0-only
import type { ContractFileInput, FunctionContract } from './schema.ts'

function each(names: string, contract: FunctionContract): Record<string, FunctionContract> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, contract]))
}

/**
 * Functions without a class. Printing and locking functions keep no pointer. Functions that register a cleanup take
 * over a reference. Freeing functions end the lifetime of an object.
 */
export const neutralContracts: ContractFileInput = {
  schemaVersion: 1,
  functions: {
    ...each(
      `_printk printk vprintk _dev_printk _dev_emerg _dev_alert _dev_crit _dev_err _dev_warn _dev_notice _dev_info
       __dynamic_pr_debug __dynamic_dev_dbg printk_deferred snprintf sprintf scnprintf seq_printf seq_puts
       __warn_printk warn_slowpath_fmt udbg_printf strcmp strncmp strlen strcasecmp strncasecmp strstr strchr
       memcmp __might_sleep __might_resched __might_fault
       _raw_spin_lock _raw_spin_unlock _raw_spin_lock_irq _raw_spin_unlock_irq _raw_spin_lock_irqsave
       _raw_spin_unlock_irqrestore _raw_spin_lock_bh _raw_spin_unlock_bh mutex_lock mutex_unlock
       mutex_lock_nested __mutex_init _raw_read_lock _raw_read_unlock _raw_write_lock _raw_write_unlock
       spin_lock spin_unlock spin_lock_irq spin_unlock_irq spin_lock_bh spin_unlock_bh spin_unlock_irqrestore
       raw_spin_lock raw_spin_unlock mmiowb_set_pending mmiowb_spin_lock mmiowb_spin_unlock
       out_8 out_be16 out_le16 out_be32 out_le32 out_be64 out_le64 in_8 in_be16 in_le16 in_be32 in_le32
       writeb writew writel writeq readb readw readl readq __raw_writeb __raw_writew __raw_writel __raw_readb
       __raw_readw __raw_readl writel_relaxed readl_relaxed iowrite8 iowrite16 iowrite32 iowrite32be ioread8
       ioread16 ioread32 ioread32be outb outw outl inb inw inl
       atomic_read atomic_set atomic_inc atomic_dec atomic_add atomic_sub refcount_read refcount_set
       local_irq_save local_irq_restore arch_local_irq_restore arch_local_irq_save preempt_count_add
       preempt_count_sub cpu_relax
       __raw_spin_lock_init __init_waitqueue_head __init_swait_queue_head fortify_panic msleep usleep_range __udelay udelay`,
      {},
    ),
    ...each(
      '__list_add_valid __list_del_entry_valid __list_add_valid_or_report __list_del_entry_valid_or_report',
      {
        returns: { constant: 1 },
      },
    ),
    dev_err_probe: { returns: { argument: 1 } },
    ...each('devm_add_action __devm_add_action', { returns: 'errno', onSuccess: { handsOver: [2] } }),
    ...each('panic do_exit make_task_dead __bug rtas_os_term machine_restart', { noReturn: true }),
    ...each('kfree kvfree vfree kfree_sensitive kzfree', { frees: [0] }),
    kmem_cache_free: { frees: [1] },
    // kfree_rcu(): the first argument is the rcu_head in the object or NULL, the second one the object (since 6.5).
    ...each('kfree_call_rcu kvfree_call_rcu', { frees: [0, 1] }),
  },
}
