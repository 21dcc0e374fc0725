// SPDX-License-Identifier: GPL-2.0-only
import wrapAnsi from 'wrap-ansi'

/** Width that every terminal has. */
export const width = 80

/** Longer lines are cut: the time to wrap a line grows with its length, and a patch decides the length. */
const longest = 2_000

/** Deepest indentation that a wrapped text keeps. */
const deepest = 40

function shortened(line: string): string {
  if (line.length <= longest) return line
  return `${line.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}… (${String(line.length)} characters)`
}

/**
 * Wraps a text between words, and within words that are longer than a line. All lines keep the text's indentation.
 *
 * @param first - start of the first line; the other lines are indented by the same width
 * @param columns - maximum width
 */
export function wrapped(first: string, text: string, columns: number = width): string {
  const inner = new RegExp(`^ {0,${String(Math.max(0, deepest - first.length))}}`).exec(text)?.[0] ?? ''
  if (inner !== '') return wrapped(first + inner, text.slice(inner.length), columns)
  const rest = ' '.repeat(first.length)
  const shown = text.split('\n').map(shortened).join('\n')
  const lines = wrapAnsi(shown, columns - first.length, { hard: true }).split('\n')
  return lines.map((line, index) => (index === 0 ? first : rest) + line).join('\n')
}

/** Wraps a long patch name after its hyphens. */
function brokenName(patch: string, columns: number): string {
  const lines = ['']
  for (const part of patch.split(/(?<=-)/)) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + part.length > columns) lines.push(part)
    else lines[lines.length - 1] = line + part
  }
  return lines.map((line) => wrapped('', line, columns)).join('\n')
}

/** Wraps the long id of a stack: one patch per line, each line but the first starting with `+`. */
export function stackName(id: string, columns: number): string {
  if (id.length <= columns) return id
  return id
    .split(/(?=\+)/)
    .map((patch) => brokenName(patch, columns))
    .join('\n')
}
