// SPDX-License-Identifier: GPL-2.0-only
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'

/** Linker scripts of powerpc's vDSO. They moved in 5.17. */
const scripts = (bits: string): readonly string[] => [
  `arch/powerpc/kernel/vdso/vdso${bits}.lds.S`,
  `arch/powerpc/kernel/vdso${bits}/vdso${bits}.lds.S`,
]

/**
 * Generates the headers with the offsets of powerpc's vDSO. make finds the offsets by linking the vDSO. Here the names
 * come from the linker scripts and all offsets are 0, so that files that use them compile.
 */
export async function vdsoHeaders(tree: KernelTree, arch: string): Promise<[string, string][]> {
  if (arch !== 'powerpc') return []
  return Promise.all(
    ['32', '64'].map(async (bits): Promise<[string, string]> => {
      const texts = await Promise.all(scripts(bits).map(async (path) => readText(tree, path)))
      const names = [...texts.join('').matchAll(/\bVDSO_(\w+)\s*=/g)].map(([, name = '']) => name)
      const lines = [...new Set(names)].map((name) => `#define vdso${bits}_offset_${name} 0\n`)
      return [`include/generated/vdso${bits}-offsets.h`, lines.join('')]
    }),
  )
}
