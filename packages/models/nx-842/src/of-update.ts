// SPDX-License-Identifier: GPL-2.0-only
import {
  dev_err,
  dev_info,
  dev_set_drvdata,
  EINVAL,
  ENODEV,
  ENOMEM,
  followPointer,
  kfree,
  kzalloc,
  NOTIFY_OK,
  pr_err,
  rcu_dereference,
  rcu_read_lock,
  rcu_read_unlock,
  spin_lock_irqsave,
  spin_unlock_irqrestore,
  strcmp,
  strncmp,
  synchronize_rcu,
  type notifier_block,
  type property,
} from '@pfo-workbench/kernel'
import { of_find_property, OF_RECONFIG_UPDATE_PROPERTY, type of_reconfig_data } from '@pfo-workbench/of'
import { nx842State, nx842_devdata } from './devdata.ts'
import {
  nx842_OF_set_defaults,
  nx842_OF_upd_maxsglen,
  nx842_OF_upd_maxsyncop,
  nx842_OF_upd_status,
} from './limits.ts'

/** `memcpy` from one devdata to another. */
function copyDevdata(to: nx842_devdata, from: nx842_devdata): void {
  to.vdev = from.vdev
  to.dev = from.dev
  to.counters = from.counters
  to.max_sg_len = from.max_sg_len
  to.max_sync_size = from.max_sync_size
  to.max_sync_sg = from.max_sync_sg
}

const knownProperties = ['status', 'ibm,max-sg-len', 'ibm,max-sync-cop']

/**
 * Returns whether the driver ignores a changed property. As in the kernel, the driver accepts a property only if its
 * name equals *all* known names, compared over the length of the property's *value*. So it ignores every property whose
 * value is not empty.
 */
function isRefused(prop: property): boolean {
  const name = followPointer(prop.name)
  return knownProperties.some((known) => strncmp(name, known, prop.length) !== 0)
}

/**
 * Reads the limits from the bound device's node into `new_devdata`. Returns 0, or the error that disables the device.
 * If the node has all three properties and `new_prop` is ignored, returns 0 and leaves the limits unchanged.
 */
function readLimits(
  new_devdata: nx842_devdata,
  old_devdata: nx842_devdata,
  new_prop: property | null,
): number {
  const of_node = followPointer(old_devdata.dev).of_node
  const status = of_find_property(of_node, 'status')
  const maxsglen = of_find_property(of_node, 'ibm,max-sg-len')
  const maxsyncop = of_find_property(of_node, 'ibm,max-sync-cop')
  if (status === null || maxsglen === null || maxsyncop === null) {
    dev_err(followPointer(old_devdata.dev), '%s: Could not locate device properties\n', 'nx842_OF_upd')
    return -EINVAL
  }
  if (new_prop !== null && isRefused(new_prop)) return 0
  const statusError = nx842_OF_upd_status(status)
  if (statusError !== 0) return statusError
  const sgError = nx842_OF_upd_maxsglen(new_devdata, maxsglen)
  if (sgError !== 0) return sgError
  return nx842_OF_upd_maxsyncop(new_devdata, maxsyncop)
}

/** Logs the old and new limits. */
function reportLimits(new_devdata: nx842_devdata, old_devdata: nx842_devdata): void {
  const dev = followPointer(old_devdata.dev)
  for (const limit of ['max_sync_size', 'max_sync_sg', 'max_sg_len'] as const) {
    dev_info(dev, `%s: ${limit} new:%u old:%u\n`, 'nx842_OF_upd', new_devdata[limit], old_devdata[limit])
  }
}

/**
 * Models `nx842_OF_upd` (drivers/crypto/nx/nx-842-pseries.c, v4.18): reads the limits of the device and publishes them.
 * It reads the node of the bound device and never the value of `new_prop`: for a stale device it reads the old node.
 *
 * Takes `devdata_mutex` with interrupts off, and waits for RCU readers after the unlock. Takes no reference.
 *
 * @param new_prop - the changed property, or NULL when called from probe
 * @returns 0, even if the property was ignored; -ENOMEM; -ENODEV without a device or a node, or if the status is
 * "disabled"; -EINVAL for missing or invalid properties. A "disabled" status and -EINVAL disable the device: its limits
 * become 0
 */
export function nx842_OF_upd(new_prop: property | null): number {
  const state = nx842State()
  const new_devdata = kzalloc(nx842_devdata)
  if (new_devdata === null) return -ENOMEM

  spin_lock_irqsave(state.devdata_mutex)
  const old_devdata = rcu_dereference(state.devdata)
  const of_node = old_devdata === null ? null : followPointer(old_devdata.dev).of_node
  if (old_devdata === null || of_node === null) {
    pr_err('%s: device is not available\n', 'nx842_OF_upd')
    spin_unlock_irqrestore(state.devdata_mutex)
    kfree(new_devdata)
    return -ENODEV
  }

  copyDevdata(new_devdata, old_devdata)
  const ret = readLimits(new_devdata, old_devdata, new_prop)
  if (ret === 0) {
    reportLimits(new_devdata, old_devdata)
  } else {
    dev_info(followPointer(old_devdata.dev), '%s: device disabled\n', 'nx842_OF_upd')
    nx842_OF_set_defaults(new_devdata)
  }
  state.devdata = new_devdata
  spin_unlock_irqrestore(state.devdata_mutex)
  synchronize_rcu()
  dev_set_drvdata(followPointer(new_devdata.dev), new_devdata)
  kfree(old_devdata)
  return ret
}

/**
 * Models `nx842_OF_notifier` (drivers/crypto/nx/nx-842-pseries.c, v4.18): handles a changed property of a node with the
 * *name* of the bound device's node. Ignores attach, detach, added and removed properties. It dereferences the bound
 * device for every event, and the node of the device for every updated property, without a reference.
 *
 * @returns always NOTIFY_OK
 */
export function nx842_OF_notifier(
  _np: notifier_block<of_reconfig_data>,
  action: number,
  upd: of_reconfig_data,
): number {
  rcu_read_lock()
  const local_devdata = rcu_dereference(nx842State().devdata)
  const node = local_devdata === null ? null : followPointer(local_devdata.dev).of_node
  const concerned =
    local_devdata !== null &&
    action === OF_RECONFIG_UPDATE_PROPERTY &&
    strcmp(followPointer(upd.dn.name), followPointer(followPointer(node).name)) === 0
  rcu_read_unlock()
  if (concerned) nx842_OF_upd(upd.prop)
  return NOTIFY_OK
}
