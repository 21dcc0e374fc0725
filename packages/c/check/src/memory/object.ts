// SPDX-License-Identifier: GPL-2.0-only
import type { Constant } from '@pfo-workbench/ir'
import type { Value } from '../value/value.ts'

/**
 * Where an object comes from. `stack`: a local variable. `global`: a variable at file scope. `function`: code.
 * `outside`: something that existed before the call, reached through an argument or a field. `returned`: what a call
 * of an unknown function returned. `counted`: an object that a finder returned.
 */
export type ObjectKind = 'stack' | 'global' | 'function' | 'outside' | 'returned' | 'counted'

/** A field of a structure: `device` and 728. The name of the field is looked up when a report needs it. */
export interface FieldPlace {
  readonly struct: string
  readonly offset: number
}

/** A value in memory. */
export interface Cell {
  readonly value: Value
  readonly size: number
  /** Whether nobody stored it: it came to be when it was read first. */
  readonly lazy: boolean
  readonly field: FieldPlace | null
}

/** A piece of memory of unknown size. Cells are kept by symbolic index (`''` for none) and byte offset. */
export class MemoryObject {
  readonly id: number
  readonly kind: ObjectKind
  /** How reports call it: `np`, `of_find_node_by_path()`. */
  readonly name: string
  readonly cells: Map<string, Map<number, Cell>> = new Map()
  /** Bytes that read as 0 where there is no cell. */
  zeroes: (readonly [from: number, to: number])[] = []
  /** Whether nobody may write to it. */
  constant = false
  /** What a constant variable holds; null once it was written into cells. */
  initializer: Constant | null = null
  /** Position of the argument through which the entry function got it. */
  argument: number | null = null
  /** The field or variable it was read from, outside of this call. */
  readFrom: {
    readonly object: MemoryObject
    readonly offset: number
    readonly field: FieldPlace | null
  } | null = null
  /** The counted object whose data this is. */
  dataOf: MemoryObject | null = null
  /** Whether somebody keeps a pointer to a local variable. */
  escaped = false
  /** Whether a pointer from outside was found to be equal: somebody else has it, too. */
  knownOutside = false
  /** When it was last given to a function that may end it, in steps of the path. */
  lastEnded = -1
  freed = false
  /** Whether the path has decided that the pointer was NULL or an error, so that there is no such object. */
  absent = false

  constructor(id: number, kind: ObjectKind, name: string) {
    this.id = id
    this.kind = kind
    this.name = name
  }

  /** Whether what is stored in it is still there when the call is over. */
  get outlives(): boolean {
    if (this.freed || this.absent) return false
    return this.kind === 'stack' ? this.escaped : this.kind !== 'function'
  }
}
