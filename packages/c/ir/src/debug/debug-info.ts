// SPDX-License-Identifier: GPL-2.0-only
import type { MetadataNode, MetadataTable } from './metadata.ts'
import { readDebugType, type DebugMember, type DebugType } from './types.ts'

/** A location in the source. */
export interface SourceLocation {
  /** File name as passed to the compiler. */
  readonly file: string
  /** 0 for an instruction that the compiler generated. */
  readonly line: number
  readonly column: number
  /** Name of the function that contains the source line. */
  readonly function: string
  /** Node number of the innermost scope. */
  readonly scope: number
  /** Location of the call, if the function was inlined there; otherwise null. */
  readonly inlinedAt: SourceLocation | null
}

/** A function definition in the source. */
export interface Subprogram {
  readonly name: string
  readonly file: string
  readonly line: number
}

/** A local variable, a parameter or a variable at file scope. */
export interface DebugVariable {
  readonly name: string
  /** Node number of the type, for `DebugInfo.type`. */
  readonly type: number | null
  readonly line: number
  /** 1 for the first parameter; 0 if the variable is not a parameter. */
  readonly argument: number
}

/** Debug information of a module (`-g`). Nodes are parsed on first use. */
export class DebugInfo {
  private readonly metadata: MetadataTable
  private readonly locations = new Map<number, SourceLocation | null>()
  private readonly types = new Map<number, DebugType>()
  private structs: ReadonlyMap<string, number> | null = null

  constructor(metadata: MetadataTable) {
    this.metadata = metadata
  }

  /** Resolves the node number of a `DILocation`; null if there is none. */
  location(number: number | null): SourceLocation | null {
    if (number === null) return null
    let location = this.locations.get(number)
    if (location === undefined) {
      const node = this.metadata.node(number)
      location = node.name === 'DILocation' ? this.readLocation(node) : null
      this.locations.set(number, location)
    }
    return location
  }

  /** Resolves the node number of a `DISubprogram`; null if there is none. */
  subprogram(number: number | null): Subprogram | null {
    if (number === null) return null
    const node = this.metadata.node(number)
    if (node.name !== 'DISubprogram') return null
    return { name: node.string('name') ?? '', file: this.file(node), line: node.number('line') ?? 0 }
  }

  /**
   * Resolves the node number of a variable, or of the `DIGlobalVariableExpression` around it; null if there is none.
   */
  variable(number: number | null): DebugVariable | null {
    if (number === null) return null
    const node = this.metadata.node(number)
    if (node.name === 'DIGlobalVariableExpression') return this.variable(node.reference('var'))
    if (node.name !== 'DILocalVariable' && node.name !== 'DIGlobalVariable') return null
    return {
      name: node.string('name') ?? '',
      type: node.reference('type'),
      line: node.number('line') ?? 0,
      argument: node.number('arg') ?? 0,
    }
  }

  /** Resolves the node number of a type; null stands for `void`. */
  type(number: number | null): DebugType {
    if (number === null) return { kind: 'void' }
    let type = this.types.get(number)
    if (type === undefined) this.types.set(number, (type = readDebugType(this.metadata, number)))
    return type
  }

  /** Like `type`, with typedefs and qualifiers resolved. */
  plainType(number: number | null): DebugType {
    let type = this.type(number)
    for (let depth = 0; type.kind === 'alias' && depth < 64; depth++) type = this.type(type.target)
    return type
  }

  /** Node number of the structure or union with this name; null if the file does not define it. */
  structNamed(name: string): number | null {
    this.structs ??= this.indexStructs()
    return this.structs.get(name) ?? null
  }

  /** Names of the structures and unions that the file defines. */
  structNames(): readonly string[] {
    this.structs ??= this.indexStructs()
    return [...this.structs.keys()]
  }

  /**
   * Fields of a structure or union. Fields of unnamed members are included, with offsets from the start of the outer
   * type.
   */
  fields(number: number | null): readonly DebugMember[] {
    const type = this.plainType(number)
    if (type.kind !== 'struct' && type.kind !== 'union') return []
    return type.members.flatMap((member) =>
      member.name !== ''
        ? [member]
        : this.fields(member.type).map((inner) => ({
            ...inner,
            bitOffset: inner.bitOffset + member.bitOffset,
          })),
    )
  }

  /**
   * Name of the innermost field at a byte offset of a type, such as `kobj.kref` or `name[2]`. For a union, the first
   * member that covers the byte. Empty if no field covers the byte.
   */
  fieldAt(number: number | null, offset: number): string {
    const type = this.plainType(number)
    if (type.kind === 'array') {
      const size = this.size(type.element)
      if (size === 0) return ''
      const index = Math.floor(offset / size)
      return `[${index}]${joined(this.fieldAt(type.element, offset - index * size))}`
    }
    for (const member of this.fields(number)) {
      const start = Math.floor(member.bitOffset / 8)
      const end = Math.ceil((member.bitOffset + member.bitSize) / 8)
      const flexible = member.bitSize === 0 && this.plainType(member.type).kind === 'array'
      if (offset < start || (!flexible && offset >= end)) continue
      return member.name + joined(this.fieldAt(member.type, offset - start))
    }
    return ''
  }

  /** Size of a type in bytes; 0 if it has none. */
  size(number: number | null): number {
    const type = this.plainType(number)
    return 'size' in type ? type.size : 0
  }

  private readLocation(node: MetadataNode): SourceLocation {
    const scope = node.reference('scope')
    let at = scope
    let file: string | null = null
    let name = ''
    for (let depth = 0; at !== null && depth < 256; depth++) {
      const enclosing = this.metadata.node(at)
      if (enclosing.reference('file') !== null) file ??= this.file(enclosing)
      if (enclosing.name === 'DISubprogram') {
        name = enclosing.string('name') ?? ''
        break
      }
      at = enclosing.reference('scope')
    }
    return {
      file: file ?? '',
      line: node.number('line') ?? 0,
      column: node.number('column') ?? 0,
      function: name,
      scope: scope ?? -1,
      inlinedAt: this.location(node.reference('inlinedAt')),
    }
  }

  private file(node: MetadataNode): string {
    const file = node.reference('file')
    return file === null ? '' : (this.metadata.node(file).string('filename') ?? '')
  }

  private indexStructs(): ReadonlyMap<string, number> {
    const structs = new Map<string, number>()
    for (const tag of ['DW_TAG_structure_type', 'DW_TAG_union_type']) {
      for (const number of this.metadata.findAll(`!DICompositeType(tag: ${tag}, name: "`)) {
        const node = this.metadata.node(number)
        const name = node.string('name')
        if (name === null || node.word('flags').includes('DIFlagFwdDecl') || structs.has(name)) continue
        structs.set(name, number)
      }
    }
    return structs
  }
}

function joined(rest: string): string {
  return rest === '' || rest.startsWith('[') ? rest : `.${rest}`
}
