// SPDX-License-Identifier: GPL-2.0-only

/** What one step does to the machine. Plain JSON: it goes into the job of the replay engine. */
export type Action =
  | { readonly kind: 'load'; readonly modules: readonly string[] }
  | { readonly kind: 'insmod'; readonly module: string }
  | { readonly kind: 'rmmod'; readonly module: string }
  | {
      readonly kind: 'migrate'
      readonly readd: 'hierarchy' | 'per-node'
      /** Whether ibm,configure-connector sends the property "name". */
      readonly nameProperty: boolean
    }
  /** Firmware changes a property, or takes it away (null), and the kernel asks for the change. Values are bytes. */
  | {
      readonly kind: 'update'
      readonly cause: 'migration' | 'prrn'
      readonly node: string
      readonly property: string
      readonly value: readonly number[] | null
    }
  /** The shell writes to a file, such as `/proc/powerpc/ofdt`; characters are bytes. */
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  /** A process reads a file. */
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'lookups' }
  | { readonly kind: 'read-back' }
  | { readonly kind: 'find-vio' }
  | { readonly kind: 'settle' }
  | { readonly kind: 'dump' }
  /** What a dump begins with and nothing else: the state as the observer sees it, without reading a file. */
  | { readonly kind: 'observe' }
