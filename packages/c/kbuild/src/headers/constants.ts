// SPDX-License-Identifier: GPL-2.0-only

/**
 * C files whose constants become headers, in the order of their dependencies. Some trees do not have all of these
 * files.
 */
export const constantFiles = (
  arch: string,
): readonly { readonly source: string; readonly header: string }[] => [
  { source: 'kernel/bounds.c', header: 'include/generated/bounds.h' },
  { source: `arch/${arch}/kernel/asm-offsets.c`, header: 'include/generated/asm-offsets.h' },
  { source: 'kernel/sched/rq-offsets.c', header: 'include/generated/rq-offsets.h' },
]

/**
 * Extracts the constants of a file that was compiled to LLVM IR. Kbuild compiles the file to assembler and extracts
 * lines `->NAME value` (include/linux/kbuild.h). In IR these lines are inline assembler with the value as operand.
 *
 * @param ir - textual IR
 * @returns the text of the header
 */
export function constantsHeader(ir: string): string {
  const pattern =
    /asm sideeffect "[^"]*->(\w+) \$\{?0[^"]*", "i[^"]*"\((i\d+) (?:(?:noundef|signext|zeroext) )*(-?\d+)\)/g
  return [...ir.matchAll(pattern)].map(([, name = '', , value = '']) => `#define ${name} ${value}\n`).join('')
}
