// SPDX-License-Identifier: GPL-2.0-only
import { wrapped } from './lines.ts'

/** What a compiler prints: a message with its place, or source code with marks below it. */
const ofCompiler = /^(?:[^\s:]+:\d+:\d+: |In file included from | *\d* \|)/

/** Why a variant could not be played. What a compiler printed is not wrapped: its marks stand below what they are about. */
export function reasonLines(reason: string, columns: number): string[] {
  return reason
    .split('\n')
    .flatMap((line) => (ofCompiler.test(line) ? [`  ${line}`] : wrapped('  ', line, columns).split('\n')))
}
