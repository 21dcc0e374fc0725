// SPDX-License-Identifier: GPL-2.0-only
import { Bundler } from './bundle.ts'
import type { FileEdit } from '@pfo-workbench/variant'
import { TypeChecker } from './checker.ts'
import { loadFaults, policyFaults } from './policy.ts'
import { instrument, type Probe } from './probes.ts'
import { sorted } from '@pfo-workbench/variant'
import type { ModelSources } from '../sources.ts'

/** What is to be compiled: the model sources with these changes. */
export interface Compilation {
  /** Changed files by path; null for files that are gone. */
  readonly changed: readonly (readonly [path: string, text: string | null])[]
  readonly edits: readonly FileEdit[]
  /** Whether to check types, which takes the longest. */
  readonly types: boolean
}

/** A program with probes in it, or what is wrong with the sources. */
export type Compiled =
  | {
      readonly status: 'ok'
      readonly probes: readonly Probe[]
      /** Whether something changed that runs whenever the models do and that no probe can watch. */
      readonly exercisedByLoading: boolean
      readonly bundle: string
    }
  | { readonly status: 'invalid'; readonly what: string; readonly faults: readonly string[] }

/** Compiles variants of the same sources, one after the other. */
export class Compiler {
  readonly #sources: ModelSources
  readonly #checker: TypeChecker
  readonly #bundler: Bundler

  /** @param entry, folder - as for `Bundler` */
  constructor(sources: ModelSources, entry: string, folder: string) {
    this.#sources = sources
    this.#checker = new TypeChecker(sources)
    this.#bundler = new Bundler(sources, entry, folder)
  }

  /** Looks at the changed sources, checks them, puts probes in, and bundles. */
  async compile({ changed, edits, types }: Compilation): Promise<Compiled> {
    const files = new Map(this.#sources.files)
    for (const [path, text] of changed) {
      if (text === null) files.delete(path)
      else files.set(path, text)
    }
    const policy = changed.flatMap(([path, text]) =>
      text === null ? [] : policyFaults(path, text, this.#sources),
    )
    if (policy.length > 0) return invalid('the patched models do what models may not do:', policy)
    // The unpatched models were checked when they were built.
    const faults =
      types && changed.length > 0
        ? this.#checker.check(
            sorted(files),
            changed.map(([path]) => path),
          )
        : []
    if (faults.length > 0) return invalid('the patched models do not compile:', faults)
    const { probes, loads } = await putProbes(files, edits)
    const missing = changed.flatMap(([path, text]) =>
      text === null ? [] : loadFaults(path, text, files, this.#sources.entries),
    )
    if (missing.length > 0) return invalid('the patched models cannot be bundled:', missing)
    const program = await this.#bundler.bundle(
      new Map(changed.map(([path]) => [path, files.get(path) ?? null])),
    )
    if (!program.ok) return invalid('the patched models cannot be bundled:', program.faults)
    const exercisedByLoading = loads.some((path) => program.loaded.has(path))
    return { status: 'ok', probes, exercisedByLoading, bundle: program.text }
  }
}

const invalid = (what: string, faults: readonly string[]): Compiled => ({ status: 'invalid', what, faults })

/** Puts probes into the changed files of `files`. */
async function putProbes(
  files: Map<string, string>,
  edits: readonly FileEdit[],
): Promise<{ probes: Probe[]; loads: string[] }> {
  const probes: Probe[] = []
  const loads: string[] = []
  for (const { path, edits: lines } of edits) {
    const text = files.get(path)
    if (text === undefined) continue
    const probed = await instrument(path, text, lines, probes.length)
    files.set(path, probed.text)
    probes.push(...probed.probes)
    if (probed.loads) loads.push(path)
  }
  return { probes, loads }
}
