// SPDX-License-Identifier: GPL-2.0-only

/** A file that a page shows in full, with its name. */
export interface ShownFile {
  readonly name: string
  readonly text: string
}

/** A command on a page, and the output shown for it. A line `...` stands for any number of lines. */
export interface ShownCommand {
  readonly command: string
  readonly output: string
  /** Line on the page, counted from 1. */
  readonly line: number
}

/** A file or command on a page. */
export type Shown = { readonly file: ShownFile } | { readonly command: ShownCommand }

/**
 * Parses a page of documentation. A fenced block with a name after its language (`yaml my.yaml`) is a file. In a
 * `console` block, lines that start with `$ ` are commands, and the lines after them are their output.
 */
export function readPage(page: string): Shown[] {
  const shown: Shown[] = []
  for (const block of page.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)) {
    const [language, name] = (block[1] ?? '').split(' ')
    const text = block[2] ?? ''
    const line = page.slice(0, block.index).split('\n').length
    if (language === 'console') shown.push(...commandsOf(text, line).map((command) => ({ command })))
    else if (name !== undefined) shown.push({ file: { name, text } })
  }
  return shown
}

function commandsOf(text: string, start: number): ShownCommand[] {
  const commands: { command: string; output: string; line: number }[] = []
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    const last = commands.at(-1)
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), output: '', line: start + 1 + index })
    else if (last !== undefined) last.output += `${line}\n`
  }
  return commands
}

/** Replaces outdated output on a page with the output that the commands printed. */
export function fillIn(page: string, printed: readonly { shown: ShownCommand; output: string }[]): string {
  const lines = page.split('\n')
  for (const { shown, output } of printed.toReversed()) {
    if (matches(shown.output, output)) continue
    lines.splice(shown.line, linesOf(shown.output).length, ...linesOf(output))
  }
  return lines.join('\n')
}

function linesOf(text: string): string[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .slice(text === '' ? 1 : 0)
}

/** True if the printed output matches the output on the page. */
export function matches(shown: string, printed: string): boolean {
  const pattern = shown
    .split('\n')
    .map((line) => (line === '...' ? '(?:.*\\n)*?' : `${escapeRegExp(line)}\\n`))
    .join('')
    .replace(/\\n$/, '')
  return new RegExp(`^${pattern}$`).test(printed)
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
