// SPDX-License-Identifier: GPL-2.0-only
import { readText, type KernelTree } from '@pfo-workbench/kernel-tree'

/** A line of a `syscall.tbl`. */
interface Syscall {
  readonly number: number
  readonly abi: string
  readonly name: string
  readonly entry: string
  readonly compat: string | null
}

function parseTable(text: string): Syscall[] {
  return text.split('\n').flatMap((line) => {
    const [, number, abi = '', name = '', entry, compat] =
      /^(\d+)\s+(\w+)\s+(\w+)(?:\s+(\w+))?(?:\s+(\w+))?/.exec(line) ?? []
    if (number === undefined) return []
    return [{ number: Number(number), abi, name, entry: entry ?? 'sys_ni_syscall', compat: compat ?? null }]
  })
}

/**
 * Definitions of `__NR_read` and so on.
 *
 * @param offset - name of a macro that is added to each number; null for none
 */
function numbers(table: readonly Syscall[], offset: string | null): string {
  const lines = table.map(
    ({ number, name }) =>
      `#define __NR_${name} ${offset === null ? '' : `(${offset} + `}${String(number)}${offset === null ? '' : ')'}\n`,
  )
  return lines.join('')
}

/** Table entries, with `sys_ni_syscall` for unused numbers. */
function entries(table: readonly Syscall[]): string {
  const byNumber = new Map(table.map((call) => [call.number, call]))
  const last = Math.max(-1, ...byNumber.keys())
  return Array.from({ length: last + 1 }, (_, number) => {
    const call = byNumber.get(number)
    return call?.compat == null
      ? `__SYSCALL(${String(number)}, ${call?.entry ?? 'sys_ni_syscall'})\n`
      : `__SYSCALL_WITH_COMPAT(${String(number)}, ${call.entry}, ${call.compat})\n`
  }).join('')
}

const count = (table: readonly Syscall[]): number => Math.max(-1, ...table.map(({ number }) => number)) + 1

const ofAbis = (table: readonly Syscall[], ...abis: readonly string[]): Syscall[] =>
  table.filter(({ abi }) => abis.includes(abi))

function powerpc(table: readonly Syscall[]): [string, string][] {
  const out = 'arch/powerpc/include/generated'
  return [
    ...['32', '64'].flatMap((bits): [string, string][] => {
      const own = ofAbis(table, 'common', 'nospu', bits)
      const total = `#ifdef __KERNEL__\n#define __NR_syscalls ${String(count(own))}\n#endif\n`
      return [
        [`${out}/uapi/asm/unistd_${bits}.h`, numbers(own, null) + total],
        [`${out}/asm/syscall_table_${bits}.h`, entries(own)],
      ]
    }),
    [`${out}/asm/syscall_table_spu.h`, entries(ofAbis(table, 'common', 'spu'))],
  ]
}

/** Rounds up to a multiple of the smallest power of four for which the quotient fits in a byte. */
function padded(total: number): number {
  let align = 1
  while (total >= 256 * align) align *= 4
  return Math.ceil(total / align) * align
}

function arm(table: readonly Syscall[]): [string, string][] {
  const out = 'arch/arm/include/generated'
  const base = '__NR_SYSCALL_BASE'
  return [
    [`${out}/uapi/asm/unistd-common.h`, numbers(ofAbis(table, 'common'), base)],
    // From 5.12 on, these headers have the common numbers too. Repeating equal definitions is harmless.
    [`${out}/uapi/asm/unistd-oabi.h`, numbers(ofAbis(table, 'common', 'oabi'), base)],
    [`${out}/uapi/asm/unistd-eabi.h`, numbers(ofAbis(table, 'common', 'eabi'), base)],
    [`${out}/asm/unistd-nr.h`, `#define __NR_syscalls ${String(padded(count(table)))}\n`],
  ]
}

/**
 * Headers from the system call table of an architecture. powerpc before 5.0 has no table; its headers are in the tree.
 */
export async function syscallHeaders(tree: KernelTree, arch: string): Promise<[string, string][]> {
  const path = arch === 'arm' ? 'arch/arm/tools/syscall.tbl' : `arch/${arch}/kernel/syscalls/syscall.tbl`
  const text = await readText(tree, path)
  if (text === null) return []
  return arch === 'arm' ? arm(parseTable(text)) : powerpc(parseTable(text))
}
