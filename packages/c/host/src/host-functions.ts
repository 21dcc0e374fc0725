// SPDX-License-Identifier: GPL-2.0-only
import type { HostFunctions } from '@pfo-workbench/machine'
import { absentSubsystems } from './absent-subsystems.ts'
import { boot } from './boot.ts'
import { debugfs } from './debugfs.ts'
import { hypervisor } from './hypervisor.ts'
import { iommu } from './iommu.ts'
import { kobjectUevent } from './kobject-uevent.ts'
import { memblock } from './memblock.ts'
import { module } from './module.ts'
import { printk } from './printk.ts'
import { proc } from './proc.ts'
import { processor } from './processor.ts'
import { random } from './random.ts'
import { rcu } from './rcu.ts'
import { rtas, type Firmware } from './rtas.ts'
import { services } from './services.ts'
import { slab } from './slab.ts'
import { sleepingLock } from './sleeping-lock.ts'
import { spinlock } from './spinlock.ts'
import { string } from './string.ts'
import { sysctl } from './sysctl.ts'
import { time } from './time.ts'
import { timer } from './timer.ts'
import { userCopy } from './user-copy.ts'
import { usermodehelper } from './usermodehelper.ts'
import { waiting } from './wait.ts'
import { workqueue } from './workqueue.ts'

/**
 * All host functions, by their names in kernels from 4.18 on.
 *
 * @param firmware - returns the firmware that currently answers RTAS calls
 */
export function hostFunctions(firmware: () => Firmware): HostFunctions {
  return {
    ...absentSubsystems,
    ...boot,
    ...debugfs,
    ...hypervisor,
    ...iommu,
    ...kobjectUevent,
    ...memblock,
    ...module,
    ...printk,
    ...proc,
    ...processor,
    ...random,
    ...rcu,
    ...rtas(firmware),
    ...services,
    ...slab,
    ...sleepingLock,
    ...spinlock,
    ...string,
    ...sysctl,
    ...time,
    ...timer,
    ...userCopy,
    ...usermodehelper,
    ...waiting,
    ...workqueue,
  }
}
