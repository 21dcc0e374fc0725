// SPDX-License-Identifier: GPL-2.0-only
import { devres, type device } from './device.ts'
import { ENOMEM } from '../../include/errno.ts'
import { kfree, kzalloc } from '../../mm/slab.ts'
import type { Allocated } from '../../mm/slab-record.ts'

/**
 * Models `devm_add_action` (drivers/base/devres.c, v4.18): registers an action that runs when the device is unbound,
 * when its probe fails or when the device is released. Actions run in reverse order of registration.
 *
 * @returns 0 or -ENOMEM
 */
export function devm_add_action(dev: device, action: () => void): number {
  const dr = kzalloc(devres)
  if (dr === null) return -ENOMEM
  dr.release = action
  dev.devres_head.push(dr)
  return 0
}

/**
 * Models `devm_kzalloc` (include/linux/device.h, v4.18): `kzalloc` of memory that is freed when the device is unbound,
 * when its probe fails or when the device is released.
 *
 * @returns null if memory is short
 */
export function devm_kzalloc<T extends Allocated>(dev: device, type: new () => T): T | null {
  const memory = kzalloc(type)
  if (memory === null) return null
  const error = devm_add_action(dev, () => {
    kfree(memory)
  })
  if (error === 0) return memory
  kfree(memory)
  return null
}

/**
 * Models `devres_release_all` (drivers/base/devres.c, v4.18): releases all managed resources, in reverse order of
 * allocation.
 */
export function devres_release_all(dev: device): void {
  const todo = dev.devres_head.splice(0).reverse()
  for (const dr of todo) {
    dr.release?.(dev)
    kfree(dr)
  }
}
