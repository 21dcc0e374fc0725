// SPDX-License-Identifier: GPL-2.0-only

/**
 * Puts text from a patch into a code span, so that it cannot contain markup, mentions or links. The fence is longer
 * than any sequence of backticks in the text.
 */
export function code(text: string): string {
  if (text === '') return ''
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad =
    text.startsWith('`') || text.endsWith('`') || (text.startsWith(' ') && text.endsWith(' ')) ? ' ' : ''
  return `${fence}${pad}${text}${pad}${fence}`
}

/** Formats a sentence that may contain text from a patch: plain if it is harmless, otherwise a code span. */
export function prose(text: string): string {
  return /^[\w ,.;:()'"/+=%-]*$/.test(text) && !/[_/]|www\.|:\/\/|^[\d+=-]/.test(text) ? text : code(text)
}

/** Formats a row of a Markdown table. Escapes the column separator in cells. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly string[],
): string {
  return [row(head), row(head.map((_, index) => aligns[index] ?? '---')), ...rows.map(row)].join('\n')
}

/** A collapsed section. The caller escapes the title for HTML. */
export function details(title: string, body: string): string {
  return `<details>\n<summary>${title}</summary>\n\n${body}\n\n</details>`
}

/** A code block. */
export function block(lines: readonly string[], language = ''): string {
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return [fence + language, ...lines, fence].join('\n')
}
