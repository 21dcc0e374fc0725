// SPDX-License-Identifier: GPL-2.0-only
import type { FailedFile } from '../build/compile-kernel.ts'

/** Maximum number of compiler errors that a reason quotes. */
const quoted = 5

const errorLine = /^[^\s:][^:]*:(\d+):\d+: (?:fatal )?error: (.*)$/

const isError = (line: string): boolean => errorLine.test(line)

/** The lines of clang's output with the first `quoted` errors. If there are more, the last line tells how many. */
function firstErrors(diagnostics: string): string[] {
  const lines = diagnostics
    .split('\n')
    .filter((line) => line !== '' && !/^\d+ errors? generated\.$/.test(line))
  let errors = 0
  const end = lines.findIndex((line) => isError(line) && ++errors > quoted)
  if (end < 0) return lines
  const rest = lines.slice(end).filter(isError).length
  return [...lines.slice(0, end), `and ${String(rest)} more ${rest === 1 ? 'error' : 'errors'}`]
}

/** The first error in one line, for places that show only the first line of a reason; empty if there is none. */
function firstInWords(diagnostics: string): string {
  const [, line, message] = errorLine.exec(diagnostics.split('\n').find(isError) ?? '') ?? []
  return line === undefined ? '' : ` line ${line}: ${message ?? ''}`
}

/** Explains why a kernel does not compile, with the errors of the first file. */
export function compileReason(failed: readonly FailedFile[]): string {
  const [first] = failed
  if (first === undefined) return ''
  const others = failed.length - 1
  const more =
    others === 0 ? '' : ` (nor ${others === 1 ? 'does another file' : `do ${String(others)} others`})`
  const head =
    first.status === 'invalid'
      ? `${first.file} does not compile${more}:${firstInWords(first.diagnostics)}`
      : `${first.file} could not be compiled${more}:`
  return [head, ...firstErrors(first.diagnostics)].join('\n')
}
