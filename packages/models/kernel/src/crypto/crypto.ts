// SPDX-License-Identifier: GPL-2.0-only
import { EEXIST, ENOENT } from '../include/errno.ts'
import { emitEvent, fileScope } from '../machine/machine.ts'
import { module_put, try_module_get, type Module } from '../kernel/module.ts'
import { BUG_ON } from '../kernel/oops.ts'

/** `struct crypto_alg` (include/linux/crypto.h), as far as registration goes. */
export class crypto_alg {
  readonly cra_name: string
  readonly cra_driver_name: string
  readonly cra_priority: number
  /** 1 while registered; +1 for each transform in use. */
  cra_refcnt = 0
  /** The module that its code is in; null for the kernel itself. */
  cra_module: Module | null = null

  constructor(name: string, driverName: string, priority: number) {
    this.cra_name = name
    this.cra_driver_name = driverName
    this.cra_priority = priority
  }
}

const crypto = fileScope(() => ({ crypto_alg_list: [] as crypto_alg[] }))

/**
 * Models `crypto_register_alg` (crypto/algapi.c, v4.18). That the algorithm is in use is forgotten, also when it is
 * registered already: it counts as unused before anybody looks for it in the list.
 *
 * @returns 0; -EEXIST if it is registered already, or if its driver name is the name of another algorithm or the other way
 *   round. Two may have the same driver name.
 */
export function crypto_register_alg(alg: crypto_alg): number {
  const { crypto_alg_list } = crypto()
  alg.cra_refcnt = 1
  if (crypto_alg_list.some((other) => other === alg || isMistakenFor(other, alg))) return -EEXIST
  crypto_alg_list.push(alg)
  emitEvent('service.register', { service: 'crypto', name: alg.cra_driver_name })
  return 0
}

function isMistakenFor(a: crypto_alg, b: crypto_alg): boolean {
  return a.cra_driver_name === b.cra_name || a.cra_name === b.cra_driver_name
}

/** Models `crypto_unregister_alg` (crypto/algapi.c, v4.18): 0; silently -ENOENT if not registered; BUG while in use. */
export function crypto_unregister_alg(alg: crypto_alg): number {
  const { crypto_alg_list } = crypto()
  const index = crypto_alg_list.indexOf(alg)
  if (index < 0) return -ENOENT
  crypto_alg_list.splice(index, 1)
  BUG_ON(alg.cra_refcnt !== 1, 'crypto/algapi.c:405')
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
