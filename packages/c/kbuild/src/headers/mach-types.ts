// SPDX-License-Identifier: GPL-2.0-only
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'

/**
 * Generates `asm/mach-types.h` of arm, with `machine_is_x()` and `MACH_TYPE_X`, from the table of boards
 * (arch/arm/tools/mach-types). The board is tested at run time, as in a multi-platform kernel.
 */
export async function machTypesHeader(tree: KernelTree, arch: string): Promise<[string, string][]> {
  if (arch !== 'arm') return []
  const text = (await readText(tree, 'arch/arm/tools/mach-types')) ?? ''
  const boards = text.split('\n').flatMap((line) => {
    const [, name, symbol, type, number] = /^(\w+)\s+(\w+)\s+(\w+)(?:\s+(\d+))?\s*$/.exec(line) ?? []
    return name === undefined ? [] : [{ name, symbol: symbol ?? '', type: type ?? '', number }]
  })
  const lines = boards.map(({ name, symbol, type, number }) => {
    const never = `#define machine_is_${name}() (0)\n`
    if (number === undefined) return never
    const asked = `#define machine_is_${name}() (machine_arch_type == MACH_TYPE_${type})\n`
    return `#define MACH_TYPE_${type} ${number}\n#ifdef CONFIG_${symbol}\n${asked}#else\n${never}#endif\n`
  })
  const head =
    '#pragma once\n#ifndef __ASSEMBLY__\nextern unsigned int __machine_arch_type;\n#endif\n#define machine_arch_type __machine_arch_type\n'
  return [[`arch/arm/include/generated/asm/mach-types.h`, head + lines.join('')]]
}
