// SPDX-License-Identifier: GPL-2.0-only
import { followPointer } from '../../c/pointer.ts'
import { EEXIST } from '../../include/errno.ts'
import { mutex, mutex_lock, mutex_unlock } from '../../kernel/locking/locks.ts'
import { oops } from '../../kernel/oops.ts'
import { emitEvent, fileScope } from '../../machine/machine.ts'

/** `struct hwrng` (include/linux/hw_random.h, v4.18). */
export class hwrng {
  readonly name: string
  /**
   * Where it stands in the list of generators: there (`linked`), taken out (`poisoned`), or, as static structs are before they are
   * registered, null.
   */
  list: 'linked' | 'poisoned' | null = null
  constructor(name: string) {
    this.name = name
  }
}

const hw_random = fileScope(() => ({
  rng_list: [] as hwrng[],
  current_rng: null as hwrng | null,
  rng_mutex: new mutex('rng_mutex', { fleeting: true }),
}))

/**
 * Models `hwrng_register` (drivers/char/hw_random/core.c, v4.18): 0, or -EEXIST for a name that is taken. The first one
 * registered becomes the current one. May sleep.
 */
export function hwrng_register(rng: hwrng): number {
  const state = hw_random()
  mutex_lock(state.rng_mutex)
  const isTaken = state.rng_list.some((other) => other.name === rng.name)
  if (!isTaken) {
    rng.list = 'linked'
    state.rng_list.push(rng)
    state.current_rng ??= rng
  }
  mutex_unlock(state.rng_mutex)
  if (isTaken) return -EEXIST
  emitEvent('service.register', { service: 'hwrng', name: rng.name })
  return 0
}

/** `prev` of a `struct list_head`, in bytes from its start. */
const OFFSET_OF_PREV = 8

/**
 * Models `hwrng_unregister` (drivers/char/hw_random/core.c, v4.18): the next in the list becomes current, or none. May sleep. One
 * that is not registered is an Oops, with `rng_mutex` held: its place in the list leads nowhere.
 */
export function hwrng_unregister(rng: hwrng): void {
  const state = hw_random()
  mutex_lock(state.rng_mutex)
  if (rng.list === 'poisoned') {
    oops('Unable to handle kernel paging request for data at address 0x5deadbeef0000108')
  }
  followPointer(rng.list, OFFSET_OF_PREV)
  rng.list = 'poisoned'
  state.rng_list.splice(state.rng_list.indexOf(rng), 1)
  if (state.current_rng === rng) state.current_rng = state.rng_list[0] ?? null
  mutex_unlock(state.rng_mutex)
  emitEvent('service.unregister', { service: 'hwrng', name: rng.name })
}

/** The name of the generator that is used now, for inspection; null if there is none. */
export function currentRng(): string | null {
  return hw_random().current_rng?.name ?? null
}
