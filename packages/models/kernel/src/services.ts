// SPDX-License-Identifier: GPL-2.0-only
import { EEXIST, ENOENT } from './errno.ts'
import { emitEvent, fileScope } from './machine.ts'
import { module_put, try_module_get, type Module } from './module.ts'
import { BUG_ON } from './oops.ts'

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

/** `struct hwrng` (include/linux/hw_random.h). */
export class hwrng {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

const services = fileScope(() => ({
  crypto_alg_list: [] as crypto_alg[],
  rng_list: [] as hwrng[],
  current_rng: null as hwrng | null,
}))

/** Models `crypto_register_alg` (crypto/algapi.c, v4.18): 0, or -EEXIST for a driver name that is taken. */
export function crypto_register_alg(alg: crypto_alg): number {
  const { crypto_alg_list } = services()
  if (crypto_alg_list.some((other) => other.cra_driver_name === alg.cra_driver_name)) return -EEXIST
  crypto_alg_list.push(alg)
  alg.cra_refcnt = 1
  emitEvent('service.register', { service: 'crypto', name: alg.cra_driver_name })
  return 0
}

/** Models `crypto_unregister_alg` (crypto/algapi.c, v4.18): 0; silently -ENOENT if not registered; BUG while in use. */
export function crypto_unregister_alg(alg: crypto_alg): number {
  const { crypto_alg_list } = services()
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
  const alg = services().crypto_alg_list.find((one) => one.cra_driver_name === driverName) ?? null
  if (alg === null || !try_module_get(alg.cra_module)) return null
  alg.cra_refcnt++
  return alg
}

/** Models `crypto_free_tfm` (include/linux/crypto.h, v4.18): gives a transform back. */
export function crypto_free_tfm(alg: crypto_alg): void {
  alg.cra_refcnt--
  module_put(alg.cra_module)
}

/**
 * Models `hwrng_register` (drivers/char/hw_random/core.c, v4.18): 0, or -EEXIST for a name that is taken. The first one
 * registered becomes the current one.
 */
export function hwrng_register(rng: hwrng): number {
  const state = services()
  if (state.rng_list.some((other) => other.name === rng.name)) return -EEXIST
  state.rng_list.push(rng)
  state.current_rng ??= rng
  emitEvent('service.register', { service: 'hwrng', name: rng.name })
  return 0
}

/** Models `hwrng_unregister` (drivers/char/hw_random/core.c, v4.18): the next in the list becomes current, or none. */
export function hwrng_unregister(rng: hwrng): void {
  const state = services()
  const index = state.rng_list.indexOf(rng)
  if (index >= 0) state.rng_list.splice(index, 1)
  if (state.current_rng === rng) state.current_rng = state.rng_list[0] ?? null
  emitEvent('service.unregister', { service: 'hwrng', name: rng.name })
}

/** What is registered now, for inspection. */
export function registeredServices(): { crypto: readonly string[]; hwrng: string | null } {
  const { crypto_alg_list, current_rng } = services()
  return { crypto: crypto_alg_list.map((alg) => alg.cra_driver_name), hwrng: current_rng?.name ?? null }
}
