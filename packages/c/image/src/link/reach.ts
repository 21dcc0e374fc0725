// SPDX-License-Identifier: GPL-2.0-only
import { type ObjectData, type ObjectFile, type ObjectFunction } from '@pfo-workbench/object'
import { relocationKinds } from '@pfo-workbench/object/wasm'
import type { ImportTarget, Resolved, Resolver, Target, UndefinedTarget } from './targets.ts'

/** A function that is part of the image. */
export interface ReachedFunction {
  readonly object: ObjectFile
  readonly function: ObjectFunction
}

/** A variable that is part of the image. */
export interface ReachedData {
  readonly object: ObjectFile
  readonly data: ObjectData
}

/** Everything that the roots reach, in order of discovery. */
export class Reached {
  readonly functions: Map<ObjectFunction, ReachedFunction> = new Map()
  readonly data: Map<ObjectData, ReachedData> = new Map()
  readonly imports: Set<ImportTarget> = new Set()
  readonly builtins: Set<string> = new Set()
  readonly undefined: Set<UndefinedTarget> = new Set()
  /** Sections whose bounds are used. All data in them is part of the image. */
  readonly sections: Map<string | null, Set<string>> = new Map()
  private readonly objects: readonly ObjectFile[]
  private readonly resolver: Resolver
  private readonly pending: (() => void)[] = []

  constructor(objects: readonly ObjectFile[], resolver: Resolver) {
    this.objects = objects
    this.resolver = resolver
  }

  /** Adds a target and everything that it reaches. */
  add({ target }: Resolved): void {
    this.visit(target)
    for (let next = this.pending.pop(); next !== undefined; next = this.pending.pop()) next()
  }

  private visit(target: Target): void {
    switch (target.kind) {
      case 'function':
        if (this.functions.has(target.function)) return
        this.functions.set(target.function, target)
        this.pending.push(() => this.followCode(target))
        return
      case 'data':
        if (this.data.has(target.data)) return
        this.data.set(target.data, target)
        this.pending.push(() => this.followData(target))
        return
      case 'import':
        this.imports.add(target)
        return
      case 'builtin':
        this.builtins.add(target.name)
        return
      case 'undefined':
        this.undefined.add(target)
        return
      case 'section':
        this.visitSection(target.module, target.section)
        return
      case 'none':
        return
    }
  }

  private followCode({ object, function: { relocations } }: ReachedFunction): void {
    for (let i = 0; i < relocations.length; i += 4) {
      const kind = relocationKinds[relocations[i + 1] ?? -1]
      if (kind !== 'call' && kind !== 'address') continue
      this.visit(this.resolver.resolve(object, object.symbols[relocations[i + 2] ?? -1] ?? '').target)
    }
  }

  private followData({ object, data }: ReachedData): void {
    for (const { symbol, minus } of data.relocations) {
      this.visit(this.resolver.resolve(object, symbol).target)
      if (minus !== null) this.visit(this.resolver.resolve(object, minus).target)
    }
  }

  private visitSection(module: string | null, section: string): void {
    let own = this.sections.get(module)
    if (own === undefined) this.sections.set(module, (own = new Set()))
    if (own.has(section)) return
    own.add(section)
    for (const object of this.objects) {
      if (object.module !== module) continue
      for (const data of object.data) if (data.section === section) this.visit({ kind: 'data', object, data })
    }
  }
}
