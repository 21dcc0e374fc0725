// SPDX-License-Identifier: GPL-2.0-only

/** What a token is. A `metadata` token's value is the name after `!`, which may be empty. */
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

/** The text is not IR as this reader knows it. Callers turn it into an `unknown` of the smallest part. */
export class IrSyntaxError extends Error {
  override readonly name = 'IrSyntaxError'
}

const wordStart = 1
const digit = 2
const nameRest = 4
const blank = 8

/** Classes of the ASCII characters. */
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
 * Reads tokens of a stretch of IR text, one ahead. `kind` and `value` are the current token.
 * Quotes, sigils and escapes are removed from `value`, but `bytes` keeps its escapes.
 */
export class Lexer {
  readonly text: string
  kind: TokenKind = 'end'
  value = ''
  /** Where the current token begins. */
  start: number
  /** Where the current token ends. */
  position: number
  readonly end: number

  constructor(text: string, start: number, end: number) {
    this.text = text
    this.start = start
    this.position = start
    this.end = end
    this.advance()
  }

  /** Begins again at another place of the text. */
  seek(position: number): void {
    this.position = position
    this.advance()
  }

  /** Goes to the next token. */
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

  /** Whether the current token is this punctuation or word. */
  is(value: string): boolean {
    return this.value === value && (this.kind === 'punctuation' || this.kind === 'word')
  }

  /** Whether the current token is of this kind. */
  at(kind: TokenKind): boolean {
    return this.kind === kind
  }

  /** Goes past this punctuation or word if it is the current token. */
  accept(value: string): boolean {
    if (!this.is(value)) return false
    this.advance()
    return true
  }

  /** Goes past this punctuation or word. @throws IrSyntaxError where something else stands. */
  expect(value: string): void {
    if (!this.accept(value)) this.fail(`expected ${value}`)
  }

  /** The current token's value, if it is of a kind. @throws IrSyntaxError otherwise. */
  take(kind: TokenKind): string {
    if (this.kind !== kind) this.fail(`expected a ${kind}`)
    const { value } = this
    this.advance()
    return value
  }

  /** A number that fits in a JavaScript number. @throws IrSyntaxError otherwise. */
  takeCount(): number {
    const value = Number(this.take('number'))
    if (!Number.isSafeInteger(value)) this.fail('number too large')
    return value
  }

  /** Goes past a parenthesis, brace or bracket and all up to the one that closes it. */
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

  /** @throws IrSyntaxError always, naming the place. */
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

/** Replaces LLVM's `\22` and `\\`; the result has one character for each byte. */
export function unescape(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(\\|[0-9A-Fa-f]{2})/g, (_, escape: string) =>
    escape === '\\' ? '\\' : String.fromCharCode(parseInt(escape, 16)),
  )
}

/** The bytes of a string as written between `c"` and `"`. @throws IrSyntaxError where an escape is not LLVM's. */
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
