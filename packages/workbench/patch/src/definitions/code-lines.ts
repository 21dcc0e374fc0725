// SPDX-License-Identifier: GPL-2.0-only

/**
 * The lines of C or TypeScript with comments blanked and the contents of strings and character constants dropped, so that
 * brackets can be counted. Lines keep their numbers.
 *
 * @param quotes - the characters that strings begin and end with
 */
export function codeLines(lines: readonly string[], quotes: string): string[] {
  let inComment = false
  return lines.map((line) => {
    if (!inComment && !/["'`/]/.test(line)) return line
    let code = ''
    for (let at = 0; at < line.length; at++) {
      const char = line[at] ?? ''
      if (inComment) {
        const end = line.indexOf('*/', at)
        if (end < 0) break
        inComment = false
        at = end + 1
      } else if (char === '/' && line[at + 1] === '*') {
        inComment = true
        at++
      } else if (char === '/' && line[at + 1] === '/') {
        break
      } else if (quotes.includes(char)) {
        code += char + char
        at = stringEnd(line, at)
      } else {
        code += char
      }
    }
    return code
  })
}

/** Index of the quote that ends the string which starts at `start`, or of the line's last character. */
function stringEnd(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === line[start]) return at
  }
  return line.length
}
