// SPDX-License-Identifier: GPL-2.0-only
import type { ExplainedGuard } from '@pfo-workbench/kbuild'
import { printable, printableLines } from '@pfo-workbench/wording'
import type { Touched } from './compile-touched.ts'

function guardText({ symbol, place, unmet }: ExplainedGuard): string {
  const line = `CONFIG_${symbol} is not set (${place})`
  return unmet === null ? line : `${line}; it needs ${unmet}`
}

function notBuiltText(guards: readonly ExplainedGuard[]): string {
  const [first] = guards
  return first === undefined ? 'no makefile names it' : guardText(first)
}

function functionsText(functions: readonly { readonly name: string; readonly hasCode: boolean }[]): string {
  if (functions.length === 0) return 'no function changed'
  const names = functions.map(({ name, hasCode }) =>
    hasCode ? `${name}()` : `${name}() (no code: compiled out or never called)`,
  )
  return `changed: ${names.join(', ')}`
}

/** The compiled files that include a header. */
function includersOf(header: string, all: readonly Touched[]): string {
  const includers = all.flatMap((one) =>
    one.kind === 'compiled' && one.headers.includes(header) ? [one.path] : [],
  )
  return includers.length === 0
    ? 'a header; no file that the patch touches includes it'
    : `a header; included by ${includers.join(', ')}`
}

function lineOf(touched: Touched, all: readonly Touched[]): string {
  switch (touched.kind) {
    case 'compiled':
      return `compiles${touched.module === null ? '' : ` (module ${touched.module})`}; ${functionsText(touched.functions)}`
    case 'invalid':
      return 'does not compile:'
    case 'failed':
      return `could not be compiled: ${touched.reason}`
    case 'not-built':
      return `is not built: ${notBuiltText(touched.guards)}`
    case 'header':
      return includersOf(touched.path, all)
    case 'removed':
      return 'is removed'
    case 'other':
      return 'nothing to compile'
  }
}

/** The messages of clang about a file. */
function messagesOf(touched: Touched): string {
  if (touched.kind === 'invalid') return touched.diagnostics
  return touched.kind === 'compiled' && touched.messages.length > 0 ? `${touched.messages.join('\n')}\n` : ''
}

/** Formats the results: one line per touched file, followed by the messages of clang. */
export function touchedFilesText(all: readonly Touched[]): string {
  return all
    .map((touched) => {
      const messages = messagesOf(touched)
      const said = messages === '' || messages.endsWith('\n') ? messages : `${messages}\n`
      return `${printable(touched.path)}: ${printable(lineOf(touched, all))}\n${printableLines(said)}`
    })
    .join('')
}
