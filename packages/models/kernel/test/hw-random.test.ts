// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { currentRng, EEXIST, hwrng, hwrng_register, hwrng_unregister } from '../src/index.ts'
import { boot, run } from './support.ts'

describe('random number generators', () => {
  it('are used in order of registration; the next takes over', () => {
    const machine = boot()
    const [first, second] = [new hwrng('pseries_rng'), new hwrng('virtio')]
    run(machine, () => {
      expect([hwrng_register(first), hwrng_register(second)]).toEqual([0, 0])
      expect(hwrng_register(new hwrng('virtio'))).toBe(-EEXIST)
      expect(currentRng()).toBe('pseries_rng')
      hwrng_unregister(first)
      expect(currentRng()).toBe('virtio')
      hwrng_unregister(second)
      hwrng_unregister(second)
      expect(currentRng()).toBeNull()
    })
  })

  it('that were not current leave the current one alone', () => {
    const machine = boot()
    const [first, second] = [new hwrng('a'), new hwrng('b')]
    run(machine, () => {
      hwrng_register(first)
      hwrng_register(second)
      hwrng_unregister(second)
      expect(currentRng()).toBe('a')
    })
  })
})
