// SPDX-License-Identifier: GPL-2.0-only
import type { SourceLine } from '../findings/finding.ts'

/** Maximum length of a call text. */
const longestText = 200

/** Finds the text of calls in the compiled sources. */
export class SourceText {
  private readonly readFile: (file: string) => string | null
  private readonly files = new Map<string, readonly string[]>()

  /** @param readFile - returns the text of a file by its name in the debug information; null if there is none. */
  constructor(readFile: (file: string) => string | null) {
    this.readFile = readFile
  }

  /** A line without surrounding white space; empty if it does not exist. */
  line({ file, line }: SourceLine): string {
    return (this.lines(file)[line - 1] ?? '').trim()
  }

  /**
   * The text of the call or macro that begins at a column, up to its closing parenthesis, on one line.
   *
   * @param column - from 1; 0 means the start of the line.
   */
  callAt({ file, line }: SourceLine, column: number): string {
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
