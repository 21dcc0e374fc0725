// SPDX-License-Identifier: GPL-2.0-only
// kernel/umh.c: programs that the kernel starts. The machine has no programs, so each start fails.
import { ENOENT } from '@pfo-workbench/kernel'
import { modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { allocate, release } from './allocation.ts'
import { constantOf } from './constants.ts'

/** `UMH_NO_WAIT` (include/linux/umh.h): the caller does not learn that the program cannot be executed. */
const UMH_NO_WAIT = 0n

/** Calls the caller's `cleanup` and frees the `subprocess_info`, as the helper task does once it has failed. */
function freeInfo(machine: Machine, info: bigint): void {
  const cleanup = machine.view('subprocess_info', info).pointerIn('cleanup')
  if (cleanup !== 0n) machine.callPointer(cleanup, info)
  release(machine, info)
}

export const usermodehelper: HostFunctions = {
  /**
   * `call_usermodehelper_setup(path, argv, envp, gfp, init, cleanup, data)`. Returns a `subprocess_info`, which
   * `call_usermodehelper_exec` frees; NULL if memory is short.
   */
  call_usermodehelper_setup: modelled(
    ['u64', 'u64', 'u64', 'u32', 'u64', 'u64', 'u64'],
    (machine, path, argv, envp, gfp, init, cleanup, data) => {
      const struct = 'subprocess_info'
      const size = BigInt(machine.layouts.sizeOf(struct))
      const zeroing = Number(constantOf(machine, 'GFP_ZERO'))
      const info = allocate(machine, { size, gfp: gfp | zeroing, struct })
      if (info === 0n) return 0n
      const view = machine.view(struct, info)
      for (const [field, value] of Object.entries({ path, argv, envp, init, cleanup, data }))
        view.set(field, value)
      return info
    },
  ),
  /**
   * `call_usermodehelper_exec(info, wait)`. In Linux a worker starts the program later. Here it fails at once, and
   * `init` is not called.
   */
  call_usermodehelper_exec: modelled(['u64', 'u64'], (machine, info, wait) => {
    freeInfo(machine, info)
    return wait === UMH_NO_WAIT ? 0 : -ENOENT
  }),
}
