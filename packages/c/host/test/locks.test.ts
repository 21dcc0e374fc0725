// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { hostMachine } from './host-machine.ts'

/** Lock and unlock functions. The test tries to take the lock a second time in between. */
const pairs: readonly (readonly [string, string])[] = [
  ['_raw_spin_lock', '_raw_spin_unlock'],
  ['_raw_spin_lock_nested', '__raw_spin_unlock'],
  ['__raw_spin_lock', '__raw_spin_unlock'],
  ['_raw_spin_lock_bh', '_raw_spin_unlock_bh'],
  ['__raw_spin_lock_bh', '__raw_spin_unlock_bh'],
  ['_raw_spin_lock_irq', '_raw_spin_unlock_irq'],
  ['__raw_spin_lock_irq', '__raw_spin_unlock_irq'],
  ['_raw_spin_lock_irqsave', '_raw_spin_unlock_irqrestore'],
  ['_raw_spin_lock_irqsave_nested', '__raw_spin_unlock_irqrestore'],
  ['__raw_spin_lock_irqsave', '__raw_spin_unlock_irqrestore'],
  ['_raw_write_lock', '_raw_write_unlock'],
  ['_raw_write_lock_bh', '_raw_write_unlock_bh'],
  ['__raw_write_lock', '__raw_write_unlock'],
  ['_raw_write_lock_irq', '_raw_write_unlock_irq'],
  ['_raw_write_lock_irqsave', '_raw_write_unlock_irqrestore'],
  ['_raw_write_lock_irq', '__raw_write_unlock_irq'],
  ['_raw_write_lock_irqsave', '__raw_write_unlock_irqrestore'],
  ['mutex_lock', 'mutex_unlock'],
  ['mutex_lock_nested', 'mutex_unlock'],
  ['mutex_lock_io', 'mutex_unlock'],
  ['mutex_lock_killable', 'mutex_unlock'],
  ['mutex_lock_killable_nested', 'mutex_unlock'],
  ['mutex_lock_interruptible', 'mutex_unlock'],
  ['mutex_lock_interruptible_nested', 'mutex_unlock'],
  ['down_write', 'up_write'],
  ['down_write_nested', 'up_write'],
  ['down_write_killable', 'up_write'],
  ['down_write_killable_nested', 'up_write'],
]

/** Lock and unlock functions of locks that can be shared. */
const shared: readonly (readonly [string, string])[] = [
  ['_raw_read_lock', '_raw_read_unlock'],
  ['_raw_read_lock_bh', '_raw_read_unlock_bh'],
  ['__raw_read_lock', '__raw_read_unlock'],
  ['_raw_read_lock_irq', '_raw_read_unlock_irq'],
  ['_raw_read_lock_irqsave', '_raw_read_unlock_irqrestore'],
  ['_raw_read_lock_irq', '__raw_read_unlock_irq'],
  ['_raw_read_lock_irqsave', '__raw_read_unlock_irqrestore'],
  ['down_read', 'up_read'],
  ['down_read_nested', 'up_read'],
  ['down_read_killable', 'up_read'],
  ['down_read_interruptible', 'up_read'],
]

describe('a lock', () => {
  it.each(pairs)('locked by %s and unlocked by %s is free again', (take, give) => {
    const host = hostMachine()
    const lock = host.space(16)
    host.machine.task('init', () => {
      host.call(take, lock)
      expect(host.machine.current.held).toHaveLength(1)
      expect(host.machine.memory.holds(lock, 8) && host.machine.checked.u64(lock)).not.toBe(0n)
      host.call(give, lock)
      expect(host.machine.current).toMatchObject({ held: [], preemptCount: 0, irqsDisabled: 0 })
      expect(host.machine.checked.u64(lock)).toBe(0n)
    })
    expect(host.machine.outcome).toBe('completed')
  })

  it.each(pairs)('taken twice by %s blocks forever (%s)', (take) => {
    const host = hostMachine()
    const lock = host.space(16)
    host.machine.task('init', () => {
      host.call(take, lock)
      host.call(take, lock)
    })
    expect(host.events('hang')).toMatchObject([{ holder: 'its own call chain' }])
  })

  it.each(shared)('taken twice by %s is released twice by %s', (take, give) => {
    const host = hostMachine()
    const lock = host.space(16)
    host.machine.task('init', () => {
      for (const name of [take, take, give, give]) host.call(name, lock)
      expect(host.machine.checked.u64(lock)).toBe(0n)
      expect(host.machine.current).toMatchObject({ held: [], preemptCount: 0, irqsDisabled: 0 })
    })
    expect(host.machine.outcome).toBe('completed')
  })

  it.each([
    ['_raw_spin_trylock', '_raw_spin_unlock'],
    ['__raw_spin_trylock', '_raw_spin_unlock'],
    ['_raw_spin_trylock_bh', '_raw_spin_unlock_bh'],
    ['mutex_trylock', 'mutex_unlock'],
    ['down_write_trylock', 'up_write'],
  ])('is taken by %s only when it is free (%s)', (take, give) => {
    const host = hostMachine()
    const lock = host.space(16)
    host.machine.task('init', () => {
      expect(host.call(take, lock)).toBe(1n)
      expect(host.call(take, lock)).toBe(0n)
      host.call(give, lock)
      expect(host.call(take, lock)).toBe(1n)
    })
    expect(host.machine.outcome).toBe('completed')
  })

  it('is read-locked by down_read_trylock unless write-locked', () => {
    const host = hostMachine()
    const lock = host.space(16)
    host.machine.task('init', () => {
      expect(host.call('down_read_trylock', lock)).toBe(1n)
      expect(host.call('down_read_trylock', lock)).toBe(1n)
      host.call('up_read', lock)
      host.call('up_read', lock)
      host.call('down_write', lock)
      expect(host.call('down_read_trylock', lock)).toBe(0n)
      host.call('downgrade_write', lock)
      expect(host.call('down_read_trylock', lock)).toBe(1n)
    })
  })

  it.each(['__mutex_init', 'mutex_init_generic', '__init_rwsem', '__raw_spin_lock_init', '__rwlock_init'])(
    'is free after %s',
    (name) => {
      const host = hostMachine()
      const lock = host.space(16)
      host.machine.checked.setU32(lock, 7)
      host.machine.task('init', () => host.call(name, lock))
      expect(host.machine.checked.u32(lock)).toBe(0)
    },
  )

  it('reports whether it is held', () => {
    const host = hostMachine()
    const lock = host.space(16)
    host.machine.task('init', () => {
      expect(host.call('mutex_is_locked', lock)).toBe(0n)
      host.call('mutex_lock', lock)
      expect(host.call('mutex_is_locked', lock)).toBe(1n)
    })
  })
})
