// SPDX-License-Identifier: GPL-2.0-only
import type { Place } from '../findings/finding.ts'

/** Longest call text that is kept. */
const longestText = 200

/** Finds the text of calls in the sources that were compiled. */
export class SourceText {
  private readonly readFile: (file: string) => string | null
  private readonly files = new Map<string, readonly string[]>()

  /** @param readFile - the text of a file as the debug information names it; null if there is none. */
  constructor(readFile: (file: string) => string | null) {
    this.readFile = readFile
  }

  /** A line without the white space around it; empty if there is none. */
  line({ file, line }: Place): string {
    return (this.lines(file)[line - 1] ?? '').trim()
  }

  /**
   * The text of the call or macro that begins at a column, up to its closing parenthesis, on one line.
   *
   * @param column - from 1; 0 stands for the beginning of the line.
   */
  callAt({ file, line }: Place, column: number): string {
    const lines = this.lines(file)
    let depth = 0
    let text = ''
    for (let i = line - 1; i < lines.length && i < line + 7; i++) {
      const current = i === line - 1 ? (lines[i] ?? '').slice(Math.max(column - 1, 0)) : (lines[i] ?? '')
      for (const character of current) {
        if (character === ';' || (character === '{' && depth === 0)) return tidy(text)
        text += character
        if (character === '(') depth++
        else if (character === ')' && --depth <= 0) return tidy(text)
        if (text.length > longestText) return tidy(text)
      }
      text += ' '
    }
    return tidy(text)
  }

  private lines(file: string): readonly string[] {
    let lines = this.files.get(file)
    if (lines === undefined) this.files.set(file, (lines = this.readFile(file)?.split('\n') ?? []))
    return lines
  }
}

function tidy(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
