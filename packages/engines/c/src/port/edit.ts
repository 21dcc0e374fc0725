// SPDX-License-Identifier: GPL-2.0-only

/** A position in a C file: a function, and a statement in it. */
export interface Anchor {
  readonly function: string
  /** Text to find in the function, including its head. Without it the position is the whole function. */
  readonly statement?: RegExp
}

/** A change of a file. The lines are complete, with indentation, and end with a newline. */
export type Edit =
  | { readonly place: 'before' | 'after'; readonly at: Anchor; readonly lines: string }
  | {
      readonly place: 'instead'
      readonly at: Anchor & { readonly statement: RegExp }
      readonly lines: string
    }

/** The position of an edit does not exist. */
export class AnchorError extends Error {
  override readonly name = 'AnchorError'
}

interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Returns the text after an edit.
 *
 * @throws AnchorError if the file has no such function, or if the function does not contain the statement exactly once
 */
export function edited(text: string, { place, at, lines }: Edit): string {
  const { start, end } = at.statement === undefined ? functionIn(text, at.function) : statementIn(text, at)
  switch (place) {
    case 'before':
      return text.slice(0, start) + lines + text.slice(start)
    case 'after':
      return text.slice(0, end) + lines + text.slice(end)
    case 'instead':
      return text.slice(0, start) + lines + text.slice(end)
  }
}

/** True if the text has the function of an anchor, and this function contains the anchor's statement, if any. */
export function hasStatement(text: string, { function: name, statement }: Anchor): boolean {
  const range = findFunction(text, name)
  return range !== null && (statement === undefined || statement.test(text.slice(range.start, range.end)))
}

/** The complete lines of a statement. */
function statementIn(text: string, { function: name, statement }: Anchor): Range {
  const around = functionIn(text, name)
  const body = text.slice(around.start, around.end)
  const all = statement === undefined ? [] : [...body.matchAll(new RegExp(statement, `g${statement.flags}`))]
  const [match] = all
  if (match === undefined || all.length > 1) {
    const how = match === undefined ? 'has no' : `has ${String(all.length)} of`
    throw new AnchorError(`${name}() ${how} "${statement?.source ?? ''}"`)
  }
  const first = around.start + match.index
  const start = text.lastIndexOf('\n', first) + 1
  const end = text.indexOf('\n', first + match[0].length - 1) + 1
  return { start, end }
}

function functionIn(text: string, name: string): Range {
  const range = findFunction(text, name)
  if (range === null) throw new AnchorError(`there is no function ${name}()`)
  return range
}

/** From the line with a function's return type to its closing brace, which kernel style puts at the start of a line. */
function findFunction(text: string, name: string): Range | null {
  const head = new RegExp(`^(?:\\w[^\\n;{}#]*[\\s*])?${name}\\((?:[^;{]*)\\)\\s*\\n\\{\\n`, 'm')
  const match = head.exec(text)
  if (match === null) return null
  const close = text.indexOf('\n}\n', match.index)
  return close < 0 ? null : { start: match.index, end: close + '\n}\n'.length }
}
