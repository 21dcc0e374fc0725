// SPDX-License-Identifier: GPL-2.0-only
import wrapAnsi from 'wrap-ansi'

/** Columns of a terminal that everybody has. */
export const width = 80

/** Longest line of a text that is shown whole: to break one that goes on and on takes as long as a patch wants it to. */
const longest = 2_000

/** Deepest indentation by blanks of a text's own. */
const deepest = 40

function shortened(line: string): string {
  if (line.length <= longest) return line
  return `${line.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}… (${String(line.length)} characters)`
}

/**
 * Breaks a text between words, or within a word that is too long for a line. What it is indented by, all its lines are.
 *
 * @param first - how the first line begins; the lines below it are indented as far
 * @param columns - how wide lines may be
 */
export function wrapped(first: string, text: string, columns: number = width): string {
  const inner = new RegExp(`^ {0,${String(Math.max(0, deepest - first.length))}}`).exec(text)?.[0] ?? ''
  if (inner !== '') return wrapped(first + inner, text.slice(inner.length), columns)
  const rest = ' '.repeat(first.length)
  const shown = text.split('\n').map(shortened).join('\n')
  const lines = wrapAnsi(shown, columns - first.length, { hard: true }).split('\n')
  return lines.map((line, index) => (index === 0 ? first : rest) + line).join('\n')
}

/** A patch's name that is too long is broken behind a hyphen. */
function brokenName(patch: string, columns: number): string {
  const lines = ['']
  for (const part of patch.split(/(?<=-)/)) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + part.length > columns) lines.push(part)
    else lines[lines.length - 1] = line + part
  }
  return lines.map((line) => wrapped('', line, columns)).join('\n')
}

/** A stack's id is as long as it has patches: it is broken before a `+`, one patch a line. */
export function stackName(id: string, columns: number): string {
  if (id.length <= columns) return id
  return id
    .split(/(?=\+)/)
    .map((patch) => brokenName(patch, columns))
    .join('\n')
}

/** `1 scenario`, `2 scenarios`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerated(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
