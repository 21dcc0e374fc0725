// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'

/** Functions that the modelled files define in one kernel version. */
export interface KernelFunctions {
  readonly version: string
  /** Names by file, sorted alphabetically. */
  readonly byFile: ReadonlyMap<string, readonly string[]>
}

/** Reads `data/kernel-functions.json`, which was generated from the kernel sources with ctags. */
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
