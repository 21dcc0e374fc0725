// SPDX-License-Identifier: GPL-2.0-only
import type { StructType, Type } from '../types.ts'

/** A named structure while the module is read. */
interface NamedStruct extends StructType {
  fields: readonly Type[] | null
  packed: boolean
}

/** What parts of a module share: its named structures, which may be referred to before they are defined. */
export class TypeScope {
  private readonly structs = new Map<string, NamedStruct>()

  /** The structure of this name, opaque until it is defined. */
  struct(name: string): StructType {
    return this.named(name)
  }

  define(name: string, fields: readonly Type[] | null, packed: boolean): void {
    const struct = this.named(name)
    struct.fields = fields
    struct.packed = packed
  }

  /** All structures by name. */
  all(): ReadonlyMap<string, StructType> {
    return this.structs
  }

  private named(name: string): NamedStruct {
    let struct = this.structs.get(name)
    if (struct === undefined) {
      struct = { kind: 'struct', name, fields: null, packed: false }
      this.structs.set(name, struct)
    }
    return struct
  }
}

/** What the instructions of a function refer to. */
export interface FunctionScope {
  readonly types: TypeScope
  /** Attributes by the number of their group (`#5`). */
  readonly attributeGroups: ReadonlyMap<string, ReadonlyMap<string, string | null>>
}
