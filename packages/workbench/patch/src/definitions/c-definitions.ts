// SPDX-License-Identifier: GPL-2.0-only
import { codeLines } from './code-lines.ts'
import type { Definition } from './definition.ts'

/**
 * Finds the definitions of a kernel C file by its layout: a definition starts in column 0, and its closing brace is in
 * column 0. This is not a parser. It reads unpreprocessed sources with any macros, and knows:
 *
 * - functions, with the return type on the same line or above, and with attributes and sparse annotations
 * - functions defined by a macro: the name of `SYSCALL_DEFINE3(open, ...) {` is `SYSCALL_DEFINE3(open)`
 * - objects with an initializer in braces, and macro calls over several lines (`TRACE_EVENT(...)`, `DEFINE_...(...)`)
 * - struct, union, enum and typedef
 * - `#define`
 *
 * It reads both branches of an `#if`, but counts braces as if there were only one. Declarations are not definitions.
 *
 * @returns definitions in line order, none inside another
 */
export function cDefinitions(text: string): Definition[] {
  const scanner = new Scanner()
  const lines = text.split('\n')
  codeLines(lines, '"\'').forEach((line, index) => {
    scanner.line(line, index + 1)
  })
  return scanner.definitions
}

/** Maximum number of characters to read of a definition's header. */
const longestHeader = 2_000

/** A definition whose end has not been reached. */
interface Open {
  readonly start: number
  header: string
  parens: number
  /** True if the header has had a closing parenthesis. */
  hasCall: boolean
  braces: number
  /** True once the opening brace of the body has been read. */
  inBody: boolean
}

class Scanner {
  readonly definitions: Definition[] = []
  #open: Open | null = null
  /** First line and name of a `#define` that continues. */
  #macro: { readonly start: number; readonly name: string } | null = null
  /** The brace depth at each open `#if`. */
  readonly #branches: number[] = []
  /** True if the previous line was a continued directive, other than a `#define` outside definitions. */
  #directive = false

  line(line: string, number: number): void {
    const continues = line.endsWith('\\')
    if (this.#macro !== null) {
      if (!continues) this.#closeMacro(number)
      return
    }
    if (this.#directive) {
      this.#directive = continues
      return
    }
    if (/^\s*#/.test(line)) {
      this.#readDirective(line, number, continues)
      return
    }
    if (line.trim() === '') this.#dropCall()
    this.#begin(line, number)
    if (this.#open !== null) this.#read(this.#open, line, number)
  }

  /** Forgets the open definition if it is only a macro call without a semicolon, which no body follows. */
  #dropCall(): void {
    const open = this.#open
    if (
      open?.hasCall === true &&
      !open.inBody &&
      open.parens === 0 &&
      /^[A-Z0-9_]+\s*\(.*\)\s*$/.test(open.header)
    ) {
      this.#open = null
    }
  }

  #closeMacro(end: number): void {
    if (this.#macro !== null) this.definitions.push({ kind: 'macro', ...this.#macro, end })
    this.#macro = null
  }

  #readDirective(line: string, number: number, continues: boolean): void {
    const [, word = '', name = ''] = /^\s*#\s*(\w*)\s*(\w*)/.exec(line) ?? []
    if (word === 'define') this.#dropCall()
    if (word === 'define' && this.#open === null) {
      this.#macro = { start: number, name }
      if (!continues) this.#closeMacro(number)
      return
    }
    this.#directive = continues
    const braces = this.#open?.braces ?? 0
    if (word.startsWith('if')) this.#branches.push(braces)
    if (word === 'endif') this.#branches.pop()
    const before = this.#branches.at(-1)
    if (word.startsWith('el') && before !== undefined && this.#open?.inBody === true) {
      this.#open.braces = Math.max(before, 1)
    }
  }

  /** Starts a definition in column 0 if none is open, or if the open one cannot continue there. */
  #begin(line: string, number: number): void {
    if (!/^[A-Za-z_]/.test(line) || /^\w+\s*:(?!:)/.test(line)) return
    const open = this.#open
    if (open?.inBody === true) return
    // sparse annotations may be in column 0 between a function's parentheses and its body.
    if (open !== null && annotation.test(/^\w+/.exec(line)?.[0] ?? '')) return
    // A complete "name(...)" without a semicolon before this line is a macro call, or the other branch of an #if.
    if (open !== null && !(open.parens === 0 && open.hasCall)) return
    this.#open = { start: number, header: '', parens: 0, hasCall: false, braces: 0, inBody: false }
  }

  #read(open: Open, line: string, number: number): void {
    for (let at = 0; at < line.length; at++) {
      const char = line[at] ?? ''
      if (char === '{') {
        open.braces++
        if (open.parens === 0) open.inBody = true
      } else if (char === '}') {
        open.braces--
        const isEnd = open.inBody && (open.braces <= 0 || at === 0)
        if (isEnd) {
          const tail = line.slice(at + 1)
          if (!this.#continues(open, tail)) this.#close(open, number, tail)
          return
        }
      } else if (!open.inBody) {
        if (char === '(') open.parens++
        if (char === ')') {
          open.parens--
          open.hasCall = true
        }
        if (char === ';' && open.parens <= 0 && open.braces <= 0) {
          this.#closeStatement(open, number)
          return
        }
      }
      if (!open.inBody && open.header.length < longestHeader) open.header += char
    }
    if (!open.inBody && open.header.length < longestHeader) open.header += ' '
  }

  /** `struct {...} name[] = {` starts another body. */
  #continues(open: Open, tail: string): boolean {
    if (!/=\s*\{/.test(tail) || tail.includes('}')) return false
    open.header = tail
    open.braces = 1
    return true
  }

  #close(open: Open, end: number, tail: string): void {
    this.#open = null
    const named = readCHeader(open.header)
    if (named === null) return
    const { kind, name } = named.name === '' ? namedBehind(open.header, tail) : named
    if (name !== '') this.definitions.push({ kind, name, start: open.start, end })
  }

  /** A macro call over several lines is a definition; a declaration is not. */
  #closeStatement(open: Open, end: number): void {
    this.#open = null
    const call = /^([A-Z_][A-Z0-9_]*)\s*\(\s*(\w+)(\s*,\s*\w+)?/.exec(open.header)
    if (call === null || end === open.start) return
    const [, macro = '', first = '', second = ''] = call
    // DEFINE_EVENT(template, name): many events share a template.
    const name = macro.startsWith('DEFINE_EVENT') ? second.replace(/^\s*,\s*/, '') : first
    this.definitions.push({ kind: 'object', name: `${macro}(${name})`, start: open.start, end })
  }
}

/**
 * The definition in `static struct {...} name;` or `typedef struct {...} name;`, whose name follows the body. An
 * unnamed enum gets the name `enum`; other unnamed types get an empty name.
 */
function namedBehind(header: string, tail: string): Pick<Definition, 'kind' | 'name'> {
  const names = (tail.match(/[A-Za-z_]\w*/g) ?? []).filter((name) => !name.startsWith('__'))
  if (names[0] === undefined) return { kind: 'type', name: /^enum\b/.test(header) ? 'enum' : '' }
  return { kind: header.startsWith('typedef') ? 'type' : 'object', name: names[0] }
}

/** Attributes and annotations with arguments, before or after a function's own parentheses. */
const annotation =
  /^__(?:attribute|attribute__|printf|scanf|acquires|releases|acquire|release|must_hold|cond_acquires|cond_lock|context__|aligned|section|alloc_size|realloc_size|nonnull|nonstring|malloc|assume_aligned|no_sanitize|diagnose_as|designated_init|alias|counted_by|init_or_module|cold)$/

/**
 * Kind and name of the definition with this header (the text before the body). Also accepts the part of it that a hunk
 * header shows.
 *
 * @returns null if it is not a definition; an empty name for a type whose name follows its body
 */
export function readCHeader(text: string): Pick<Definition, 'kind' | 'name'> | null {
  const header = text.slice(0, longestHeader).trim()
  const assigned = assignedPart(header)
  if (assigned !== null) {
    const name = /([A-Za-z_]\w*)\s*\[/.exec(assigned)?.[1] ?? lastName(assigned)
    return name === null ? null : { kind: 'object', name }
  }
  const calls = [...header.matchAll(/([A-Za-z_]\w*)\s*\(/g)].filter(
    ({ index }) => depthAt(header, index) === 0,
  )
  const own = calls.find(
    ([, name = '']) =>
      !annotation.test(name) &&
      !/^(?:if|for|while|switch|return|sizeof|typeof|__typeof__|defined)$/.test(name),
  )
  if (own !== undefined) {
    const name = own[1] ?? ''
    const isMacro = own.index === 0 && /^[A-Z_][A-Z0-9_]*$/.test(name)
    const argument = /^\s*([A-Za-z_]\w*)/.exec(header.slice(own.index + own[0].length))?.[1]
    return { kind: 'function', name: isMacro && argument !== undefined ? `${name}(${argument})` : name }
  }
  const type = /^(?:(?:typedef|static|extern|const|volatile)\s+)*(?:struct|union|enum)\b\s*(.*?)\s*\{?$/.exec(
    header,
  )
  if (type === null) return null
  const words = (type[1] ?? '').match(/[A-Za-z_]\w*/g)?.filter((word) => !word.startsWith('__')) ?? []
  return { kind: 'type', name: header.startsWith('typedef') ? '' : (words[0] ?? '') }
}

/** The part before an `=` outside parentheses, or null. */
function assignedPart(header: string): string | null {
  for (let at = header.indexOf('='); at >= 0; at = header.indexOf('=', at + 1)) {
    if (depthAt(header, at) === 0) return header.slice(0, at)
  }
  return null
}

/** The last identifier that is not an annotation. */
function lastName(text: string): string | null {
  return (
    text
      .replace(/__\w+\s*(?:\([^()]*\))?/g, ' ')
      .match(/[A-Za-z_]\w*/g)
      ?.at(-1) ?? null
  )
}

function depthAt(text: string, end: number): number {
  let depth = 0
  for (let at = 0; at < end; at++) {
    if (text[at] === '(') depth++
    if (text[at] === ')') depth--
  }
  return depth
}
