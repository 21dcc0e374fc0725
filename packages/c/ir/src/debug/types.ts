// SPDX-License-Identifier: GPL-2.0-only
import type { MetadataNode, MetadataTable } from './metadata.ts'

/** A field of a structure or union. */
export interface DebugMember {
  /** Empty for an unnamed member. */
  readonly name: string
  readonly bitOffset: number
  readonly bitSize: number
  readonly bitField: boolean
  /** Node number of the type. */
  readonly type: number | null
}

/** A type of the source. Sizes are in bytes; `target` and `element` are node numbers. */
export type DebugType =
  | { readonly kind: 'void' }
  | { readonly kind: 'base'; readonly name: string; readonly size: number; readonly signed: boolean }
  | { readonly kind: 'pointer'; readonly target: number | null; readonly size: number }
  | {
      readonly kind: 'struct' | 'union'
      /** Empty for an unnamed type. */
      readonly name: string
      readonly size: number
      readonly members: readonly DebugMember[]
      /** True if the file only declares the type. */
      readonly declaration: boolean
    }
  | {
      readonly kind: 'array'
      readonly element: number | null
      readonly size: number
      /** Null for a dimension without a length. */
      readonly lengths: readonly (number | null)[]
    }
  | {
      readonly kind: 'enum'
      readonly name: string
      readonly size: number
      readonly enumerators: readonly { readonly name: string; readonly value: bigint }[]
    }
  | {
      /** A typedef (with a name) or a qualifier. */
      readonly kind: 'alias'
      readonly tag: string
      readonly name: string
      readonly target: number | null
    }
  | { readonly kind: 'function'; readonly types: readonly (number | null)[] }
  | { readonly kind: 'other'; readonly tag: string }

/** Parses the type with this node number. */
export function readDebugType(metadata: MetadataTable, number: number): DebugType {
  const node = metadata.node(number)
  const name = node.string('name') ?? ''
  const size = (node.number('size') ?? 0) / 8
  switch (node.name) {
    case 'DIBasicType': {
      const encoding = node.word('encoding')
      return { kind: 'base', name, size, signed: encoding.startsWith('DW_ATE_signed') }
    }
    case 'DISubroutineType':
      return { kind: 'function', types: references(metadata, node.reference('types')) }
    case 'DIDerivedType':
      if (node.word('tag') === 'DW_TAG_pointer_type') {
        return { kind: 'pointer', target: node.reference('baseType'), size: size === 0 ? 8 : size }
      }
      return { kind: 'alias', tag: node.word('tag'), name, target: node.reference('baseType') }
    case 'DICompositeType':
      return readComposite(metadata, node, name, size)
    default:
      return { kind: 'other', tag: node.name }
  }
}

function readComposite(metadata: MetadataTable, node: MetadataNode, name: string, size: number): DebugType {
  const elements = references(metadata, node.reference('elements'))
  const tag = node.word('tag')
  switch (tag) {
    case 'DW_TAG_structure_type':
    case 'DW_TAG_union_type':
      return {
        kind: tag === 'DW_TAG_union_type' ? 'union' : 'struct',
        name,
        size,
        members: elements.flatMap((element) => readMember(metadata, element)),
        declaration: node.word('flags').includes('DIFlagFwdDecl'),
      }
    case 'DW_TAG_array_type':
      return {
        kind: 'array',
        element: node.reference('baseType'),
        size,
        lengths: elements.map((element) => {
          const count = element === null ? null : metadata.node(element).number('count')
          return count === -1 ? null : count
        }),
      }
    case 'DW_TAG_enumeration_type':
      return {
        kind: 'enum',
        name,
        size,
        enumerators: elements.flatMap((element) => {
          if (element === null) return []
          const enumerator = metadata.node(element)
          const value = enumerator.word('value')
          return /^-?\d+$/.test(value)
            ? [{ name: enumerator.string('name') ?? '', value: BigInt(value) }]
            : []
        }),
      }
    default:
      return { kind: 'other', tag }
  }
}

function readMember(metadata: MetadataTable, number: number | null): readonly DebugMember[] {
  if (number === null) return []
  const node = metadata.node(number)
  if (node.word('tag') !== 'DW_TAG_member') return []
  return [
    {
      name: node.string('name') ?? '',
      bitOffset: node.number('offset') ?? 0,
      bitSize: node.number('size') ?? 0,
      bitField: node.word('flags').includes('DIFlagBitField'),
      type: node.reference('baseType'),
    },
  ]
}

function references(metadata: MetadataTable, list: number | null): readonly (number | null)[] {
  if (list === null) return []
  return metadata.node(list).elements.map((element) => (element.kind === 'node' ? element.node : null))
}
