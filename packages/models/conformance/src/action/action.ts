// SPDX-License-Identifier: GPL-2.0-only

/** The effect of one step on the machine. Plain JSON, because it is part of the replay engine's job. */
export type Action =
  | { readonly kind: 'load'; readonly modules: readonly string[] }
  | { readonly kind: 'insmod'; readonly module: string }
  | { readonly kind: 'rmmod'; readonly module: string }
  | {
      readonly kind: 'migrate'
      readonly readd: 'hierarchy' | 'per-node'
      /** True if ibm,configure-connector sends the property "name". */
      readonly nameProperty: boolean
    }
  /**
   * Firmware changes a property, or removes it (`value` is null). Then the kernel fetches the change. `value` is a list
   * of bytes.
   */
  | {
      readonly kind: 'update'
      readonly cause: 'migration' | 'prrn'
      readonly node: string
      readonly property: string
      readonly value: readonly number[] | null
    }
  /** The shell writes to a file, such as `/proc/powerpc/ofdt`. Characters are bytes. */
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  /** A process reads a file. */
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'lookups' }
  | { readonly kind: 'read-back' }
  | { readonly kind: 'find-vio' }
  | { readonly kind: 'settle' }
  | { readonly kind: 'dump' }
  /** The first part of a dump: the state that the observer sees, without reading a file. */
  | { readonly kind: 'observe' }
