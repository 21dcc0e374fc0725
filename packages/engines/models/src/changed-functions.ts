// SPDX-License-Identifier: GPL-2.0-only
import { isKernelFunction } from '@pfo-workbench/kernel/kernel-name'

/** A function of a model source: the models declare theirs at the left margin, as prettier writes them. */
interface Declared {
  readonly name: string
  readonly isExported: boolean
  /** From the line of its head to that of its closing brace, from 1. */
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
 * The kernel functions in whose call chains a line shows. Call chains have no helpers of the models, so of a helper these are
 * the functions of the same file that call it.
 *
 * @returns names; null among them if the line may run where none of these functions is in a call chain
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
