// SPDX-License-Identifier: GPL-2.0-only
import type { Values } from '../kconfig/evaluate.ts'
import type { Assignment, MakeResult } from './evaluate.ts'
import { listOf, type Makefiles } from './makefiles.ts'

/** A symbol that keeps a file from being built. */
export interface Guard {
  /** Without `CONFIG_`. */
  readonly symbol: string
  /** Makefile line that requires it: `drivers/of/Makefile:7`. */
  readonly place: string
}

/** Place of a C file in the build, according to the makefiles. */
export type Placement =
  | {
      readonly status: 'built'
      /** True if it is part of a module. */
      readonly isModular: boolean
      /** The module as in KBUILD_MODNAME, but with `-`. Drivers are named after it. */
      readonly module: string
      /** Folders whose makefiles lead to the file, from the top. The last one has the line that builds it. */
      readonly folders: readonly string[]
    }
  | {
      readonly status: 'not-built'
      /** Symbols to set, the nearest first. Empty if no makefile names the file. */
      readonly guards: readonly Guard[]
    }

/** Result of the search for a folder: the path of makefiles that descends into it, or the symbols that prevent it. */
type Reached =
  | { readonly reached: true; readonly folders: readonly string[] }
  | { readonly reached: false; readonly guards: readonly Guard[] }

/** Lists of objects and folders that Kbuild builds, in makefiles of folders, the top and the architecture. */
const builtIn = ['obj-y', 'lib-y', 'core-y', 'drivers-y', 'libs-y', 'net-y', 'init-y', 'virt-y', 'subdir-y']
const modular = ['obj-m', 'lib-m', 'subdir-m', 'core-m', 'drivers-m']

/** Name of such a list before the symbol in it is expanded. */
const listName = /^(?:obj|lib|core|drivers|libs|net|init|virt|subdir)-/

/**
 * Folders that the top Makefile names before 6.0, where the top Kbuild lists no folders. The Makefile names lib in all
 * versions.
 */
const topFolders = new Set([
  ...['init', 'usr', 'kernel', 'certs', 'mm', 'fs', 'ipc', 'security', 'crypto', 'block', 'io_uring'],
  ...['drivers', 'sound', 'firmware', 'net', 'lib', 'virt', 'samples'],
])

/** All splits of a path into a folder and the rest, nearest folder first. */
function* splits(path: string): Generator<{ folder: string; rest: string }> {
  for (let cut = path.lastIndexOf('/'); ; cut = path.lastIndexOf('/', cut - 1)) {
    yield { folder: path.slice(0, Math.max(0, cut)), rest: path.slice(cut + 1) }
    if (cut <= 0) return
  }
}

const symbolsIn = (text: string): string[] =>
  [...text.matchAll(/\bCONFIG_(\w+)/g)].map(([, name = '']) => name)

/** Finds out which files a configuration builds, from the makefiles in the folders above them. */
export class Placements {
  readonly #makefiles: Makefiles
  readonly #values: Values
  readonly #folders = new Map<string, Promise<Reached>>()

  constructor(makefiles: Makefiles, values: Values) {
    this.#makefiles = makefiles
    this.#values = values
  }

  /**
   * Says whether the makefiles build a C file. If they build it, names the module that contains it.
   *
   * @param path - path of the file in the tree
   */
  async of(path: string): Promise<Placement> {
    const object = path.replace(/\.c$/, '.o')
    let unbuilt: readonly Guard[] = []
    for (const { folder, rest } of splits(object)) {
      const makefile = await this.#makefiles.ofFolder(folder)
      if (makefile === null) continue
      const found = findObject(makefile, rest)
      if (found === null) {
        if (unbuilt.length === 0) unbuilt = this.#guardsOf(makefile, rest)
        continue
      }
      const reached = await this.#folder(folder)
      if (reached.reached) return { status: 'built', ...found, folders: reached.folders }
      return { status: 'not-built', guards: reached.guards }
    }
    if (unbuilt.length === 0) return { status: 'not-built', guards: [] }
    const reached = await this.#folder(path.slice(0, path.lastIndexOf('/')))
    return { status: 'not-built', guards: [...unbuilt, ...(reached.reached ? [] : reached.guards)] }
  }

  async #folder(folder: string): Promise<Reached> {
    const known = this.#folders.get(folder) ?? this.#reach(folder)
    this.#folders.set(folder, known)
    return known
  }

  async #reach(folder: string): Promise<Reached> {
    const ownArch = `arch/${this.#makefiles.arch}`
    if (folder === '' || folder === ownArch) return { reached: true, folders: [folder] }
    if (/^arch(?:\/[^/]+)?$/.test(folder)) return { reached: false, guards: [] }
    let guards: readonly Guard[] = []
    for (const { folder: above, rest } of splits(folder)) {
      for (const [makefile, name] of await this.#listsOf(above, rest, folder)) {
        if (listOf(makefile, ...builtIn, ...modular).some((word) => word === `${name}/` || word === name)) {
          const outer = await this.#folder(above)
          return outer.reached ? { reached: true, folders: [...outer.folders, folder] } : outer
        }
        if (guards.length === 0)
          guards = this.#guardsOfWords(makefile, (word) => word === `${name}/` || word === name)
      }
    }
    if (
      guards.length === 0 &&
      topFolders.has(folder) &&
      (folder === 'lib' || !(await this.#topKbuildHasFolders()))
    )
      return { reached: true, folders: ['', folder] }
    return { reached: false, guards }
  }

  /** Makefiles that may name a folder, each with the name to look for. */
  async #listsOf(above: string, rest: string, folder: string): Promise<[MakeResult, string][]> {
    const own = await this.#makefiles.ofFolder(above)
    const lists: [MakeResult, string][] = own === null ? [] : [[own, rest]]
    if (above === `arch/${this.#makefiles.arch}`) {
      // The architecture's Makefile uses full paths.
      const outer = await this.#makefiles.file(`${above}/Makefile`)
      if (outer !== null) lists.push([outer, folder])
    }
    return lists
  }

  async #topKbuildHasFolders(): Promise<boolean> {
    const top = await this.#makefiles.ofFolder('')
    return top !== null && listOf(top, 'obj-y').some((word) => word.endsWith('/'))
  }

  /**
   * Symbols that keep an object from being built: the symbols in its own line, and in the line of the composite object
   * that it is part of.
   */
  #guardsOf(makefile: MakeResult, object: string): readonly Guard[] {
    const direct = this.#guardsOfWords(makefile, (word) => word === object)
    if (direct.length > 0) return direct
    for (const assignment of makefile.assignments) {
      const composite = /^(.+)-(?:objs|y|m|\$[({].*)$/.exec(assignment.rawName)?.[1]
      if (composite === undefined || listName.test(assignment.rawName) || !assignment.words.includes(object))
        continue
      const guards = [
        ...this.#guardsOfLine(assignment),
        ...this.#guardsOfWords(makefile, (word) => word === `${composite}.o`),
      ]
      if (guards.length > 0) return guards
    }
    return []
  }

  #guardsOfWords(makefile: MakeResult, isIt: (word: string) => boolean): readonly Guard[] {
    for (const assignment of makefile.assignments) {
      if (!listName.test(assignment.rawName) || !assignment.words.some(isIt)) continue
      const guards = this.#guardsOfLine(assignment)
      if (guards.length > 0) return guards
    }
    return []
  }

  #guardsOfLine({ rawName, conditions, active, place }: Assignment): readonly Guard[] {
    const names = [...symbolsIn(rawName), ...(active ? [] : symbolsIn(conditions.at(-1) ?? ''))]
    return names.filter((symbol) => !this.#values.has(symbol)).map((symbol) => ({ symbol, place }))
  }
}

/**
 * Finds the module of an object, and whether it is built as a module. Null if the makefile does not build the object.
 */
function findObject(makefile: MakeResult, object: string): { isModular: boolean; module: string } | null {
  for (const [isModular, lists] of [
    [false, builtIn],
    [true, modular],
  ] as const) {
    const objects = listOf(makefile, ...lists)
    const composites = objects.filter((word) => word.endsWith('.o')).map((word) => word.slice(0, -2))
    const parents = composites.filter((name) =>
      listOf(makefile, `${name}-objs`, `${name}-y`, ...(isModular ? [`${name}-m`] : [])).includes(object),
    )
    const names = [...new Set(parents.map((name) => name.slice(name.lastIndexOf('/') + 1)))].sort()
    if (names.length > 0) return { isModular, module: names.join(':') }
    if (objects.includes(object)) return { isModular, module: object.slice(object.lastIndexOf('/') + 1, -2) }
  }
  return null
}
