// SPDX-License-Identifier: GPL-2.0-only
import { KbuildError } from '@pfo-workbench/kbuild'
import type { VerifiedFunction } from '../verify/verify.ts'
import { compileVersion } from './compile.ts'
import type { JudgeTools } from './judge-file.ts'

/** The result for a file whose functions were verified against their contracts. */
export interface VerifiedFile {
  readonly path: string
  /** The configuration in which the file was compiled; null if it was not compiled. */
  readonly configuration: string | null
  readonly functions: readonly VerifiedFunction[]
  /** Reason why nothing was executed. */
  readonly reason?: string
}

/**
 * Verifies the functions of a file against their contracts. Tries the configurations that build the file, in order,
 * until the compiled file can be executed.
 */
export async function verifyFileContracts(
  path: string,
  text: string,
  { builds, clang, workers, contracts }: JudgeTools,
  signal?: AbortSignal,
): Promise<VerifiedFile> {
  let reason = `${path}: no configuration builds it`
  for (const name of builds.namesFor(path)) {
    try {
      const build = await builds.of(name)
      if ((await build.configured.placementOf(path)).status !== 'built') continue
      const compiled = await compileVersion(clang, build, path, new Map(), [], signal)
      if (compiled.status !== 'ok') {
        reason = compiled.status === 'failed' ? compiled.reason : compiled.diagnostics
        continue
      }
      const answered = await workers.verify({ verify: path, ir: compiled.ir, text, contracts }, signal)
      if (answered.status === 'ok') return { path, configuration: name, functions: answered.answer }
      reason = `${path} could not be executed in ${name}: ${answered.reason}`
    } catch (fault) {
      if (!(fault instanceof KbuildError)) throw fault
      reason = `configuration ${name}: ${fault.message}`
    }
  }
  return { path, configuration: null, functions: [], reason }
}
