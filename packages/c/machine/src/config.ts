// SPDX-License-Identifier: GPL-2.0-only

/** Version of a kernel, from the first lines of its Makefile. */
export interface KernelRelease {
  readonly major: number
  readonly minor: number
  /** `6.1.176`, as in reports. */
  readonly text: string
}

/** Kernel options that the machine itself implements, in addition to running C. */
export interface MachineOptions {
  readonly release: KernelRelease
  /** `slub_debug=FZPU`: memory is poisoned on allocation and free. */
  readonly slubPoison: boolean
  /**
   * `CONFIG_PROVE_LOCKING` and `CONFIG_DEBUG_ATOMIC_SLEEP`: reports about locks and sleeping are also printed on the
   * console.
   */
  readonly lockDebugging: boolean
  /** Seconds after which a blocked task is reported (`kernel.hung_task_timeout_secs`). */
  readonly hungTaskTimeout: number
}

/** True if a kernel has at least the given version. */
export function isAtLeast({ major, minor }: KernelRelease, wanted: readonly [number, number]): boolean {
  return major > wanted[0] || (major === wanted[0] && minor >= wanted[1])
}
