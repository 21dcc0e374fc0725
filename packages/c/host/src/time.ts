// SPDX-License-Identifier: GPL-2.0-only
// kernel/time: a clock that stands still.
import { modelled, type HostFunctions } from '@pfo-workbench/machine'
import { constantOf } from './constants.ts'
import { named } from './named.ts'

export const time: HostFunctions = {
  ...named(
    modelled([], () => 0n),
    'ktime_get',
    'ktime_get_with_offset',
    'ktime_get_mono_fast_ns',
    'ktime_get_raw',
    'ktime_get_seconds',
    'ktime_get_real_seconds',
  ),
  /** `struct timespec64` consists of two 64-bit numbers. */
  ...named(
    modelled(['u64'], (machine, pointer) => {
      machine.checked.setU64(pointer, 0n)
      machine.checked.setU64(pointer + 8n, 0n)
    }),
    'ktime_get_real_ts64',
    'ktime_get_coarse_real_ts64',
    'ktime_get_ts64',
  ),
  __msecs_to_jiffies: modelled(['u32'], (machine, milliseconds) => {
    const hz = constantOf(machine, 'HZ')
    return (BigInt(milliseconds) * hz + 999n) / 1000n
  }),
  jiffies_to_msecs: modelled(['u64'], (machine, jiffies) => (jiffies * 1000n) / constantOf(machine, 'HZ')),
}
