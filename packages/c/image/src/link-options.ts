// SPDX-License-Identifier: GPL-2.0-only

/** A function to watch. */
export interface WatchRequest {
  readonly kind: 'function' | 'indirect-call'
  readonly name: string
  /**
   * The file that defines the function, such as `drivers/of/kobj.c`, or a folder, such as `drivers/of/`. Required for a
   * static function of a C file and for a function of a module, because other files may define a function of the same
   * name.
   */
  readonly file?: string
}

/** A function that the host replaces. */
export interface HostRequest {
  /** The file or folder of the function, as in `WatchRequest`. */
  readonly file?: string
  /** True if C code comes first: the host supplies the function only if no object defines it. */
  readonly onlyMissing?: boolean
}

/** Input of the linker in addition to the objects. */
export interface LinkOptions {
  /** C functions that the host replaces or supplies, by name. */
  readonly hosts: ReadonlyMap<string, HostRequest>
  /**
   * Functions that the machine calls by name, and variables that it reads. Each function is exported. A name that no
   * object defines is ignored. If all definitions of a name are static, the name counts only if it is unique in the
   * kernel itself or, if the kernel does not define it, in all modules.
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
