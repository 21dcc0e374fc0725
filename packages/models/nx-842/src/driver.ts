// SPDX-License-Identifier: GPL-2.0-only
import {
  crypto_register_alg,
  crypto_unregister_alg,
  dev_err,
  dev_set_drvdata,
  ENODEV,
  ENOMEM,
  fileScope,
  kfree,
  kzalloc,
  notifier_block,
  pr_err,
  pr_info,
  rcu_dereference,
  rcu_read_lock,
  rcu_read_unlock,
  spin_lock_irqsave,
  spin_unlock_irqrestore,
  synchronize_rcu,
  sysfs_create_group,
  sysfs_remove_group,
} from '@pfo-workbench/kernel'
import {
  of_find_compatible_node,
  of_reconfig_notifier_register,
  of_reconfig_notifier_unregister,
  type of_reconfig_data,
} from '@pfo-workbench/of'
import { vio_driver, vio_register_driver, vio_unregister_driver, type vio_dev } from '@pfo-workbench/vio'
import { nx842_attribute_group } from './attributes.ts'
import { nx842State, ibm_nx842_counters, nx842_devdata } from './devdata.ts'
import { nx842_OF_set_defaults } from './limits.ts'
import { nx842_OF_notifier, nx842_OF_upd } from './of-update.ts'

/** Variables that the kernel keeps pointers to. */
export interface Nx842Registrations {
  nx842_of_nb: notifier_block<of_reconfig_data>
  nx842_vio_driver: vio_driver
}

/** The notifier block and the driver: static variables of the module image, initialised by each load. */
export const registrations: () => Nx842Registrations = fileScope(freshRegistrations)

/** The initial values in the module's file. */
export function freshRegistrations(): Nx842Registrations {
  return {
    nx842_of_nb: new notifier_block(nx842_OF_notifier),
    nx842_vio_driver: new vio_driver({
      name: 'nx_compress_pseries',
      id_table: [{ type: 'ibm,compression-v1', compat: 'ibm,compression' }],
      probe: nx842_probe,
      remove: nx842_remove,
      get_desired_dma: nx842_get_desired_dma,
    }),
  }
}

/**
 * Models `nx842_probe` (drivers/crypto/nx/nx-842-pseries.c, v4.18). Takes no reference on the device or its node.
 *
 * An error after the new devdata is published undoes nothing: the notifier stays registered, devdata still points to
 * the device, and no later probe succeeds until the module is reloaded.
 *
 * @returns 0; -ENOMEM; -1 for a second device or if the attributes cannot be created; or the error of `nx842_OF_upd` or
 * of `crypto_register_alg`
 */
export function nx842_probe(viodev: vio_dev): number {
  const state = nx842State()
  const new_devdata = kzalloc(nx842_devdata)
  if (new_devdata === null) return -ENOMEM
  new_devdata.counters = kzalloc(ibm_nx842_counters)
  if (new_devdata.counters === null) {
    kfree(new_devdata)
    return -ENOMEM
  }

  spin_lock_irqsave(state.devdata_mutex)
  const old_devdata = rcu_dereference(state.devdata)
  if (old_devdata !== null && old_devdata.vdev !== null) {
    dev_err(viodev.dev, '%s: Attempt to register more than one instance of the hardware\n', 'nx842_probe')
    spin_unlock_irqrestore(state.devdata_mutex)
    kfree(new_devdata.counters)
    kfree(new_devdata)
    return -1
  }
  dev_set_drvdata(viodev.dev, null)
  new_devdata.vdev = viodev
  new_devdata.dev = viodev.dev
  nx842_OF_set_defaults(new_devdata)
  state.devdata = new_devdata
  spin_unlock_irqrestore(state.devdata_mutex)
  synchronize_rcu()
  kfree(old_devdata)

  of_reconfig_notifier_register(registrations().nx842_of_nb)

  const updateError = nx842_OF_upd(null)
  if (updateError !== 0) return updateError

  const algError = crypto_register_alg(state.nx842_pseries_alg)
  if (algError !== 0) {
    dev_err(viodev.dev, 'could not register comp alg: %d\n', algError)
    return algError
  }

  rcu_read_lock()
  dev_set_drvdata(viodev.dev, rcu_dereference(state.devdata))
  rcu_read_unlock()

  if (sysfs_create_group(viodev.dev.kobj, nx842_attribute_group) !== 0) {
    dev_err(viodev.dev, 'could not create sysfs device attributes\n')
    return -1
  }
  return 0
}

/**
 * Models `nx842_remove` (drivers/crypto/nx/nx-842-pseries.c, v4.18). Unregisters the notifier under a spinlock with
 * interrupts off, although the unregistration takes a sleeping lock. A call from a callback of the chain deadlocks.
 *
 * @returns always 0
 */
export function nx842_remove(viodev: vio_dev): number {
  const state = nx842State()
  pr_info('Removing IBM Power 842 compression device\n')
  sysfs_remove_group(viodev.dev.kobj, nx842_attribute_group)
  crypto_unregister_alg(state.nx842_pseries_alg)

  spin_lock_irqsave(state.devdata_mutex)
  const old_devdata = rcu_dereference(state.devdata)
  of_reconfig_notifier_unregister(registrations().nx842_of_nb)
  state.devdata = null
  spin_unlock_irqrestore(state.devdata_mutex)
  synchronize_rcu()
  dev_set_drvdata(viodev.dev, null)
  if (old_devdata !== null) kfree(old_devdata.counters)
  kfree(old_devdata)
  return 0
}

/** Models `nx842_get_desired_dma` (drivers/crypto/nx/nx-842-pseries.c, v4.18): the size in bytes. No DMA is mapped. */
function nx842_get_desired_dma(): number {
  return 0
}

/**
 * Models `nx842_pseries_init` (drivers/crypto/nx/nx-842-pseries.c, v4.18).
 *
 * References: +1 on the first "ibm,compression" node of the tree, never put.
 *
 * @returns 0; -ENODEV if there is no such node in the tree; -ENOMEM; or the error of `vio_register_driver`
 */
export function nx842_pseries_init(): number {
  const state = nx842State()
  if (of_find_compatible_node(null, null, 'ibm,compression') === null) return -ENODEV

  state.devdata = null
  const new_devdata = kzalloc(nx842_devdata)
  if (new_devdata === null) return -ENOMEM
  state.devdata = new_devdata

  const ret = vio_register_driver(registrations().nx842_vio_driver)
  if (ret !== 0) {
    pr_err('Could not register VIO driver %d\n', ret)
    // `state.devdata` is left dangling.
    kfree(new_devdata)
    return ret
  }
  return 0
}

/**
 * Models `nx842_pseries_exit` (drivers/crypto/nx/nx-842-pseries.c, v4.18): unregisters the algorithm and frees devdata
 * before it unregisters the driver, so `nx842_remove` finds neither. Leaks the counters.
 */
export function nx842_pseries_exit(): void {
  const state = nx842State()
  crypto_unregister_alg(state.nx842_pseries_alg)

  spin_lock_irqsave(state.devdata_mutex)
  const old_devdata = rcu_dereference(state.devdata)
  state.devdata = null
  spin_unlock_irqrestore(state.devdata_mutex)
  synchronize_rcu()
  if (old_devdata !== null && old_devdata.dev !== null) dev_set_drvdata(old_devdata.dev, null)
  kfree(old_devdata)
  vio_unregister_driver(registrations().nx842_vio_driver)
}
