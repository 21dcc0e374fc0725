// SPDX-License-Identifier: GPL-2.0-only
import type { LayoutType, ObjectData, ObjectFile, ObjectFunction, Signature } from '@pfo-workbench/object'
import type { Definition, Definitions } from './definitions.ts'
import { builtinSignatures } from './builtins.ts'
import { isRequestedFunction } from './requested-function.ts'
import type { HostRequest } from '../link-options.ts'

/** The target that a reference to a symbol resolves to. */
export type Target =
  | { readonly kind: 'function'; readonly object: ObjectFile; readonly function: ObjectFunction }
  | { readonly kind: 'data'; readonly object: ObjectFile; readonly data: ObjectData }
  /** One of the image's own functions, such as `memcpy`. */
  | { readonly kind: 'builtin'; readonly name: string; readonly signature: Signature }
  | ImportTarget
  | UndefinedTarget
  /** Start or end of a section's data in the kernel or in a module. */
  | {
      readonly kind: 'section'
      readonly module: string | null
      readonly section: string
      readonly end: boolean
    }
  /** An undefined weak symbol, or an alias without a target. */
  | { readonly kind: 'none' }

export interface ImportTarget {
  readonly kind: 'import'
  readonly name: string
  readonly signature: Signature
  readonly variadic: boolean
  readonly host: boolean
}

export interface UndefinedTarget {
  readonly kind: 'undefined'
  readonly name: string
  readonly size: number
  readonly alignment: number
  readonly type: LayoutType | null
}

/** A target, and the offset that an alias adds. */
export interface Resolved {
  readonly target: Target
  readonly addend: number
}

/** A longer chain of aliases is a cycle. */
const longestChain = 16

/**
 * Resolves symbols. A definition comes first: a static definition of the same C file, then others (`Definitions`). A
 * host function takes the place of a defined function if the request means that function (`isRequestedFunction`) and is not
 * `onlyMissing`. Without a definition, in this order: a host function, a function of the image itself, the bound of a
 * section, undefined.
 */
export class Resolver {
  private readonly definitions: Definitions
  private readonly hosts: ReadonlyMap<string, HostRequest>
  private readonly dataSizes: ReadonlyMap<string, number>
  private readonly sections: ReadonlyMap<string | null, ReadonlySet<string>>
  private readonly known = new Map<ObjectFile, Map<string, Resolved>>()
  private readonly imports = new Map<string, ImportTarget>()
  private readonly undefinedData = new Map<string, UndefinedTarget>()

  constructor(
    definitions: Definitions,
    objects: readonly ObjectFile[],
    hosts: ReadonlyMap<string, HostRequest>,
    dataSizes: ReadonlyMap<string, number>,
  ) {
    this.definitions = definitions
    this.hosts = hosts
    this.dataSizes = dataSizes
    const sections = new Map<string | null, Set<string>>()
    for (const { module, data } of objects) {
      const own = sections.get(module) ?? new Set()
      for (const { section } of data) if (section !== null) own.add(section)
      sections.set(module, own)
    }
    this.sections = sections
  }

  /** Resolves a symbol in an object. */
  resolve(object: ObjectFile, name: string): Resolved {
    let names = this.known.get(object)
    if (names === undefined) this.known.set(object, (names = new Map<string, Resolved>()))
    let resolved = names.get(name)
    if (resolved === undefined) names.set(name, (resolved = this.find(object, name)))
    return resolved
  }

  /** Follows a definition through aliases to its target. */
  follow(definition: Definition): Resolved {
    let at: Definition | null = definition
    let addend = 0
    for (let i = 0; i < longestChain && at !== null; i++) {
      if (at.kind === 'function') {
        return { target: this.hostOf(at.function.name, at) ?? at, addend }
      }
      if (at.kind === 'data') return { target: at, addend }
      addend += at.alias.addend
      at = this.definitions.find(at.object, at.alias.target)
    }
    return { target: { kind: 'none' }, addend: 0 }
  }

  private find(object: ObjectFile, name: string): Resolved {
    const definition = this.definitions.find(object, name)
    if (definition !== null) {
      const followed = this.follow(definition)
      const { target } = followed
      if (target.kind !== 'function') return followed
      return { target: this.hostOf(name, target) ?? target, addend: followed.addend }
    }
    return { target: this.findExternal(object, name), addend: 0 }
  }

  private findExternal(object: ObjectFile, name: string): Target {
    const external = object.externalFunctions.find((one) => one.name === name)
    if (external !== undefined) {
      const signature = object.signatures[external.signature] ?? { parameters: [], results: [] }
      const host = this.host(name, signature, external.variadic)
      if (host !== null) return host
      const builtin = builtinSignatures.get(name)
      if (builtin !== undefined) return { kind: 'builtin', name, signature: builtin }
      if (external.weak) return { kind: 'none' }
      return this.import(name, signature, external.variadic, false)
    }
    const data = object.externalData.find((one) => one.name === name)
    if (data === undefined)
      return this.import(name, { parameters: [], results: [] }, false, this.hosts.has(name))
    const section = this.sectionBound(object, name)
    if (section !== null) return section
    if (data.weak) return { kind: 'none' }
    let undefinedData = this.undefinedData.get(name)
    const size = Math.max(data.size, this.dataSizes.get(name) ?? 0, undefinedData?.size ?? 0)
    if (undefinedData === undefined || undefinedData.size < size) {
      undefinedData = { kind: 'undefined', name, size, alignment: data.alignment, type: data.type }
      this.undefinedData.set(name, undefinedData)
    }
    return undefinedData
  }

  /**
   * `__start_x` and `__stop_x` are the bounds of section x. Linker scripts also use the name of a section for its
   * start.
   */
  private sectionBound(object: ObjectFile, name: string): Target | null {
    const bound = /^__(start|stop)_(.*)$/.exec(name)
    const section = bound?.[2] ?? name
    for (const module of new Set([object.module, null])) {
      if (this.sections.get(module)?.has(section) === true) {
        return { kind: 'section', module, section, end: bound?.[1] === 'stop' }
      }
    }
    return null
  }

  /** The host function that replaces a definition; null if there is none. `name` may be an alias of the definition. */
  private hostOf(
    name: string,
    { object, function: one }: { readonly object: ObjectFile; readonly function: ObjectFunction },
  ): ImportTarget | null {
    const request = this.hosts.get(name)
    if (request === undefined || request.onlyMissing === true) return null
    if (!isRequestedFunction(object, one, request.file)) return null
    return this.host(name, object.signatures[one.signature], one.variadic)
  }

  private host(name: string, signature: Signature | undefined, variadic: boolean): ImportTarget | null {
    if (!this.hosts.has(name) || signature === undefined) return null
    return this.import(name, signature, variadic, true)
  }

  /** Returns one import per name. Callers with another signature use an adapter. */
  private import(name: string, signature: Signature, variadic: boolean, host: boolean): ImportTarget {
    let target = this.imports.get(name)
    if (target === undefined) {
      target = { kind: 'import', name, signature, variadic, host }
      this.imports.set(name, target)
    }
    return target
  }
}
