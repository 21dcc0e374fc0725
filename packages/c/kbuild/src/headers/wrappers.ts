// SPDX-License-Identifier: GPL-2.0-only
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import { listOf, type Makefiles } from '../make/makefiles.ts'

/** The header folders of an architecture, with the generic headers that may replace missing ones. */
const kinds = [
  { own: 'include/asm', generic: 'include/asm-generic', out: 'include/generated/asm' },
  { own: 'include/uapi/asm', generic: 'include/uapi/asm-generic', out: 'include/generated/uapi/asm' },
]

/**
 * Headers of an architecture that only include the generic header: those that its Kbuild names (`generic-y`), and
 * mandatory ones (`mandatory-y`) that the architecture does not have. Headers that the build generates in another way
 * (`generated-y`) are left out.
 */
export async function wrapperHeaders(tree: KernelTree, makefiles: Makefiles): Promise<[string, string][]> {
  const base = `arch/${makefiles.arch}`
  const headers: [string, string][] = []
  for (const { own, generic, out } of kinds) {
    const there = new Set(await tree.list(`${base}/${own}`))
    const lists = [await makefiles.file(`${base}/${own}/Kbuild`), await makefiles.file(`${generic}/Kbuild`)]
    // Before 5.0 the list of mandatory uapi headers is in a file that architectures include.
    lists.push(await makefiles.file(`${generic}/Kbuild.asm`))
    const made = new Set(lists.flatMap((list) => (list === null ? [] : listOf(list, 'generated-y'))))
    const wanted = lists.flatMap((list) => (list === null ? [] : listOf(list, 'generic-y', 'mandatory-y')))
    for (const name of new Set(wanted))
      if (!there.has(name) && !made.has(name) && /^[\w.-]+$/.test(name))
        headers.push([`${base}/${out}/${name}`, `#include <asm-generic/${name}>\n`])
  }
  return headers
}
