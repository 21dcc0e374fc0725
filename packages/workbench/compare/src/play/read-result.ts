// SPDX-License-Identifier: GPL-2.0-only
import { RunRecordError } from '@pfo-workbench/run'
import type { JobResult } from '@pfo-workbench/variant'
import { ExaminedRunError } from './examined-run.ts'

/** Result of one job. */
export type Result<T> =
  | { readonly status: 'ok'; readonly output: T }
  | { readonly status: 'timeout' | 'crashed'; readonly reason: string }

/** Reads a sandbox result. Invalid output counts as a crash. */
export function readResult<T>(result: JobResult, parse: (json: string) => T): Result<T> {
  if (result.status !== 'ok') return { status: result.status, reason: result.reason }
  try {
    return { status: 'ok', output: parse(result.output) }
  } catch (fault) {
    if (fault instanceof RunRecordError || fault instanceof ExaminedRunError)
      return { status: 'crashed', reason: fault.message }
    throw fault
  }
}
