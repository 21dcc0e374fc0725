// SPDX-License-Identifier: GPL-2.0-only
import { followPointer } from '../c/pointer.ts'
import { EEXIST, ENOENT, ENOMEM } from '../include/errno.ts'
import { down_write, rw_semaphore, up_write } from '../kernel/locking/locks.ts'
import { emitEvent, fileScope } from '../machine/machine.ts'
import { module_put, try_module_get, type Module } from '../kernel/module.ts'
import { BUG_ON } from '../kernel/oops.ts'
import { mayAllocate } from '../mm/slab.ts'

/** `struct crypto_alg` (include/linux/crypto.h), as far as registration goes. */
export class crypto_alg {
  readonly cra_name: string
  readonly cra_driver_name: string
  readonly cra_priority: number
  /** 1 while registered; +1 for each transform in use. */
  cra_refcnt = 0
  /**
   * Where it stands in the list of algorithms: there (`linked`), taken out (`empty`, a list head that points to itself), or, as
   * the static structs of drivers are before they are registered, null: a list head that nobody initialised.
   */
  cra_list: 'linked' | 'empty' | null = null
  /** The module that its code is in; null for the kernel itself. */
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
 * Models `crypto_register_alg` (crypto/algapi.c, v4.18). That the algorithm is in use is forgotten, also when it is
 * registered already: it counts as unused before anybody looks for it in the list.
 *
 * @returns 0; -ENOMEM; -EEXIST if it is registered already, or if its driver name is the name of another algorithm or the other
 *   way round. Two may have the same driver name.
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

/** Models `__crypto_register_alg` (crypto/algapi.c, v4.18), `crypto_alg_sem` held: it needs memory for the time of the test. */
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

/** `prev` of a `struct list_head`, in bytes from its start. */
const OFFSET_OF_PREV = 8

/**
 * Models `crypto_remove_alg` (crypto/algapi.c, v4.18): takes the algorithm out of the list. One that was never in it looks like
 * one that is, and its list head leads nowhere.
 *
 * @returns 0, or -ENOENT for one that was taken out before
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
 * Models `crypto_unregister_alg` (crypto/algapi.c, v4.18). BUG while in use; an Oops, with `crypto_alg_sem` held, for an algorithm
 * that was never registered.
 *
 * @returns 0; silently -ENOENT if it is not registered any more
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
 * Models `crypto_alloc_tfm` (crypto/api.c, v4.18): takes a transform of a registered algorithm, as a user of the crypto
 * API does: +1 on the algorithm and on its module.
 *
 * @returns the algorithm, for `crypto_free_tfm`; null if there is none, or its module is about to leave
 */
export function crypto_alloc_tfm(driverName: string): crypto_alg | null {
  const alg = crypto().crypto_alg_list.find((one) => one.cra_driver_name === driverName) ?? null
  if (alg === null || !try_module_get(alg.cra_module)) return null
  alg.cra_refcnt++
  return alg
}

/** Models `crypto_free_tfm` (include/linux/crypto.h, v4.18): gives a transform back. */
export function crypto_free_tfm(alg: crypto_alg): void {
  alg.cra_refcnt--
  module_put(alg.cra_module)
}

/** Driver names of the algorithms that are registered now, for inspection. */
export function registeredAlgorithms(): string[] {
  return crypto().crypto_alg_list.map((alg) => alg.cra_driver_name)
}
