// SPDX-License-Identifier: GPL-2.0-only

/** C files whose constants make a header, in the order in which the headers need each other. Those that a tree lacks are left out. */
export const constantFiles = (
  arch: string,
): readonly { readonly source: string; readonly header: string }[] => [
  { source: 'kernel/bounds.c', header: 'include/generated/bounds.h' },
  { source: `arch/${arch}/kernel/asm-offsets.c`, header: 'include/generated/asm-offsets.h' },
  { source: 'kernel/sched/rq-offsets.c', header: 'include/generated/rq-offsets.h' },
]

/**
 * Reads the constants of a file that was compiled to LLVM IR. Kbuild compiles it to assembler and reads lines `->NAME value` there
 * (include/linux/kbuild.h); in IR they are the texts of assembler with the value as operand.
 *
 * @param ir - textual IR
 * @returns the text of the header
 */
export function constantsHeader(ir: string): string {
  const pattern =
    /asm sideeffect "[^"]*->(\w+) \$\{?0[^"]*", "i[^"]*"\((i\d+) (?:(?:noundef|signext|zeroext) )*(-?\d+)\)/g
  return [...ir.matchAll(pattern)].map(([, name = '', , value = '']) => `#define ${name} ${value}\n`).join('')
}
