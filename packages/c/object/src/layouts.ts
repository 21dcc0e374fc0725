// SPDX-License-Identifier: GPL-2.0-only
import type { DebugInfo, DebugMember, DebugType } from '@pfo-workbench/ir'
import type { Layout, LayoutField, LayoutType } from './layout.ts'

/** Maximum depth of nested arrays and unnamed structures. Deeper unnamed structures get no fields. */
const deepest = 32

/** Reads the layouts of structures, and of the structures embedded in them, from debug information. */
export class LayoutReader {
  readonly layouts: Map<string, Layout> = new Map()
  private readonly debug: DebugInfo

  constructor(debug: DebugInfo) {
    this.debug = debug
  }

  /** Adds a structure or union by name. Does nothing if the file does not define it. */
  add(name: string): void {
    if (this.layouts.has(name)) return
    const number = this.debug.structNamed(name)
    if (number === null) return
    const type = this.debug.plainType(number)
    if (type.kind !== 'struct' && type.kind !== 'union') return
    // Add the name before the fields, so that invalid debug information cannot cause an endless recursion.
    this.layouts.set(name, { size: type.size, union: type.kind === 'union', fields: [] })
    const fields = this.fieldsOf(this.debug.fields(number), 0)
    this.layouts.set(name, { size: type.size, union: type.kind === 'union', fields })
  }

  /** Converts the debug type with this node number, and adds the structures in it. Null stands for `void`. */
  typeOf(number: number | null, depth = 0): LayoutType {
    const type = this.debug.plainType(number)
    switch (type.kind) {
      case 'base':
        return { kind: 'integer', size: type.size, signed: type.signed }
      case 'enum':
        return { kind: 'integer', size: type.size, signed: type.enumerators.some(({ value }) => value < 0n) }
      case 'pointer':
        return { kind: 'pointer', to: this.nameOf(this.debug.plainType(type.target)) }
      case 'struct':
      case 'union':
        if (type.name !== '') {
          this.add(type.name)
          return { kind: 'struct', name: type.name, size: type.size }
        }
        return {
          kind: 'unnamed',
          size: type.size,
          fields: depth > deepest ? [] : this.fieldsOf(this.debug.fields(number), depth + 1),
        }
      case 'array': {
        let element = this.typeOf(type.element, depth + 1)
        for (const length of type.lengths.toReversed()) {
          element = { kind: 'array', element, count: length ?? 0 }
        }
        return element
      }
      default:
        return { kind: 'other', size: 0 }
    }
  }

  /** Name of the structure that a pointer type points to, or null. */
  pointedTo(number: number | null): string | null {
    const type = this.debug.plainType(number)
    return type.kind === 'pointer' ? this.nameOf(this.debug.plainType(type.target)) : null
  }

  private nameOf(type: DebugType): string | null {
    return (type.kind === 'struct' || type.kind === 'union') && type.name !== '' ? type.name : null
  }

  private fieldsOf(members: readonly DebugMember[], depth: number): readonly LayoutField[] {
    return members.map((member) => ({
      name: member.name,
      offset: Math.floor(member.bitOffset / 8),
      size: Math.ceil(member.bitSize / 8),
      type: this.typeOf(member.type, depth),
      bits: member.bitField ? { offset: member.bitOffset, width: member.bitSize } : null,
    }))
  }
}
