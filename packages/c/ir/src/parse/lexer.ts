// SPDX-License-Identifier: GPL-2.0-only

/** Kind of a token. The value of a `metadata` token is the name after `!`, which may be empty. */
export type TokenKind =
  | 'word'
  | 'local'
  | 'global'
  | 'metadata'
  | 'string'
  | 'bytes'
  | 'number'
  | 'float'
  | 'group'
  | 'punctuation'
  | 'end'

/** Thrown for text that this parser does not know. Callers catch the error and skip as little text as possible. */
export class IrSyntaxError extends Error {
  override readonly name = 'IrSyntaxError'
}

const wordStart = 1
const digit = 2
const nameRest = 4
const blank = 8

/** Character classes of ASCII. */
const classes = new Uint8Array(128)
for (let c = 0; c < 128; c++) {
  const ch = String.fromCharCode(c)
  if (/[A-Za-z_.]/.test(ch)) classes[c] = wordStart | nameRest
  if (/[0-9]/.test(ch)) classes[c] = digit | nameRest
  if (/[-$]/.test(ch)) classes[c] = nameRest
  if (/\s/.test(ch)) classes[c] = blank
}

const punctuation = Array.from({ length: 128 }, (_, c) => String.fromCharCode(c))

/**
 * Splits a range of IR text into tokens, with one token of lookahead. `kind` and `value` are the current token. `value`
 * has no quotes, sigils or escapes, except that `bytes` keeps its escapes and a word such as `#dbg_value` its `#`.
 */
export class Lexer {
  readonly text: string
  kind: TokenKind = 'end'
  value = ''
  /** Offset at which the current token starts. */
  start: number
  /** Offset at which the current token ends. */
  position: number
  readonly end: number

  constructor(text: string, start: number, end: number) {
    this.text = text
    this.start = start
    this.position = start
    this.end = end
    this.advance()
  }

  /** Continues at another offset of the text. */
  seek(position: number): void {
    this.position = position
    this.advance()
  }

  /** Reads the next token. */
  advance(): void {
    const { text, end } = this
    let at = this.position
    let c = 0
    for (;;) {
      if (at >= end) {
        this.set('end', '', at, at)
        return
      }
      c = text.charCodeAt(at)
      if (c === 59) at = lineEnd(text, at, end)
      else if (c < 128 && (classes[c] ?? 0) === blank) at++
      else break
    }
    const start = at
    if (c >= 128) throw new IrSyntaxError(`unexpected character ${JSON.stringify(text[at])}`)
    const kind = classes[c] ?? 0
    if ((kind & wordStart) !== 0) {
      if (c === 46 && text.startsWith('...', at)) this.set('punctuation', '...', start, at + 3)
      else if (c === 99 && text.charCodeAt(at + 1) === 34) {
        const close = this.closingQuote(at + 1)
        this.set('bytes', text.slice(at + 2, close), start, close + 1)
      } else {
        do at++
        while (at < end && (code(text, at) & (wordStart | digit)) !== 0)
        this.set('word', text.slice(start, at), start, at)
      }
      return
    }
    if ((kind & digit) !== 0 || (c === 45 && (code(text, at + 1) & digit) !== 0)) {
      this.number(at)
      return
    }
    switch (c) {
      case 37: // %
        this.name('local', at)
        return
      case 64: // @
        this.name('global', at)
        return
      case 36: // $, a comdat
        this.name('word', at)
        return
      case 33: // !
        do at++
        while (at < end && (code(text, at) & nameRest) !== 0)
        this.set('metadata', text.slice(start + 1, at), start, at)
        return
      case 34: {
        const close = this.closingQuote(at)
        this.set('string', unescape(text.slice(at + 1, close)), start, close + 1)
        return
      }
      case 35: // #
        do at++
        while (at < end && (code(text, at) & nameRest) !== 0)
        this.set(
          (code(text, start + 1) & digit) !== 0 ? 'group' : 'word',
          text.slice(start + ((code(text, start + 1) & digit) !== 0 ? 1 : 0), at),
          start,
          at,
        )
        return
      default:
        this.set('punctuation', punctuation[c] ?? '', start, at + 1)
    }
  }

  /** True if the current token is this punctuation or word. */
  is(value: string): boolean {
    return this.value === value && (this.kind === 'punctuation' || this.kind === 'word')
  }

  /** True if the current token has this kind. */
  at(kind: TokenKind): boolean {
    return this.kind === kind
  }

  /** Consumes this punctuation or word if it is the current token. */
  accept(value: string): boolean {
    if (!this.is(value)) return false
    this.advance()
    return true
  }

  /** Consumes this punctuation or word. @throws IrSyntaxError if the current token differs */
  expect(value: string): void {
    if (!this.accept(value)) this.fail(`expected ${value}`)
  }

  /**
   * Consumes a token of this kind and returns its value. @throws IrSyntaxError if the current token has another kind
   */
  take(kind: TokenKind): string {
    if (this.kind !== kind) this.fail(`expected a ${kind}`)
    const { value } = this
    this.advance()
    return value
  }

  /** Consumes a number that JavaScript can represent exactly. @throws IrSyntaxError otherwise */
  takeCount(): number {
    const value = Number(this.take('number'))
    if (!Number.isSafeInteger(value)) this.fail('number too large')
    return value
  }

  /** Skips from an opening parenthesis, brace or bracket to its closing one. @throws IrSyntaxError if there is none */
  skipBalanced(): void {
    let depth = 0
    do {
      if (this.kind === 'end') this.fail('unclosed parenthesis')
      if (this.kind === 'punctuation') {
        if (this.value === '(' || this.value === '{' || this.value === '[') depth++
        else if (this.value === ')' || this.value === '}' || this.value === ']') depth--
      }
      this.advance()
    } while (depth > 0)
  }

  /** @throws IrSyntaxError always; the message quotes the current position */
  fail(reason: string): never {
    const near = this.text.slice(this.start, Math.min(this.end, this.start + 40)).split('\n')[0] ?? ''
    throw new IrSyntaxError(`${reason} at "${near}"`)
  }

  private set(kind: TokenKind, value: string, start: number, position: number): void {
    this.kind = kind
    this.value = value
    this.start = start
    this.position = position
  }

  private name(kind: TokenKind, start: number): void {
    const { text, end } = this
    let at = start + 1
    if (text.charCodeAt(at) === 34) {
      const close = this.closingQuote(at)
      this.set(kind, unescape(text.slice(at + 1, close)), start, close + 1)
      return
    }
    while (at < end && (code(text, at) & nameRest) !== 0) at++
    this.set(kind, text.slice(start + 1, at), start, at)
  }

  private number(start: number): void {
    const { text, end } = this
    let at = start + 1
    if (text.charCodeAt(start) === 48 && text.charCodeAt(at) === 120) {
      while (at < end && (code(text, at) & nameRest) !== 0) at++
      this.set('float', text.slice(start, at), start, at)
      return
    }
    while (at < end && (code(text, at) & digit) !== 0) at++
    if (text.charCodeAt(at) !== 46) {
      this.set('number', text.slice(start, at), start, at)
      return
    }
    at++
    while (at < end && (code(text, at) & digit) !== 0) at++
    if (text.charCodeAt(at) === 101) {
      at += 2
      while (at < end && (code(text, at) & digit) !== 0) at++
    }
    this.set('float', text.slice(start, at), start, at)
  }

  private closingQuote(open: number): number {
    const close = this.text.indexOf('"', open + 1)
    if (close < 0 || close >= this.end) throw new IrSyntaxError('unclosed string')
    return close
  }
}

function code(text: string, at: number): number {
  return classes[text.charCodeAt(at)] ?? 0
}

function lineEnd(text: string, at: number, end: number): number {
  const newline = text.indexOf('\n', at)
  return newline < 0 || newline > end ? end : newline
}

/** Decodes `\22` and `\\`. The result has one character per byte. */
export function unescape(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(\\|[0-9A-Fa-f]{2})/g, (_, escape: string) =>
    escape === '\\' ? '\\' : String.fromCharCode(parseInt(escape, 16)),
  )
}

/** Decodes the text between `c"` and `"`. @throws IrSyntaxError for an invalid escape */
export function decodeBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    let c = text.charCodeAt(i)
    if (c === 92) {
      if (text.charCodeAt(i + 1) === 92) i++
      else {
        const hex = text.slice(i + 1, i + 3)
        if (!/^[0-9A-Fa-f]{2}$/.test(hex)) throw new IrSyntaxError(`unknown escape \\${hex}`)
        c = parseInt(hex, 16)
        i += 2
      }
    }
    bytes[length++] = c
  }
  return bytes.slice(0, length)
}
