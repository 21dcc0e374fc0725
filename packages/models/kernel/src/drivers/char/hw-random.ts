// SPDX-License-Identifier: GPL-2.0-only
import { EEXIST } from '../../include/errno.ts'
import { emitEvent, fileScope } from '../../machine/machine.ts'

/** `struct hwrng` (include/linux/hw_random.h, v4.18). */
export class hwrng {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

const hw_random = fileScope(() => ({ rng_list: [] as hwrng[], current_rng: null as hwrng | null }))

/**
 * Models `hwrng_register` (drivers/char/hw_random/core.c, v4.18): 0, or -EEXIST for a name that is taken. The first one
 * registered becomes the current one.
 */
export function hwrng_register(rng: hwrng): number {
  const state = hw_random()
  if (state.rng_list.some((other) => other.name === rng.name)) return -EEXIST
  state.rng_list.push(rng)
  state.current_rng ??= rng
  emitEvent('service.register', { service: 'hwrng', name: rng.name })
  return 0
}

/** Models `hwrng_unregister` (drivers/char/hw_random/core.c, v4.18): the next in the list becomes current, or none. */
export function hwrng_unregister(rng: hwrng): void {
  const state = hw_random()
  const index = state.rng_list.indexOf(rng)
  if (index >= 0) state.rng_list.splice(index, 1)
  if (state.current_rng === rng) state.current_rng = state.rng_list[0] ?? null
  emitEvent('service.unregister', { service: 'hwrng', name: rng.name })
}

/** The name of the generator that is used now, for inspection; null if there is none. */
export function currentRng(): string | null {
  return hw_random().current_rng?.name ?? null
}
