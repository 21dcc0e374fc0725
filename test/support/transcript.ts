// SPDX-License-Identifier: GPL-2.0-only

/** A file that a page shows whole, under the name that the page gives it. */
export interface ShownFile {
  readonly name: string
  readonly text: string
}

/** A command that a page shows, and what it shows as its output; a line of `...` stands for any number of lines. */
export interface ShownCommand {
  readonly command: string
  readonly output: string
  /** Line of the page, the first being 1. */
  readonly line: number
}

/** What can be tried of a page, in its order. */
export type Shown = { readonly file: ShownFile } | { readonly command: ShownCommand }

/**
 * Reads a page of documentation. A fenced block with a name behind its language (`yaml my.yaml`) is a file; in a block
 * `console`, each line that begins with `$ ` is a command, and what follows it its output.
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

/** A page with what its commands printed in place of what it shows of them, if that is something else. */
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

/** Whether a command printed what a page shows. */
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
