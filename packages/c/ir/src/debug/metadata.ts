// SPDX-License-Identifier: GPL-2.0-only
import { IrSyntaxError, Lexer } from '../parse/lexer.ts'

/** An element of a list node: another node, a string, null, or a typed value as written. */
export type MetadataElement =
  | { readonly kind: 'node'; readonly node: number }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'value'; readonly text: string }

/** A metadata node: `!DIName(field: value, ...)`, or a list, whose name is empty. */
export class MetadataNode {
  /** The kind of node, such as `DILocation`; empty for a list. */
  readonly name: string
  readonly elements: readonly MetadataElement[]
  private readonly fields: ReadonlyMap<string, string>

  constructor(name: string, fields: ReadonlyMap<string, string>, elements: readonly MetadataElement[]) {
    this.name = name
    this.fields = fields
    this.elements = elements
  }

  /** The node number in a field, or null. */
  reference(field: string): number | null {
    const value = this.fields.get(field)
    return value !== undefined && /^!\d+$/.test(value) ? Number(value.slice(1)) : null
  }

  /** The string in a field, or null. */
  string(field: string): string | null {
    const value = this.fields.get(field)
    return value?.startsWith('"') === true ? value.slice(1) : null
  }

  /** The number in a field, or null. */
  number(field: string): number | null {
    const value = this.fields.get(field)
    return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : null
  }

  /**
   * A field as written, such as `DW_TAG_member` or `DIFlagBitField | DIFlagPublic`. Empty if there is no such field.
   */
  word(field: string): string {
    return this.fields.get(field) ?? ''
  }
}

const emptyNode = new MetadataNode('', new Map(), [])

/** The metadata nodes of a module. Nodes are parsed on first use. */
export class MetadataTable {
  readonly text: string
  private readonly starts: ReadonlyMap<number, number> | readonly number[]
  private readonly named: ReadonlyMap<string, number>
  private readonly nodes = new Map<number, MetadataNode>()

  /**
   * @param starts - offset of the text after `!N = `, indexed by N
   * @param named - the same for names such as `llvm.module.flags`
   */
  constructor(text: string, starts: readonly number[], named: ReadonlyMap<string, number>) {
    this.text = text
    this.starts = starts
    this.named = named
  }

  /** Returns a node by number. Returns an empty node if there is none or its text cannot be parsed. */
  node(number: number): MetadataNode {
    let node = this.nodes.get(number)
    if (node === undefined) {
      const start = (this.starts as readonly (number | undefined)[])[number]
      node = start === undefined ? emptyNode : this.read(start)
      this.nodes.set(number, node)
    }
    return node
  }

  /** Elements of a named node such as `llvm.module.flags`. */
  list(name: string): readonly MetadataElement[] {
    const start = this.named.get(name)
    return start === undefined ? [] : this.read(start).elements
  }

  /** Numbers of all nodes whose text starts with `prefix`, in ascending order. */
  findAll(prefix: string): readonly number[] {
    const found: number[] = []
    const needles = [` = ${prefix}`, ` = distinct ${prefix}`]
    for (const needle of needles) {
      for (let at = this.text.indexOf(needle); at >= 0; at = this.text.indexOf(needle, at + 1)) {
        const line = this.text.lastIndexOf('\n', at) + 1
        const number = Number(this.text.slice(line + 1, at))
        if (this.text[line] === '!' && Number.isInteger(number)) found.push(number)
      }
    }
    return found.sort((a, b) => a - b)
  }

  private read(start: number): MetadataNode {
    const newline = this.text.indexOf('\n', start)
    try {
      return parseNode(new Lexer(this.text, start, newline < 0 ? this.text.length : newline))
    } catch (error) {
      if (error instanceof IrSyntaxError) return emptyNode
      throw error
    }
  }
}

function parseNode(lexer: Lexer): MetadataNode {
  lexer.accept('distinct')
  const name = lexer.take('metadata')
  if (name === '') return new MetadataNode('', new Map(), parseElements(lexer))
  const fields = new Map<string, string>()
  lexer.expect('(')
  while (!lexer.accept(')')) {
    const field = lexer.take('word')
    lexer.expect(':')
    fields.set(field, parseField(lexer))
    if (!lexer.is(')')) lexer.expect(',')
  }
  return new MetadataNode(name, fields, [])
}

/** The value of a field. A string is prefixed with one quote; other values are kept as written. */
function parseField(lexer: Lexer): string {
  if (lexer.at('string')) return `"${lexer.take('string')}`
  const { start } = lexer
  let end = start
  while (!lexer.is(',') && !lexer.is(')')) {
    if (lexer.at('end')) lexer.fail('unclosed node')
    if (lexer.is('(') || lexer.is('{')) lexer.skipBalanced()
    else lexer.advance()
    end = lexer.start
  }
  return lexer.text.slice(start, end).trim()
}

function parseElements(lexer: Lexer): readonly MetadataElement[] {
  const elements: MetadataElement[] = []
  lexer.expect('{')
  while (!lexer.accept('}')) {
    elements.push(parseElement(lexer))
    if (!lexer.is('}')) lexer.expect(',')
  }
  return elements
}

function parseElement(lexer: Lexer): MetadataElement {
  if (lexer.accept('null')) return { kind: 'null' }
  if (lexer.at('metadata')) {
    const name = lexer.take('metadata')
    if (/^\d+$/.test(name)) return { kind: 'node', node: Number(name) }
    if (lexer.at('string')) return { kind: 'string', text: lexer.take('string') }
  }
  const { start } = lexer
  while (!lexer.is(',') && !lexer.is('}')) {
    if (lexer.at('end')) lexer.fail('unclosed node')
    if (lexer.is('(') || lexer.is('{') || lexer.is('[')) lexer.skipBalanced()
    else lexer.advance()
  }
  return { kind: 'value', text: lexer.text.slice(start, lexer.start).trim() }
}
