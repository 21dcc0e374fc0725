// SPDX-License-Identifier: GPL-2.0-only
import type { StructType, Type } from '../types.ts'

/** A named structure while its module is being parsed. */
interface NamedStruct extends StructType {
  fields: readonly Type[] | null
  packed: boolean
}

/** The named structures of a module. A structure may be used before its definition. */
export class TypeScope {
  private readonly structs = new Map<string, NamedStruct>()

  /** The structure with this name; opaque until it is defined. */
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

/** Context that the instructions of a function refer to. */
export interface FunctionScope {
  readonly types: TypeScope
  /** Attributes by group number (`#5`). */
  readonly attributeGroups: ReadonlyMap<string, ReadonlyMap<string, string | null>>
}
