// SPDX-License-Identifier: GPL-2.0-only
import { defaultLimits, runInSandbox, type JobResult, type SandboxLimits } from '../src/index.ts'

/** A bundle like esbuild's, whose `play` has this body. */
export const playing = (body: string, before = ''): string =>
  `"use strict"; var pfoEngine = (() => { ${before}; return { play(job) { ${body} } } })();`

export const small: SandboxLimits = { ...defaultLimits, jobMilliseconds: 500, memoryMegabytes: 128 }

/** The results of jobs. */
export async function results(
  bundle: string,
  jobs: readonly string[],
  limits: SandboxLimits = small,
): Promise<JobResult[]> {
  const found: JobResult[] = []
  for await (const result of runInSandbox(bundle, jobs, limits)) found.push(result)
  return found
}

export async function resultOf(body: string, limits?: SandboxLimits): Promise<JobResult> {
  const [first] = await results(playing(body), ['job'], limits)
  if (first === undefined) throw new Error('no result')
  return first
}

/** Returns the result of `play`, which must succeed. */
export async function outputOf(body: string): Promise<string> {
  const result = await resultOf(body)
  return result.status === 'ok' ? result.output : `${result.status}: ${result.reason}`
}

export async function reasonOf(body: string, limits?: SandboxLimits): Promise<string> {
  const result = await resultOf(body, limits)
  return result.status === 'ok' ? `ok: ${result.output}` : `${result.status}: ${result.reason}`
}
