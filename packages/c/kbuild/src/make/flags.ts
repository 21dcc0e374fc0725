// SPDX-License-Identifier: GPL-2.0-only
import { posix } from 'node:path'
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import { factsOf, type Architecture } from '../architecture.ts'
import { listOf, type Makefiles } from './makefiles.ts'
import type { Placement } from './placement.ts'

/** Options that change the meaning of C. Each is used if the tree's top Makefile has it. */
const languageOptions = [
  '-fshort-wchar',
  '-funsigned-char',
  '-fms-extensions',
  '-fno-common',
  '-fno-PIE',
  '-fno-strict-aliasing',
  '-fno-delete-null-pointer-checks',
]

/** Splits a text into words like a shell: quotes group words and are removed. */
function unquoted(text: readonly string[]): string[] {
  const joined = text.join(' ')
  const result: string[] = []
  for (const [word] of joined.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+/g))
    result.push(
      word.replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_all, a?: string, b?: string, c?: string) =>
        a !== undefined ? a.replaceAll(/\\(["\\$`])/g, '$1') : (b ?? c ?? ''),
      ),
    )
  return result
}

/** Path of a folder or file, relative to the tree; null if it is outside. */
function inTree(path: string): string | null {
  if (path === '' || path.startsWith('/')) return null
  const clean = posix.normalize(path)
  return clean.startsWith('..') ? null : clean.replace(/\/$/, '')
}

/**
 * Selects the accepted options of makefiles: macros, and include folders and files inside of the tree. All other
 * options select instructions, warnings or optimizations, or could name programs and files outside of the tree.
 */
export function acceptedFlags(given: readonly string[]): string[] {
  const accepted: string[] = []
  const all = unquoted(given)
  for (let at = 0; at < all.length; at++) {
    const word = all[at] ?? ''
    const macro = /^-[DU](.*)$/s.exec(word)
    if (macro !== null) {
      const text = macro[1] === '' ? (all[++at] ?? '') : (macro[1] ?? '')
      if (/^\w/.test(text)) accepted.push(word.slice(0, 2) + text)
      continue
    }
    const place = /^(-I|-isystem|-include)(.*)$/s.exec(word)
    if (place === null) continue
    const [, option = '', attached = ''] = place
    const path = inTree(attached === '' ? (all[++at] ?? '') : attached)
    if (path === null) continue
    if (option === '-include') accepted.push(option, path)
    else accepted.push(`-I${path}`)
  }
  return accepted
}

/** Replaces `-` and `,`, which a macro name cannot contain. */
const macroName = (name: string): string => name.replaceAll(/[-,]/g, '_')

/** Compiler options for the files of a configuration: the options of Kbuild that change the meaning of a file. */
export class Flags {
  readonly #tree: KernelTree
  readonly #makefiles: Makefiles
  readonly #architecture: Architecture
  #common: Promise<readonly string[]> | null = null

  constructor(tree: KernelTree, makefiles: Makefiles, architecture: Architecture) {
    this.#tree = tree
    this.#makefiles = makefiles
    this.#architecture = architecture
  }

  /** Options common to all files. Paths are relative to the tree. */
  async common(): Promise<readonly string[]> {
    return (this.#common ??= this.#makeCommon())
  }

  /**
   * Options of a file in addition to the common ones.
   *
   * @param placement - what the makefiles do with the file; a file that is not built gets only the options of its
   * folder
   */
  async own(path: string, placement: Placement): Promise<readonly string[]> {
    const folder = posix.dirname(path)
    const isBuilt = placement.status === 'built'
    const folders = isBuilt ? placement.folders : [folder]
    const home = folders.at(-1) ?? folder
    const stem = (home === '' ? path : posix.relative(home, path)).replace(/\.c$/, '')
    const given: string[] = []
    for (const one of folders) {
      const makefile = await this.#makefiles.ofFolder(one)
      if (makefile === null) continue
      given.push(...listOf(makefile, 'subdir-ccflags-y'))
      if (one !== home) continue
      const removed = new Set(
        listOf(
          makefile,
          'ccflags-remove-y',
          `CFLAGS_REMOVE_${stem}.o`,
          `CFLAGS_REMOVE_${posix.basename(stem)}.o`,
        ),
      )
      const own = listOf(makefile, 'ccflags-y', 'EXTRA_CFLAGS', `CFLAGS_${stem}.o`)
      if (stem.includes('/')) own.push(...listOf(makefile, `CFLAGS_${posix.basename(stem)}.o`))
      given.push(...own.filter((word) => !removed.has(word)))
    }
    const base = posix.basename(path, '.c')
    const module = isBuilt ? placement.module : base
    return [
      ...acceptedFlags(given),
      `-I${folder}`,
      ...(isBuilt && placement.isModular ? ['-DMODULE'] : []),
      `-DKBUILD_MODFILE="${posix.join(posix.dirname(path), module)}"`,
      `-DKBUILD_BASENAME="${macroName(base)}"`,
      `-DKBUILD_MODNAME="${macroName(module)}"`,
      `-D__KBUILD_MODNAME=kmod_${macroName(module)}`,
    ]
  }

  async #makeCommon(): Promise<readonly string[]> {
    const { arch, target, flags } = factsOf(this.#architecture)
    const top = (await readText(this.#tree, 'Makefile')) ?? ''
    const own = await this.#makefiles.file(`arch/${arch}/Makefile`)
    const fromArch = own === null ? [] : listOf(own, 'KBUILD_CPPFLAGS', 'KBUILD_CFLAGS', 'arch-y')
    const has = async (path: string): Promise<boolean> => (await this.#tree.read(path)) !== null
    const early = (await has('include/linux/compiler-version.h'))
      ? ['-include', 'include/linux/compiler-version.h']
      : []
    const types = (await has('include/linux/compiler_types.h'))
      ? ['-include', 'include/linux/compiler_types.h']
      : []
    const march = fromArch.find((word) => word.startsWith('-march='))
    return [
      `--target=${target}`,
      ...flags,
      ...(arch === 'arm' && march !== undefined ? [march] : []),
      '-nostdinc',
      /-std=gnu\d\d/.exec(top)?.[0] ?? '-std=gnu89',
      ...languageOptions.filter((option) => new RegExp(`(?<![\\w-])${option}(?![\\w-])`).test(top)),
      // The Makefile passes -fno-strict-overflow, which means the same to clang.
      '-fwrapv',
      '-ffreestanding',
      '-fno-builtin',
      '-fno-stack-protector',
      '-fno-jump-tables',
      ...[`arch/${arch}/include`, `arch/${arch}/include/generated`, 'include'].map((path) => `-I${path}`),
      ...[`arch/${arch}/include/uapi`, `arch/${arch}/include/generated/uapi`].map((path) => `-I${path}`),
      ...['include/uapi', 'include/generated/uapi'].map((path) => `-I${path}`),
      ...early,
      '-include',
      'include/linux/kconfig.h',
      ...types,
      '-D__KERNEL__',
      ...acceptedFlags(fromArch),
    ]
  }
}
