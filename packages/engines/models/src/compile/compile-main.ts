// SPDX-License-Identifier: GPL-2.0-only
import { messageOf } from '@pfo-workbench/errors'

/**
 * Main program of the process that compiles variants. The compilers are trusted; the code that they compile is not. A
 * crafted source can keep a compiler busy forever, exhaust its memory or stack, or trigger a bug in it.
 */
import { Compiler, type Compilation, type Compiled } from './compile.ts'
import type { ModelSources } from '../sources.ts'

/** Messages to the process: first `sources`, then one `compile` for each variant. */
export type CompileRequest =
  | {
      readonly kind: 'sources'
      readonly files: readonly (readonly [string, string])[]
      readonly entries: readonly (readonly [string, string])[]
      readonly entry: string
      readonly folder: string
    }
  | ({ readonly kind: 'compile' } & Compilation)

/** The bundle folder is not writable. The fault is in the machine, not in a patch. */
interface Unwritable {
  readonly status: 'unwritable'
  /** Error message of the system. */
  readonly what: string
}

/** Answer of the process. `spent`: a compiler failed and its state is unknown. */
export type CompileAnswer = (Compiled & { readonly spent?: true }) | Unwritable

/** Codes of Node errors for a disk that is full or not writable. */
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
        : 'the patched models trigger a bug in the compiler:',
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
