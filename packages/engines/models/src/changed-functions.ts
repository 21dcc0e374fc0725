// SPDX-License-Identifier: GPL-2.0-only
import { isKernelFunction } from '@pfo-workbench/kernel/kernel-name'

/**
 * A top-level function of a model source. It is found by its declaration at the left margin, where prettier puts it.
 */
interface Declared {
  readonly name: string
  readonly isExported: boolean
  /** Line of the function head to line of the closing brace, counted from 1. */
  readonly first: number
  readonly last: number
}

function declaredIn(lines: readonly string[]): Declared[] {
  return lines.flatMap((line, at): Declared[] => {
    const head = /^(export )?(?:async )?function\*? (\w+)/.exec(line)
    if (head === null) return []
    const isOneLine = /\}\s*$/.test(line) && !/\{\s*$/.test(line)
    const end = isOneLine ? at : lines.findIndex((other, index) => index > at && other.startsWith('}'))
    const last = end < 0 ? lines.length : end + 1
    return [{ name: head[2] ?? '', isExported: head[1] !== undefined, first: at + 1, last }]
  })
}

/**
 * Kernel functions whose call chains include a line. Helpers of the models do not appear in call chains. For a line in
 * a helper, the result is therefore the functions in the same file that call the helper.
 *
 * @returns function names; includes null if the line can also run outside of these functions
 */
export function functionsAround(text: string, line: number): (string | null)[] {
  const lines = text.split('\n')
  const declared = declaredIn(lines)
  const around = declared.find(({ first, last }) => first <= line && line <= last)
  if (around === undefined) return [null]
  const found = new Set<string | null>()
  const seen = new Set<Declared>()
  const visit = (one: Declared): void => {
    if (seen.has(one)) return
    seen.add(one)
    if (isKernelFunction(one.name)) {
      found.add(one.name)
      return
    }
    const call = new RegExp(String.raw`\b${one.name}\b`)
    const uses = lines.flatMap((other, at) => (call.test(other) ? [at + 1] : []))
    const callers = declared.filter(({ first, last }) => uses.some((use) => first <= use && use <= last))
    const isElsewhere = uses.some((use) => !declared.some(({ first, last }) => first <= use && use <= last))
    if (one.isExported || isElsewhere) found.add(null)
    for (const caller of callers) visit(caller)
  }
  visit(around)
  return [...found]
}
