// SPDX-License-Identifier: GPL-2.0-only
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import type { Values } from '../kconfig/evaluate.ts'
import { evaluateMakefile, type MakeResult } from './evaluate.ts'
import { words } from './functions.ts'

/** Variables for special characters. */
const characters: readonly (readonly [string, string])[] = [
  ['comma', ','],
  ['space', ' '],
  ['empty', ''],
  ['quote', '"'],
  ['squote', "'"],
  ['pound', '#'],
]

/** Evaluates the makefiles of a tree for a configuration, each once. */
export class Makefiles {
  readonly #tree: KernelTree
  readonly #variables: ReadonlyMap<string, string>
  readonly #read = new Map<string, Promise<MakeResult | null>>()
  readonly arch: string

  /**
   * @param values - of the configuration; strings have no quotes
   * @param isString - returns true if a symbol is a string
   */
  constructor(tree: KernelTree, arch: string, values: Values, isString: (name: string) => boolean) {
    this.#tree = tree
    this.arch = arch
    this.#variables = new Map([
      ...characters,
      ['ARCH', arch],
      ['SRCARCH', arch],
      ['srctree', '.'],
      ['objtree', '.'],
      ['BITS', values.get('PPC64') === 'y' ? '64' : '32'],
      ['VERSION', String(tree.version.major)],
      ['PATCHLEVEL', String(tree.version.minor)],
      ['KERNELVERSION', tree.version.text],
      ...[...values].map(
        ([name, value]) => [`CONFIG_${name}`, isString(name) ? `"${value}"` : value] as const,
      ),
    ])
  }

  /**
   * Evaluates the makefile of a folder: `Kbuild`, otherwise `Makefile`; at the top, only `Kbuild`. Null if there is
   * none.
   */
  async ofFolder(folder: string): Promise<MakeResult | null> {
    const prefix = folder === '' ? '' : `${folder}/`
    return (await this.file(`${prefix}Kbuild`)) ?? (folder === '' ? null : this.file(`${prefix}Makefile`))
  }

  /** Evaluates a makefile by path. Null if there is none. */
  async file(path: string): Promise<MakeResult | null> {
    const known = this.#read.get(path) ?? this.#evaluate(path)
    this.#read.set(path, known)
    return known
  }

  async #evaluate(path: string): Promise<MakeResult | null> {
    const text = await readText(this.#tree, path)
    if (text === null) return null
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    const variables = new Map([...this.#variables, ['src', folder], ['obj', folder]])
    const included = new Map<string, string | null>()
    for (;;) {
      const missing = new Set<string>()
      const include = (name: string): string | null => {
        if (!included.has(name)) missing.add(name)
        return included.get(name) ?? null
      }
      const result = evaluateMakefile({ path, text, variables, include })
      if (missing.size === 0) return result
      // Reading files is asynchronous, so evaluate again after the included files have been read.
      for (const name of missing) included.set(name, await readText(this.#tree, name))
    }
  }
}

/** The words of several variables, concatenated. */
export function listOf(makefile: MakeResult, ...names: readonly string[]): string[] {
  return names.flatMap((name) => words(makefile.value(name)))
}
