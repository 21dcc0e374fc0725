// SPDX-License-Identifier: GPL-2.0-only

/**
 * The program of the process in which variants are compiled. The compilers in it are trusted, what they compile is not: a text
 * can be made that keeps them busy for ever, fills their memory or their stack, or that they have a fault for.
 */
import { Compiler, type Compilation, type Compiled } from './compile.ts'
import type { ModelSources } from '../sources.ts'
import { messageOf } from '@pfo-workbench/variant'

/** What the process is told first, and then for each variant. */
export type CompileRequest =
  | {
      readonly kind: 'sources'
      readonly files: readonly (readonly [string, string])[]
      readonly entries: readonly (readonly [string, string])[]
      readonly entry: string
      readonly folder: string
    }
  | ({ readonly kind: 'compile' } & Compilation)

/** The folder of the bundle cannot be written: a fault of the machine, not of a patch. */
interface Unwritable {
  readonly status: 'unwritable'
  /** What the system says. */
  readonly what: string
}

/** What it answers; `spent` when a compiler failed, so that nobody knows in what state it is. */
export type CompileAnswer = (Compiled & { readonly spent?: true }) | Unwritable

/** What the system says of a disk that takes no more, as codes of Node's errors. */
const diskFaults: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG'])

let compiler: Compiler | null = null

async function compile(request: Compilation): Promise<CompileAnswer> {
  try {
    if (compiler === null) throw new Error('there are no sources')
    return await compiler.compile(request)
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && diskFaults.has(fault.code))
      return { status: 'unwritable', what: messageOf(fault) }
    const deep = fault instanceof RangeError && /call stack/.test(fault.message)
    return {
      status: 'invalid',
      what: deep
        ? 'the patched models are nested too deeply for the compiler.'
        : 'the compiler has a fault that the patched models lead to:',
      faults: deep ? [] : [messageOf(fault)],
      spent: true,
    }
  }
}

process.on('message', (request: CompileRequest) => {
  if (request.kind === 'compile') {
    void compile(request).then((answer) => process.send?.(answer))
  } else {
    const sources: ModelSources = { files: new Map(request.files), entries: new Map(request.entries) }
    compiler = new Compiler(sources, request.entry, request.folder)
  }
})
process.on('disconnect', () => process.exit())
