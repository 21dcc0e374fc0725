// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool, type ProcessLimits } from '@pfo-workbench/process'
import { compileIn, compileLimits, type Compiled, type CompileJob } from './compile.ts'
import { ClangError } from './error.ts'
import type { Compiler } from './find.ts'

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
  readonly #folder: string
  #count = 0

  /** @throws ClangError `workspace` if the temporary folder cannot be created */
  constructor(
    compiler: Compiler,
    { jobs = availableParallelism(), limits = compileLimits }: ClangOptions = {},
  ) {
    this.compiler = compiler
    this.#limits = limits
    this.#pool = new Pool(jobs)
    try {
      this.#folder = mkdtempSync(join(tmpdir(), `pfo-clang-${String(process.pid)}-`))
    } catch (fault) {
      const why = fault instanceof Error ? fault.message : String(fault)
      throw new ClangError('workspace', `no temporary folder for the compiler: ${why}`, { cause: fault })
    }
    process.once('exit', this.dispose)
  }

  /**
   * Compiles one file. Waits until fewer than `jobs` files are being compiled.
   *
   * @throws the reason of the signal; ClangError `workspace` if temporary files cannot be written
   */
  async compile(job: CompileJob, signal?: AbortSignal): Promise<Compiled> {
    const folder = join(this.#folder, String(this.#count++))
    const context = { compiler: this.compiler, limits: this.#limits, signal }
    return this.#pool.run(async () => compileIn(folder, job, context), signal)
  }

  /** Removes the temporary files. */
  readonly dispose = (): void => {
    process.off('exit', this.dispose)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
