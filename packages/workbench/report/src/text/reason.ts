// SPDX-License-Identifier: GPL-2.0-only
import { wrapped } from './lines.ts'

/** Compiler output: a message with its position, or a source line with marks below it. */
const ofCompiler = /^(?:[^\s:]+:\d+:\d+: |In file included from | *\d* \|)/

/**
 * Formats the reason why a variant could not be played. Compiler output is not wrapped, because its marks must stay
 * below the source line.
 */
export function reasonLines(reason: string, columns: number): string[] {
  return reason
    .split('\n')
    .flatMap((line) => (ofCompiler.test(line) ? [`  ${line}`] : wrapped('  ', line, columns).split('\n')))
}
