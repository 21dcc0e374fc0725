// SPDX-License-Identifier: GPL-2.0-only

const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  '\\': 92,
}

/**
 * Parses a double-quoted name as written by git. Returns it with the rest of the text; null if the closing quote is
 * missing.
 */
function unquote(text: string): { name: string; rest: string } | null {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(text)
  if (quoted === null) return null
  const bytes: Buffer[] = []
  for (const [part, octal, letter] of (quoted[1] ?? '').matchAll(/\\([0-3][0-7]{2})|\\(.)|[^\\]+/gs)) {
    if (octal !== undefined) bytes.push(Buffer.from([parseInt(octal, 8)]))
    else if (letter !== undefined) bytes.push(Buffer.from([escapes[letter] ?? letter.charCodeAt(0)]))
    else bytes.push(Buffer.from(part))
  }
  return { name: Buffer.concat(bytes).toString(), rest: text.slice(quoted[0].length) }
}

/**
 * Drops the first component of a path (`a/`), like `git apply -p1`. Leaves absolute paths and `/dev/null` unchanged.
 */
export function withoutPrefix(name: string): string {
  return name.startsWith('/') ? name : name.slice(name.indexOf('/') + 1)
}

/** The name on a `---`, `+++`, `rename` or `copy` line as written, without a time stamp. */
export function writtenName(text: string): string {
  if (text.startsWith('"')) return unquote(text)?.name ?? text
  return (text.split('\t')[0] ?? '').trimEnd()
}

/** Maximum length of a line with blanks in names: splitting it takes quadratic time. */
const longestLine = 1_000

/**
 * Returns the two names on a `diff --git` line as written. Git does not quote names with blanks on this line. Such
 * names can be split only if they are equal except for their first component. Null if the names cannot be split.
 */
export function namesOfGitLine(line: string): { oldName: string; newName: string } | null {
  const text = line.slice('diff --git '.length).trimEnd()
  if (text.startsWith('"')) {
    const first = unquote(text)
    return first === null ? null : { oldName: first.name, newName: writtenName(first.rest.trimStart()) }
  }
  const plain = /^(\S+) (\S+)$/.exec(text)
  if (plain !== null) return { oldName: plain[1] ?? '', newName: plain[2] ?? '' }
  if (text.length > longestLine) return null
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) {
    const oldName = text.slice(0, at)
    const newName = writtenName(text.slice(at + 1))
    if (newName.includes('/') && withoutPrefix(oldName) === withoutPrefix(newName))
      return { oldName, newName }
  }
  return null
}
