// SPDX-License-Identifier: GPL-2.0-only
import type { LineRange } from '../judge/entries.ts'

/** The lines between `#if` and `#endif`, and the symbols in the condition. */
interface Conditional extends LineRange {
  readonly symbols: readonly string[]
}

/**
 * The configuration symbols, without `CONFIG_`, that decide which of the given lines are compiled. The symbols come
 * from conditionals around or inside the lines, and from `IS_ENABLED()`, `IS_BUILTIN()` and `IS_REACHABLE()` in the
 * lines: the compiler generates no code for a branch whose condition is always false.
 */
export function symbolsDeciding(text: string, ranges: readonly LineRange[]): readonly string[] {
  const symbols = new Set<string>()
  for (const conditional of conditionals(text)) {
    if (ranges.some(({ first, last }) => first <= conditional.last && last >= conditional.first)) {
      for (const symbol of conditional.symbols) symbols.add(symbol)
    }
  }
  const lines = text.split('\n')
  for (const { first, last } of ranges) {
    const inside = lines.slice(first - 1, last).join('\n')
    for (const [, name = ''] of inside.matchAll(/\bIS_(?:ENABLED|BUILTIN|REACHABLE)\(\s*CONFIG_(\w+)/g))
      symbols.add(name)
  }
  return [...symbols]
}

function conditionals(text: string): readonly Conditional[] {
  const found: Conditional[] = []
  const open: { first: number; symbols: string[] }[] = []
  text.split('\n').forEach((line, i) => {
    const directive = /^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b(.*)/.exec(line)
    if (directive === null) return
    const [, kind = '', condition = ''] = directive
    if (kind === 'endif') {
      const innermost = open.pop()
      if (innermost !== undefined) found.push({ ...innermost, last: i + 1 })
      return
    }
    const symbols = [...condition.matchAll(/\bCONFIG_(\w+)/g)]
      .map(([, name = '']) => name)
      .filter((name) => name !== '' && !name.endsWith('_MODULE'))
    if (kind === 'elif' || kind === 'else') open.at(-1)?.symbols.push(...symbols)
    else open.push({ first: i + 1, symbols })
  })
  return found
}
