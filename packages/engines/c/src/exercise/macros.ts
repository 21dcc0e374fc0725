// SPDX-License-Identifier: GPL-2.0-only

/** A macro, with the lines of its definition. */
interface Macro {
  readonly name: string
  readonly first: number
  readonly last: number
  readonly body: string
}

function macrosIn(text: string): readonly Macro[] {
  const macros: Macro[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const name = /^\s*#\s*define\s+(\w+)/.exec(lines[at] ?? '')?.[1]
    if (name === undefined) continue
    const first = at
    while (lines[at]?.endsWith('\\') === true) at++
    macros.push({ name, first: first + 1, last: at + 1, body: lines.slice(first, at + 1).join('\n') })
  }
  return macros
}

const mentions = (text: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(text)

/**
 * Names of the macros that a change on a line affects: the macro defined there, and the macros of the same file that
 * use this macro, directly or through other macros.
 *
 * @returns empty if the line is in no definition
 */
export function macrosChangedAt(text: string, line: number): ReadonlySet<string> {
  const all = macrosIn(text)
  const names = new Set(
    all.filter(({ first, last }) => first <= line && line <= last).map(({ name }) => name),
  )
  for (const name of names) {
    for (const other of all) if (mentions(other.body, name)) names.add(other.name)
  }
  return names
}

/** The lines of a text that mention one of the names. */
export function linesWith(text: string, names: ReadonlySet<string>): ReadonlySet<number> {
  const pattern = new RegExp(`\\b(?:${[...names].join('|')})\\b`)
  return new Set(text.split('\n').flatMap((line, index) => (pattern.test(line) ? [index + 1] : [])))
}

/**
 * The variable at file scope whose initial value contains a line.
 *
 * @returns null if no initial value contains the line
 */
export function variableAt(text: string, line: number): string | null {
  const lines = text.split('\n')
  for (let at = line - 1; at >= 0; at--) {
    const one = lines[at] ?? ''
    if (/^(?:\s|$|\/|\*|#|\}\s*$)/.test(one)) continue
    // The body of a function starts with a brace on its own line.
    if (one.startsWith('{')) return null
    const head = /^[A-Za-z_][^=(;]*?\b([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?:__\w+(?:\([^)]*\))?\s*)*=/.exec(
      one,
    )
    if (at < line - 1 && /[;}]\s*$/.test(one)) return null
    return head?.[1] ?? null
  }
  return null
}
