// SPDX-License-Identifier: GPL-2.0-only
import { parseUntrusted } from '@pfo-workbench/run'
import { examinedRunSchema, type ExaminedRun } from './examined-schema.ts'

/** The output of the engine is not an examined run; the message says where. */
export class ExaminedRunError extends Error {
  override readonly name = 'ExaminedRunError'
}

/**
 * Parses the answer of `play`. It comes from the sandbox, where patched code runs, so it is fully validated.
 *
 * @throws ExaminedRunError if it is not an examined run
 */
export function parseExaminedRun(json: string): ExaminedRun {
  return parseUntrusted(json, examinedRunSchema, 'the result of the run', ExaminedRunError)
}
