// SPDX-License-Identifier: GPL-2.0-only
import { followPointer } from '../c/pointer.ts'
import { EEXIST, ENOENT, ENOMEM } from '../include/errno.ts'
import { down_write, rw_semaphore, up_write } from '../kernel/locking/locks.ts'
import { emitEvent, fileScope } from '../machine/machine.ts'
import { module_put, try_module_get, type Module } from '../kernel/module.ts'
import { BUG_ON } from '../kernel/oops.ts'
import { mayAllocate } from '../mm/slab.ts'

/** `struct crypto_alg` (include/linux/crypto.h), limited to the fields that registration uses. */
export class crypto_alg {
  readonly cra_name: string
  readonly cra_driver_name: string
  readonly cra_priority: number
  /** Set to 1 by registration; +1 for each transform in use. */
  cra_refcnt = 0
  /**
   * State of the list head: `linked` while the algorithm is in the list of algorithms, `empty` after its removal (the
   * list head points to itself), null before its first registration (the list head in the driver's static struct is
   * uninitialized).
   */
  cra_list: 'linked' | 'empty' | null = null
  /** The module that contains its code; null for built-in code. */
  cra_module: Module | null = null

  constructor(name: string, driverName: string, priority: number) {
    this.cra_name = name
    this.cra_driver_name = driverName
    this.cra_priority = priority
  }
}

const crypto = fileScope(() => ({
  crypto_alg_list: [] as crypto_alg[],
  crypto_alg_sem: new rw_semaphore('crypto_alg_sem'),
}))

/**
 * Models `crypto_register_alg` (crypto/algapi.c, v4.18). Resets the use count before the search for duplicates. A
 * second registration of an algorithm that is in use therefore fails and still loses the count of its users.
 *
 * @returns 0; -ENOMEM if memory is short; -EEXIST if the algorithm is already registered, if its driver name is the
 *   name of another algorithm, or if its name is the driver name of another one. Two algorithms may have the same
 *   driver name.
 */
export function crypto_register_alg(alg: crypto_alg): number {
  const { crypto_alg_sem } = crypto()
  down_write(crypto_alg_sem)
  alg.cra_refcnt = 1
  const error = __crypto_register_alg(alg)
  up_write(crypto_alg_sem)
  if (error !== 0) return error
  emitEvent('service.register', { service: 'crypto', name: alg.cra_driver_name })
  return 0
}

/**
 * Models `__crypto_register_alg` (crypto/algapi.c, v4.18). The caller holds `crypto_alg_sem`. The kernel allocates a
 * `crypto_larval` for the test of the algorithm; here, only the sleep check and the failure of that allocation are
 * modelled.
 */
function __crypto_register_alg(alg: crypto_alg): number {
  const { crypto_alg_list } = crypto()
  if (crypto_alg_list.some((other) => other === alg || isMistakenFor(other, alg))) return -EEXIST
  if (!mayAllocate('crypto_larval')) return -ENOMEM
  alg.cra_list = 'linked'
  crypto_alg_list.push(alg)
  return 0
}

function isMistakenFor(a: crypto_alg, b: crypto_alg): boolean {
  return a.cra_driver_name === b.cra_name || a.cra_name === b.cra_driver_name
}

/** Offset of `prev` in `struct list_head`, in bytes. */
const OFFSET_OF_PREV = 8

/**
 * Models `crypto_remove_alg` (crypto/algapi.c, v4.18): removes the algorithm from the list. The check cannot tell an
 * algorithm that was never registered from a registered one, so the removal dereferences an uninitialized list head.
 *
 * @returns 0, or -ENOENT if the algorithm was already removed
 */
function crypto_remove_alg(alg: crypto_alg): number {
  if (alg.cra_list === 'empty') return -ENOENT
  followPointer(alg.cra_list, OFFSET_OF_PREV)
  const { crypto_alg_list } = crypto()
  crypto_alg_list.splice(crypto_alg_list.indexOf(alg), 1)
  alg.cra_list = 'empty'
  return 0
}

/**
 * Models `crypto_unregister_alg` (crypto/algapi.c, v4.18). If the algorithm is in use, removes it and then hits `BUG`.
 * Oops, with `crypto_alg_sem` held, if it was never registered.
 *
 * @returns 0; -ENOENT, without a message, if the algorithm is no longer registered
 */
export function crypto_unregister_alg(alg: crypto_alg): number {
  const { crypto_alg_sem } = crypto()
  down_write(crypto_alg_sem)
  const ret = crypto_remove_alg(alg)
  up_write(crypto_alg_sem)
  if (ret !== 0) return ret
  BUG_ON(alg.cra_refcnt !== 1, 'crypto/algapi.c:422')
  emitEvent('service.unregister', { service: 'crypto', name: alg.cra_driver_name })
  return 0
}

/**
 * Models `crypto_alloc_tfm` (crypto/api.c, v4.18): a user of the crypto API allocates a transform of a registered
 * algorithm. Takes a reference on the algorithm and one on its module.
 *
 * @returns the algorithm, for `crypto_free_tfm`; null if no algorithm has this driver name, or if its module is not
 *   loaded or is going away
 */
export function crypto_alloc_tfm(driverName: string): crypto_alg | null {
  const alg = crypto().crypto_alg_list.find((one) => one.cra_driver_name === driverName) ?? null
  if (alg === null || !try_module_get(alg.cra_module)) return null
  alg.cra_refcnt++
  return alg
}

/** Models `crypto_free_tfm` (include/linux/crypto.h, v4.18): frees a transform and drops its references. */
export function crypto_free_tfm(alg: crypto_alg): void {
  alg.cra_refcnt--
  module_put(alg.cra_module)
}

/** Driver names of the registered algorithms. For inspection. */
export function registeredAlgorithms(): string[] {
  return crypto().crypto_alg_list.map((alg) => alg.cra_driver_name)
}
