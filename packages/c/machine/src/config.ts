// SPDX-License-Identifier: GPL-2.0-only

/** Version of a kernel, as the first lines of its Makefile say it. */
export interface KernelRelease {
  readonly major: number
  readonly minor: number
  /** `6.1.176`, as reports print it. */
  readonly text: string
}

/** What a machine does besides running C: options of the kernel that are ours to follow. */
export interface MachineOptions {
  readonly release: KernelRelease
  /** `slub_debug=FZPU`: memory is filled when it is given out and taken back. */
  readonly slubPoison: boolean
  /** `CONFIG_PROVE_LOCKING` and `CONFIG_DEBUG_ATOMIC_SLEEP`: complaints about locks and sleeping go to the console too. */
  readonly lockDebugging: boolean
  /** Seconds after which a blocked task is reported (`kernel.hung_task_timeout_secs`). */
  readonly hungTaskTimeout: number
}

/** Whether a kernel is of a version or later. */
export function isAtLeast({ major, minor }: KernelRelease, wanted: readonly [number, number]): boolean {
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1])
}
