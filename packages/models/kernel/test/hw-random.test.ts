// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import { currentRng, EEXIST, hwrng, hwrng_register, hwrng_unregister } from '../src/index.ts'
import { run } from '../src/testing.ts'
import { boot, it } from './support.ts'

describe('random number generators', () => {
  it('are used in order of registration; when the current one leaves, the next takes over', ({ machine }) => {
    const [first, second] = [new hwrng('pseries_rng'), new hwrng('virtio')]
    run(machine, () => {
      expect([hwrng_register(first), hwrng_register(second)]).toEqual([0, 0])
      expect(hwrng_register(new hwrng('virtio'))).toBe(-EEXIST)
      expect(currentRng()).toBe('pseries_rng')
      hwrng_unregister(first)
      expect(currentRng()).toBe('virtio')
      hwrng_unregister(second)
      expect(currentRng()).toBeNull()
    })
  })

  it('that are not current do not affect the current one when unregistered', ({ machine }) => {
    const [first, second] = [new hwrng('a'), new hwrng('b')]
    run(machine, () => {
      hwrng_register(first)
      hwrng_register(second)
      hwrng_unregister(second)
      expect(currentRng()).toBe('a')
    })
  })

  it('cause an Oops if unregistered twice or without registration, and the lock stays held forever', () => {
    for (const [before, address] of [
      [[], '0x00000008'],
      [[hwrng_register, hwrng_unregister], '0x5deadbeef0000108'],
    ] as const) {
      const machine = boot()
      const rng = new hwrng('a')
      run(machine, () => {
        for (const act of before) act(rng)
      })
      machine.task('rmmod', () => {
        hwrng_unregister(rng)
      })
      expect(machine.console).toContain(
        `Unable to handle kernel paging request for data at address ${address}`,
      )
      machine.task('insmod', () => hwrng_register(rng))
      expect(machine.tasks.at(-1)?.state).toBe('blocked')
    }
  })
})
