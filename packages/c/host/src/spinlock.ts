// SPDX-License-Identifier: GPL-2.0-only
// kernel/locking/spinlock.c, and the inline functions that replace it in some configurations.
import {
  modelled,
  readLock,
  readUnlock,
  spinLock,
  spinTryLock,
  spinUnlock,
  writeLock,
  writeUnlock,
  type HostFunctions,
  type Machine,
} from '@pfo-workbench/machine'
import { named } from './named.ts'

type Operation = (machine: Machine, lock: bigint) => unknown

const plain = (operate: Operation) => modelled(['u64'], (machine, lock) => void operate(machine, lock))

/** Interrupts are off from lock to unlock. The saved flags have no meaning here. */
const withInterruptsOff = (operate: Operation) =>
  modelled(['u64'], (machine, lock) => {
    machine.current.irqsDisabled++
    operate(machine, lock)
    return 0n
  })

const withInterruptsOn = (operate: Operation) =>
  modelled(['u64'], (machine, lock) => {
    operate(machine, lock)
    machine.current.irqsDisabled--
  })

const tried = modelled(['u64'], (machine, lock) => spinTryLock(machine, lock))

export const spinlock: HostFunctions = {
  ...named(
    plain(spinLock),
    '_raw_spin_lock',
    '_raw_spin_lock_bh',
    '_raw_spin_lock_nested',
    '__raw_spin_lock',
    '__raw_spin_lock_bh',
  ),
  ...named(
    withInterruptsOff(spinLock),
    '_raw_spin_lock_irq',
    '_raw_spin_lock_irqsave',
    '_raw_spin_lock_irqsave_nested',
    '__raw_spin_lock_irq',
    '__raw_spin_lock_irqsave',
  ),
  ...named(
    plain(spinUnlock),
    '_raw_spin_unlock',
    '_raw_spin_unlock_bh',
    '__raw_spin_unlock',
    '__raw_spin_unlock_bh',
  ),
  ...named(
    withInterruptsOn(spinUnlock),
    '_raw_spin_unlock_irq',
    '_raw_spin_unlock_irqrestore',
    '__raw_spin_unlock_irq',
    '__raw_spin_unlock_irqrestore',
  ),
  ...named(tried, '_raw_spin_trylock', '__raw_spin_trylock', '_raw_spin_trylock_bh'),
  /**
   * With lock debugging, a call initializes each lock. The other fields of the lock serve reports that the machine
   * prints itself.
   */
  __raw_spin_lock_init: modelled(['u64'], (machine, lock) => machine.checked.setU32(lock, 0)),
  __rwlock_init: modelled(['u64'], (machine, lock) => machine.checked.setU32(lock, 0)),
  ...named(plain(readLock), '_raw_read_lock', '_raw_read_lock_bh', '__raw_read_lock'),
  ...named(withInterruptsOff(readLock), '_raw_read_lock_irq', '_raw_read_lock_irqsave'),
  ...named(plain(readUnlock), '_raw_read_unlock', '_raw_read_unlock_bh', '__raw_read_unlock'),
  ...named(
    withInterruptsOn(readUnlock),
    '_raw_read_unlock_irq',
    '_raw_read_unlock_irqrestore',
    '__raw_read_unlock_irq',
    '__raw_read_unlock_irqrestore',
  ),
  ...named(plain(writeLock), '_raw_write_lock', '_raw_write_lock_bh', '__raw_write_lock'),
  ...named(withInterruptsOff(writeLock), '_raw_write_lock_irq', '_raw_write_lock_irqsave'),
  ...named(plain(writeUnlock), '_raw_write_unlock', '_raw_write_unlock_bh', '__raw_write_unlock'),
  ...named(
    withInterruptsOn(writeUnlock),
    '_raw_write_unlock_irq',
    '_raw_write_unlock_irqrestore',
    '__raw_write_unlock_irq',
    '__raw_write_unlock_irqrestore',
  ),
}
