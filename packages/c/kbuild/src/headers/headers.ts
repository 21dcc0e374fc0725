// SPDX-License-Identifier: GPL-2.0-only
import type { KernelTree } from '@pfo-workbench/kernel-tree'
import type { Architecture } from '../architecture.ts'
import type { Makefiles } from '../make/makefiles.ts'
import { machineHeaders } from './machines.ts'
import { syscallHeaders } from './syscalls.ts'
import { timeconst } from './timeconst.ts'
import { vdsoHeaders } from './vdso.ts'
import { stdarg, versionHeaders } from './version.ts'
import { wrapperHeaders } from './wrappers.ts'

/** What headers are made of. */
export interface HeaderInput {
  readonly tree: KernelTree
  readonly makefiles: Makefiles
  readonly architecture: Architecture
  readonly hz: number
  /** Text of autoconf.h. */
  readonly autoconf: string
}

/**
 * All headers that Kbuild would generate and that need no compiler, by path in the tree. Headers of constants are there too, and
 * empty, so that the files can be compiled that those are made of.
 */
export async function plainHeaders(input: HeaderInput): Promise<ReadonlyMap<string, string>> {
  const { tree, makefiles, architecture, hz, autoconf } = input
  const { arch } = makefiles
  return new Map([
    ['include/generated/autoconf.h', autoconf],
    ['include/generated/timeconst.h', timeconst(hz)],
    ['include/generated/bounds.h', ''],
    ['include/generated/asm-offsets.h', ''],
    ['include/generated/rq-offsets.h', ''],
    // Symbols that trimming would leave: none is trimmed.
    ['include/generated/autoksyms.h', ''],
    // The folder is searched for headers in angle brackets.
    ['include/generated/uapi/stdarg.h', stdarg],
    ...versionHeaders(tree.version, architecture),
    ...(await wrapperHeaders(tree, makefiles)),
    ...(await syscallHeaders(tree, arch)),
    ...(await machineHeaders(tree, arch)),
    ...(await vdsoHeaders(tree, arch)),
  ])
}
