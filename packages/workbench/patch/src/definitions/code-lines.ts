// SPDX-License-Identifier: GPL-2.0-only

/**
 * Returns lines of C or TypeScript without comments and without the contents of strings and character constants, so
 * that brackets can be counted. Line numbers stay the same.
 *
 * @param quotes - the quote characters of the language
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

/** Index of the quote that ends the string starting at `start`; the length of the line if there is none. */
function stringEnd(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === line[start]) return at
  }
  return line.length
}
