// SPDX-License-Identifier: GPL-2.0-only
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import type { Architecture } from '../architecture.ts'
import type { Makefiles } from '../make/makefiles.ts'
import { machTypesHeader } from './mach-types.ts'
import { syscallHeaders } from './syscalls.ts'
import { timeconst } from './timeconst.ts'
import { vdsoHeaders } from './vdso.ts'
import { stdarg, versionHeaders } from './version.ts'
import { wrapperHeaders } from './wrappers.ts'

/** Input of the header generation. */
export interface HeaderInput {
  readonly tree: KernelTree
  readonly makefiles: Makefiles
  readonly architecture: Architecture
  readonly hz: number
  /** Text of autoconf.h. */
  readonly autoconf: string
}

/**
 * All headers that Kbuild generates without a compiler, by path in the tree. Headers of constants are included as empty
 * files, so that the C files that produce them can be compiled.
 */
export async function headersWithoutCompiler(input: HeaderInput): Promise<ReadonlyMap<string, string>> {
  const { tree, makefiles, architecture, hz, autoconf } = input
  const { arch } = makefiles
  return new Map([
    ['include/generated/autoconf.h', autoconf],
    ['include/generated/timeconst.h', timeconst(hz)],
    ['include/generated/bounds.h', ''],
    ['include/generated/asm-offsets.h', ''],
    ['include/generated/rq-offsets.h', ''],
    // Symbols that are kept when unused ones are trimmed. Nothing is trimmed here.
    ['include/generated/autoksyms.h', ''],
    // The compiler searches this folder for headers in angle brackets.
    ['include/generated/uapi/stdarg.h', stdarg],
    ...versionHeaders(tree.version, architecture),
    ...(await wrapperHeaders(tree, makefiles)),
    ...(await syscallHeaders(tree, arch)),
    ...(await machTypesHeader(tree, arch)),
    ...(await vdsoHeaders(tree, arch)),
  ])
}
