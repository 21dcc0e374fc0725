// SPDX-License-Identifier: GPL-2.0-only

/** A function to watch by name, in one file or in all. */
export interface WatchRequest {
  readonly kind: 'function' | 'indirect-call'
  readonly name: string
  /** End of the path, such as `drivers/of/kobj.c`; every file if missing. */
  readonly file?: string
}

/** Input of the linker in addition to the objects. */
export interface LinkOptions {
  /** Names of C functions that the host replaces, whether they are called or defined. */
  readonly hosts: ReadonlySet<string>
  /**
   * Functions that the machine calls by name, and variables that it reads. Each function is exported. A name that no
   * object defines is ignored, and so is a name that is static in more than one.
   */
  readonly roots: readonly string[]
  readonly watch: readonly WatchRequest[]
  /** Size of C's memory, a multiple of 64 KiB (default: 32 MiB). */
  readonly memorySize?: number
  /** Size of the stack (default: 1 MiB). */
  readonly stackSize?: number
  /** Sizes of undefined data whose type has no size, such as `extern char rtas_data_buf[]`. */
  readonly dataSizes?: ReadonlyMap<string, number>
}
