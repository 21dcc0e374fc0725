// SPDX-License-Identifier: GPL-2.0-only
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Pool, TemporaryFolder, type ProcessLimits } from '@pfo-workbench/process'
import {
  compileIn,
  compileLimits,
  type ClangOutput,
  type ClangResult,
  type CompileJob,
  type NotCompiled,
  type OutputKind,
} from './compile.ts'
import type { Compiler } from './find.ts'

/** Result of compiling a file. */
export type Compiled =
  | (Omit<ClangOutput, 'text'> & {
      /** LLVM IR as text, as clang's front end emits it: unoptimized. */
      readonly ir: string
    })
  | NotCompiled

/** Options of a `Clang`. */
export interface ClangOptions {
  /** Number of files compiled in parallel (default: one per CPU). */
  readonly jobs?: number
  readonly limits?: ProcessLimits
}

/** Compiles files of a kernel tree in parallel. */
export class Clang {
  readonly compiler: Compiler
  readonly #limits: ProcessLimits
  readonly #pool: Pool
  #folder: Promise<TemporaryFolder> | null = null
  #count = 0

  constructor(
    compiler: Compiler,
    { jobs = availableParallelism(), limits = compileLimits }: ClangOptions = {},
  ) {
    this.compiler = compiler
    this.#limits = limits
    this.#pool = new Pool(jobs)
  }

  /**
   * Compiles one file. Waits until fewer than `jobs` files are being compiled.
   *
   * @throws the reason of the signal; TemporaryFolderError or ClangError `workspace` if temporary files cannot be
   * written
   */
  async compile(job: CompileJob, signal?: AbortSignal): Promise<Compiled> {
    const result = await this.#run(job, 'ir', signal)
    if (result.status !== 'ok') return result
    const { text, ...rest } = result
    return { ...rest, ir: text }
  }

  /**
   * Preprocesses one file.
   *
   * @returns the text of all files that are read, with line markers and `#define` lines; null if clang fails
   * @throws as `compile`
   */
  async preprocess(job: CompileJob, signal?: AbortSignal): Promise<string | null> {
    const result = await this.#run(job, 'preprocessed', signal)
    return result.status === 'ok' ? result.text : null
  }

  async #run(job: CompileJob, output: OutputKind, signal?: AbortSignal): Promise<ClangResult> {
    const { path } = await (this.#folder ??= TemporaryFolder.create('pfo-clang'))
    const folder = join(path, String(this.#count++))
    const context = { compiler: this.compiler, limits: this.#limits, output, signal }
    return this.#pool.run(async () => compileIn(folder, job, context), signal)
  }

  /** Removes the temporary files. */
  async dispose(): Promise<void> {
    const folder = await this.#folder
    this.#folder = null
    await folder?.dispose()
  }
}
