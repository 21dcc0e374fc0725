// SPDX-License-Identifier: GPL-2.0-only
import { Lexer, LineCounter, parseDocument, Parser, visit, type Document, type Node } from 'yaml'
import type { z } from 'zod'
import { issueText, quote, faultText } from './wording.ts'

/**
 * Limits of a text, and of a message. A text beyond its limits is not parsed, because the parsed data can be far larger
 * than the text.
 */
const limits = {
  characters: 64 * 1024,
  /** Nesting depth of lists and fields. */
  levels: 32,
  aliases: 100,
  /** Maximum number of faults in a message. */
  faults: 10,
}

/**
 * Parses a YAML text and checks it against a schema.
 *
 * @param text - YAML
 * @param file - name of the file, for messages
 * @param schema - accepted content
 * @param fail - creates the error to throw from a message with one line per fault, each `file:line:column: field: why`
 */
export function parseYaml<T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
  fail: (message: string) => Error,
): T {
  const lines = new LineCounter()
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${String(line)}:${String(col)}`
  }
  const refuse = (offset: number, why: string): Error => fail(`${at(offset)}: ${why}`)

  checkExtent(text, lines, refuse)
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    stringKeys: true,
  })
  // Warnings count as faults: they are about tags or directives that the parser would ignore.
  const [fault] = [...document.errors, ...document.warnings]
  if (fault !== undefined) {
    throw refuse(fault.pos[0], `not valid YAML: ${reasons[fault.code] ?? fault.message}`)
  }
  const parsed = schema.safeParse(contentOf(document, refuse), { error: issueText, reportInput: true })
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const named = issues.slice(0, limits.faults).flatMap((issue) => describeIssue(issue, document, at))
  const left = issues.length - limits.faults
  throw fail([...named, ...(left > 0 ? [`${file}: ${String(left)} more faults`] : [])].join('\n'))
}

/** Replaces messages of the parser that are meant for programmers. */
const reasons: Readonly<Record<string, string>> = {
  NON_STRING_KEY: 'field names must be strings',
  MULTIPLE_DOCS: 'the file contains a second document; only one is accepted',
}

/** Refuses a text that is too long or nested too deeply, before the parser spends time or stack on it. */
function checkExtent(text: string, lines: LineCounter, refuse: (offset: number, why: string) => Error): void {
  lines.addNewLine(0)
  if (text.length > limits.characters) {
    throw refuse(
      0,
      `too long: ${String(text.length)} characters; at most ${String(limits.characters)} are read`,
    )
  }
  const parser = new Parser((offset) => {
    lines.addNewLine(offset)
  })
  for (const lexeme of new Lexer().lex(text)) {
    // Drains the generator: only the depth of the parser's stack matters here.
    Array.from(parser.next(lexeme))
    if (parser.stack.length > limits.levels) {
      throw refuse(parser.offset, `nested too deeply: at most ${String(limits.levels)} levels are read`)
    }
  }
  lines.lineStarts = []
}

/** Converts the document to plain data. Refuses unknown or too many aliases. */
function contentOf(document: Document, refuse: (offset: number, why: string) => Error): unknown {
  const aliases: number[] = []
  const anchors = new Set<string>()
  visit(document, {
    Node(_key, node) {
      if ('anchor' in node && typeof node.anchor === 'string') anchors.add(node.anchor)
    },
    Alias(_key, { source, range }) {
      const offset = range?.[0] ?? 0
      if (!anchors.has(source))
        throw refuse(offset, `not valid YAML: no anchor ${quote(`&${source}`)} precedes it`)
      if (aliases.push(offset) > limits.aliases) {
        throw refuse(offset, `too many aliases: at most ${String(limits.aliases)} are read`)
      }
    },
  })
  try {
    return document.toJS({ maxAliasCount: limits.aliases })
  } catch (cause) {
    if (cause instanceof ReferenceError) throw refuse(aliases[0] ?? 0, `not valid YAML: ${cause.message}`)
    throw cause
  }
}

function describeIssue(
  issue: z.core.$ZodIssue,
  document: Document,
  at: (offset: number) => string,
): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, limits.faults).map((key) => {
      const path = [...issue.path, key]
      return `${at(offsetOf(document, path))}: ${faultText(issue, key)}`
    })
  }
  return [`${at(offsetOf(document, issue.path))}: ${faultText(issue)}`]
}

interface PairLike {
  readonly key?: { readonly value?: unknown; readonly range?: readonly number[] }
}

/** Offset of a field in the text. If the field is missing, offset of the nearest enclosing field. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const holder = document.getIn(path.slice(0, length - 1), true) as { items?: PairLike[] } | undefined
    const key = path[length - 1]
    const pair = holder?.items?.find((item) => item.key?.value === key)
    const value = document.getIn(path.slice(0, length), true) as Node | undefined
    const offset = pair?.key?.range?.[0] ?? value?.range?.[0]
    if (offset !== undefined) return offset
  }
  return document.contents?.range?.[0] ?? 0
}
