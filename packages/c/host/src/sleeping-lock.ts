// SPDX-License-Identifier: GPL-2.0-only
// kernel/locking/{mutex,rwsem}.c.
import {
  clearLock,
  downgradeWrite,
  downRead,
  downReadTryLock,
  downWrite,
  downWriteTryLock,
  modelled,
  mutexLock,
  mutexTryLock,
  mutexUnlock,
  upRead,
  upWrite,
  type HostFunctions,
  type Machine,
} from '@pfo-workbench/machine'
import { named } from './named.ts'

const operation = (operate: (machine: Machine, lock: bigint) => void) =>
  modelled(['u64'], (machine, lock) => operate(machine, lock))

/** Like `operation`, for functions that a signal could interrupt. No signal ever arrives. */
const interruptible = (operate: (machine: Machine, lock: bigint) => void) =>
  modelled(['u64'], (machine, lock) => {
    operate(machine, lock)
    return 0
  })

export const sleepingLock: HostFunctions = {
  ...named(operation(mutexLock), 'mutex_lock', 'mutex_lock_nested', 'mutex_lock_io'),
  ...named(
    interruptible(mutexLock),
    'mutex_lock_killable',
    'mutex_lock_killable_nested',
    'mutex_lock_interruptible',
    'mutex_lock_interruptible_nested',
  ),
  mutex_trylock: modelled(['u64'], (machine, lock) => mutexTryLock(machine, lock)),
  mutex_unlock: operation(mutexUnlock),
  mutex_is_locked: modelled(['u64'], (machine, lock) => machine.checked.u64(lock) !== 0n),
  ...named(operation(clearLock), '__mutex_init', 'mutex_init_generic', '__init_rwsem'),
  ...named(operation(downRead), 'down_read', 'down_read_nested'),
  ...named(interruptible(downRead), 'down_read_killable', 'down_read_interruptible'),
  down_read_trylock: modelled(['u64'], (machine, lock) => downReadTryLock(machine, lock)),
  up_read: operation(upRead),
  ...named(operation(downWrite), 'down_write', 'down_write_nested'),
  ...named(interruptible(downWrite), 'down_write_killable', 'down_write_killable_nested'),
  down_write_trylock: modelled(['u64'], (machine, lock) => downWriteTryLock(machine, lock)),
  up_write: operation(upWrite),
  downgrade_write: operation(downgradeWrite),
}
