// SPDX-License-Identifier: GPL-2.0-only
import type { ObjectAlias, ObjectData, ObjectFile, ObjectFunction } from '@pfo-workbench/object'

/** The definition of a name. */
export type Definition =
  | { readonly kind: 'function'; readonly object: ObjectFile; readonly function: ObjectFunction }
  | { readonly kind: 'data'; readonly object: ObjectFile; readonly data: ObjectData }
  | { readonly kind: 'alias'; readonly object: ObjectFile; readonly alias: ObjectAlias }

/** A name that two files define, which a linker refuses. */
export interface DefinedTwice {
  readonly name: string
  readonly files: readonly [string, string]
}

/** Definitions that other files see, of the objects of one loadable module or of the kernel itself. */
class Group {
  private readonly best = new Map<string, { rank: number; definition: Definition }>()
  /** The first name that two files define with linkage `global`; null if there is none. */
  twice: DefinedTwice | null = null

  add(name: string, linkage: keyof typeof ranks, definition: Definition): void {
    const rank = ranks[linkage]
    const known = this.best.get(name)
    if (rank === ranks.global && known?.rank === rank)
      this.twice ??= { name, files: [known.definition.object.file, definition.object.file] }
    if (known === undefined || rank > known.rank) this.best.set(name, { rank, definition })
  }

  find(name: string): { readonly rank: number; readonly definition: Definition } | null {
    return this.best.get(name) ?? null
  }
}

const ranks = { local: 0, fallback: 1, weak: 2, global: 3 } as const

/**
 * All definitions by name. Lookup order: static definitions of the same file, then the same module, the kernel, other
 * modules. A definition with linkage `fallback` counts only if neither the kernel nor a module has another one.
 */
export class Definitions {
  private readonly own = new Map<ObjectFile, Map<string, Definition>>()
  private readonly groups = new Map<string | null, Group>()

  constructor(objects: readonly ObjectFile[]) {
    for (const object of objects) this.add(object)
  }

  /** The first name that two files define, both in one module or both in the kernel itself; null if there is none. */
  get twice(): DefinedTwice | null {
    for (const { twice } of this.groups.values()) if (twice !== null) return twice
    return null
  }

  /** The definition that a name refers to in an object; null if there is none. */
  find(object: ObjectFile, name: string): Definition | null {
    const own = this.own.get(object)?.get(name)
    if (own !== undefined && linkageOf(own) === 'local') return own
    return this.findShared(object.module, name)
  }

  /** The definition that a name refers to in a module, or in the kernel itself (null); null if there is none. */
  findShared(module: string | null, name: string): Definition | null {
    let best: { readonly rank: number; readonly definition: Definition } | null = null
    const others = [...this.groups.keys()].filter((key) => key !== module && key !== null)
    for (const key of new Set([module, null, ...others])) {
      const found = this.groups.get(key)?.find(name) ?? null
      if (found !== null && found.rank > (best?.rank ?? 0)) best = found
      if (best !== null && best.rank >= ranks.weak) break
    }
    return best?.definition ?? null
  }

  /** The definition of a name in a module itself; null if there is none. */
  findInModule(module: string, name: string): Definition | null {
    return this.groups.get(module)?.find(name)?.definition ?? null
  }

  /** All definitions of a name, including static ones, in the order of the objects. */
  named(name: string): readonly Definition[] {
    return [...this.own.values()].flatMap((names) => names.get(name) ?? [])
  }

  private add(object: ObjectFile): void {
    const own = new Map<string, Definition>()
    let group = this.groups.get(object.module)
    if (group === undefined) this.groups.set(object.module, (group = new Group()))
    for (const one of object.functions) own.set(one.name, { kind: 'function', object, function: one })
    for (const one of object.data) own.set(one.name, { kind: 'data', object, data: one })
    for (const one of object.aliases) own.set(one.name, { kind: 'alias', object, alias: one })
    for (const [name, definition] of own) {
      const linkage = linkageOf(definition)
      if (linkage !== 'local') group.add(name, linkage, definition)
    }
    this.own.set(object, own)
  }
}

function linkageOf(definition: Definition): keyof typeof ranks {
  switch (definition.kind) {
    case 'function':
      return definition.function.linkage
    case 'data':
      return definition.data.linkage
    case 'alias':
      return definition.alias.linkage
  }
}
