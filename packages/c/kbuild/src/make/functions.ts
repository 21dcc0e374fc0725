// SPDX-License-Identifier: GPL-2.0-only

/** Splits a text into words. */
export const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

/** Matches a word against a pattern with one `%`. Returns the part that matches the `%`, or null. */
function stemOf(pattern: string, word: string): string | null {
  const at = pattern.indexOf('%')
  if (at < 0) return pattern === word ? '' : null
  const [head, tail] = [pattern.slice(0, at), pattern.slice(at + 1)]
  const fits = word.length >= head.length + tail.length && word.startsWith(head) && word.endsWith(tail)
  return fits ? word.slice(head.length, word.length - tail.length) : null
}

/** `$(patsubst pattern,replacement,text)`. */
export function patsubst(pattern: string, replacement: string, text: string): string {
  return words(text)
    .map((word) => {
      const stem = stemOf(pattern, word)
      if (stem === null) return word
      return pattern.includes('%') ? replacement.replace('%', () => stem) : replacement
    })
    .join(' ')
}

const matchesAny = (patterns: string, word: string): boolean =>
  words(patterns).some((pattern) => stemOf(pattern, word) !== null)

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1) || './'
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const suffixAt = (path: string): number => {
  const at = path.lastIndexOf('.')
  return at > path.lastIndexOf('/') ? at : path.length
}

/**
 * Functions of make whose arguments are all expanded before the call. Functions that would run or read something return
 * nothing.
 */
export const functions: Readonly<Record<string, (...given: string[]) => string>> = {
  subst: (from = '', to = '', text = '') => (from === '' ? text + to : text.replaceAll(from, () => to)),
  patsubst: (pattern = '', replacement = '', text = '') => patsubst(pattern, replacement, text),
  strip: (text = '') => words(text).join(' '),
  findstring: (find = '', text = '') => (text.includes(find) ? find : ''),
  filter: (patterns = '', text = '') =>
    words(text)
      .filter((word) => matchesAny(patterns, word))
      .join(' '),
  'filter-out': (patterns = '', text = '') =>
    words(text)
      .filter((word) => !matchesAny(patterns, word))
      .join(' '),
  sort: (text = '') => [...new Set(words(text))].sort().join(' '),
  word: (index = '', text = '') => words(text)[Number(index) - 1] ?? '',
  words: (text = '') => String(words(text).length),
  wordlist: (from = '', to = '', text = '') =>
    words(text)
      .slice(Number(from) - 1, Number(to))
      .join(' '),
  firstword: (text = '') => words(text)[0] ?? '',
  lastword: (text = '') => words(text).at(-1) ?? '',
  dir: (text = '') => words(text).map(folderOf).join(' '),
  notdir: (text = '') => words(text).map(nameOf).join(' '),
  basename: (text = '') =>
    words(text)
      .map((path) => path.slice(0, suffixAt(path)))
      .join(' '),
  suffix: (text = '') =>
    words(text)
      .map((path) => path.slice(suffixAt(path)))
      .filter((suffix) => suffix !== '')
      .join(' '),
  addsuffix: (suffix = '', text = '') =>
    words(text)
      .map((word) => word + suffix)
      .join(' '),
  addprefix: (prefix = '', text = '') =>
    words(text)
      .map((word) => prefix + word)
      .join(' '),
  join: (left = '', right = '') => {
    const [a, b] = [words(left), words(right)]
    return Array.from(
      { length: Math.max(a.length, b.length) },
      (_, at) => (a[at] ?? '') + (b[at] ?? ''),
    ).join(' ')
  },
  abspath: (text = '') => text,
  realpath: (text = '') => text,
  wildcard: () => '',
  shell: () => '',
  info: () => '',
  warning: () => '',
  error: () => '',
  file: () => '',
  origin: () => 'file',
  flavor: () => 'recursive',
}

/**
 * Macros of scripts/Kbuild.include and scripts/Makefile.compiler that probe the compiler. Every compiler option counts
 * as supported, because `acceptedFlags` filters the result. Options of warnings, assembler and linker are left out.
 */
export const compilerMacros: Readonly<Record<string, (...given: string[]) => string>> = {
  'cc-option': (option = '') => option,
  'cc-option-yn': () => 'y',
  'cc-disable-warning': () => '',
  'as-option': () => '',
  'as-instr': () => '',
  'ld-option': () => '',
}
