// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'

/** The functions that the modelled files of the kernel define, at one version of it. */
export interface KernelFunctions {
  readonly version: string
  /** Names by file, each list in alphabetical order. */
  readonly byFile: ReadonlyMap<string, readonly string[]>
}

/** Reads `data/kernel-functions.json`, which was made from the kernel's sources with ctags. */
export function kernelFunctions(): KernelFunctions {
  const file = new URL('../../data/kernel-functions.json', import.meta.url)
  const { version, functions } = JSON.parse(readFileSync(file, 'utf8')) as {
    version: string
    functions: Record<string, string>
  }
  return {
    version,
    byFile: new Map(
      Object.entries(functions).map(([path, names]) => [
        path,
        names.split(' ').filter((name) => name !== ''),
      ]),
    ),
  }
}
