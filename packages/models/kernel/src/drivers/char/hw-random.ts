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
   * State of the list head: `linked` while the generator is in the list of generators, `poisoned` after its removal,
   * null before its first registration (the list head in the driver's static struct is uninitialized).
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
 * Models `hwrng_register` (drivers/char/hw_random/core.c, v4.18). Returns 0, or -EEXIST if the name is taken. If there
 * is no current generator, the new generator becomes current. All generators have the same quality. May sleep.
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

/** Offset of `prev` in `struct list_head`, in bytes. */
const OFFSET_OF_PREV = 8

/**
 * Models `hwrng_unregister` (drivers/char/hw_random/core.c, v4.18). If the generator was current, the first generator
 * that is left in the list becomes current; if the list is empty, none. May sleep. Oops, with `rng_mutex` held, if the
 * generator is not registered: the removal dereferences an invalid list pointer.
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

/** Name of the current generator, or null. For inspection. */
export function currentRng(): string | null {
  return hw_random().current_rng?.name ?? null
}
