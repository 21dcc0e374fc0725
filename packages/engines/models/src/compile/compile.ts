// SPDX-License-Identifier: GPL-2.0-only
import { Bundler } from './bundle.ts'
import type { ChangedStatement } from '@pfo-workbench/run'
import { TypeChecker } from './checker.ts'
import { loadFaults, policyFaults } from './policy.ts'
import { instrument } from './coverage.ts'
import { sorted } from '@pfo-workbench/variant'
import type { ModelSources } from '../sources.ts'

/** Input of a compilation: changes to the model sources. */
export interface Compilation {
  /** Changed files by path; null for deleted files. */
  readonly changed: readonly (readonly [path: string, text: string | null])[]
  /** Check types. This takes most of the time. */
  readonly types: boolean
}

/** An instrumented program, or the faults of the sources. */
export type Compiled =
  | {
      readonly status: 'ok'
      readonly statements: readonly ChangedStatement[]
      readonly bundle: string
    }
  | { readonly status: 'invalid'; readonly what: string; readonly faults: readonly string[] }

/** Compiles variants of the same sources, one at a time. */
export class Compiler {
  readonly #sources: ModelSources
  readonly #checker: TypeChecker
  readonly #bundler: Bundler

  /** @param entry, folder - see `Bundler` */
  constructor(sources: ModelSources, entry: string, folder: string) {
    this.#sources = sources
    this.#checker = new TypeChecker(sources)
    this.#bundler = new Bundler(sources, entry, folder)
  }

  /** Checks the changed sources, inserts coverage points, and bundles. */
  async compile({ changed, types }: Compilation): Promise<Compiled> {
    const files = new Map(this.#sources.files)
    for (const [path, text] of changed) {
      if (text === null) files.delete(path)
      else files.set(path, text)
    }
    const policy = changed.flatMap(([path, text]) =>
      text === null ? [] : policyFaults(path, text, this.#sources),
    )
    if (policy.length > 0) return invalid('the patched models break the rules for models:', policy)
    // The unpatched models were checked when they were built.
    const faults =
      types && changed.length > 0
        ? this.#checker.check(
            sorted(files),
            changed.map(([path]) => path),
          )
        : []
    if (faults.length > 0) return invalid('the patched models do not compile:', faults)
    const statements = this.#instrument(files, changed)
    const missing = changed.flatMap(([path, text]) =>
      text === null ? [] : loadFaults(path, text, files, this.#sources.entries),
    )
    if (missing.length > 0) return invalid('the patched models cannot be bundled:', missing)
    const program = await this.#bundler.bundle(
      new Map(changed.map(([path]) => [path, files.get(path) ?? null])),
    )
    if (!program.ok) return invalid('the patched models cannot be bundled:', program.faults)
    return { status: 'ok', statements, bundle: program.text }
  }

  /** Inserts coverage points into the changed files in `files`. */
  #instrument(files: Map<string, string>, changed: Compilation['changed']): ChangedStatement[] {
    const statements: ChangedStatement[] = []
    for (const [path, text] of changed) {
      if (text === null) continue
      const before = this.#sources.files.get(path) ?? null
      const instrumented = instrument(path, before, text, statements.length)
      files.set(path, instrumented.text)
      statements.push(...instrumented.statements)
    }
    return statements
  }
}

const invalid = (what: string, faults: readonly string[]): Compiled => ({ status: 'invalid', what, faults })
