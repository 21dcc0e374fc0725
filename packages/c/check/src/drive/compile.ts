// SPDX-License-Identifier: GPL-2.0-only
import type { Clang } from '@pfo-workbench/clang'
import type { PlatformBuild } from './builds.ts'

/**
 * `ok`: the IR of one version of a file. `invalid`: the diagnostics of a compiler that rejected the file. `failed`: the
 * reason why the compiler did not finish.
 */
export type CompiledVersion =
  | { readonly status: 'ok'; readonly ir: string }
  | { readonly status: 'invalid'; readonly diagnostics: string }
  | { readonly status: 'failed'; readonly reason: string }

/**
 * Compiles one version of a file.
 *
 * @param texts - the files of this version that differ from the tree; null: the file does not exist.
 * @param forced - symbols, without `CONFIG_`, that are defined while the file is compiled.
 */
export async function compileVersion(
  clang: Clang,
  { configured }: PlatformBuild,
  path: string,
  texts: ReadonlyMap<string, string | null>,
  forced: readonly string[],
  signal?: AbortSignal,
): Promise<CompiledVersion> {
  const job = await configured.jobOf(path, forced)
  const compiled = await clang.compile(
    { ...job, texts: new Map([...job.texts, ...texts]), warnings: false },
    signal,
  )
  switch (compiled.status) {
    case 'ok':
      return { status: 'ok', ir: compiled.ir }
    case 'invalid':
      return { status: 'invalid', diagnostics: compiled.diagnostics }
    default:
      return { status: 'failed', reason: compiled.reason }
  }
}
