// SPDX-License-Identifier: GPL-2.0-only

/** A function to watch by name, in one file or in all. */
export interface WatchRequest {
  readonly kind: 'function' | 'indirect-call'
  readonly name: string
  /** Path ends with this, such as `drivers/of/kobj.c`; without it in every file. */
  readonly file?: string
}

/** What the linker has to know beside the objects. */
export interface LinkOptions {
  /** Functions in C's place, wherever C calls or defines one of this name. */
  readonly hosts: ReadonlySet<string>
  /**
   * Functions that the machine calls by name, each of which is exported, and variables that it looks at. What no
   * object has is left out, and what is static in more than one.
   */
  readonly roots: readonly string[]
  readonly watch: readonly WatchRequest[]
  /** Bytes of C's memory, a multiple of 64 KiB; 32 MiB without it. */
  readonly memorySize?: number
  /** Bytes of the stack; 1 MiB without it. */
  readonly stackSize?: number
  /** Sizes of data that no file defines and whose type has none, such as `extern char rtas_data_buf[]`. */
  readonly dataSizes?: ReadonlyMap<string, number>
}
