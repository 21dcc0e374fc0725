// SPDX-License-Identifier: GPL-2.0-only
import { LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'
import { z } from 'zod'

/** An object with these fields and no others; an unknown one is refused with the names that are accepted. */
export function fields<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  const accepted = `accepted here: ${Object.keys(shape).join(', ')}`
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? accepted : undefined),
  })
}

/**
 * Reads a YAML text and checks it.
 *
 * @param text - YAML
 * @param file - where it came from, for messages
 * @param schema - what is accepted
 * @param fail - makes the error that is thrown from a message of one line per fault, each `file:line:column: field: why`
 */
export function parseYaml<T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
  fail: (message: string) => Error,
): T {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${String(line)}:${String(col)}`
  }
  // A warning is about a tag or a directive that would be ignored.
  const [fault] = [...document.errors, ...document.warnings]
  if (fault !== undefined) throw fail(`${at(fault.pos[0])}: not valid YAML: ${fault.message}`)
  const parsed = schema.safeParse(
    contentOf(document, (why) => fail(`${at(aliasAtFault(document))}: not valid YAML: ${why}`)),
  )
  if (parsed.success) return parsed.data
  throw fail(parsed.error.issues.flatMap((issue) => describeIssue(issue, document, at)).join('\n'))
}

/** The document as plain data. What cannot be made of it is due to its aliases. */
function contentOf(document: Document, fail: (why: string) => Error): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    if (cause instanceof ReferenceError) throw fail(cause.message)
    throw cause
  }
}

/** Where the alias stands that names nothing, else the first one. */
function aliasAtFault(document: Document): number {
  const aliases: { offset: number; resolved: boolean }[] = []
  visit(document, {
    Alias(_key, node) {
      aliases.push({ offset: node.range?.[0] ?? 0, resolved: node.resolve(document) !== undefined })
    },
  })
  return (aliases.find(({ resolved }) => !resolved) ?? aliases[0])?.offset ?? 0
}

/** What the types of a schema are called in a file. */
const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'fields',
  null: 'nothing',
}

/** A message of the schema, for somebody who wrote a file and knows nothing of schemas. */
function inWords(message: string): string {
  const kind = (name: string): string => kinds[name] ?? name
  return message
    .replace(/^Invalid input: expected (\w+), received undefined$/, (_, wanted: string) => {
      return `is missing; expected ${kind(wanted)}`
    })
    .replace(/^Invalid input: expected (\w+), received (\w+)$/, (_, wanted: string, found: string) => {
      return `expected ${kind(wanted)}, found ${kind(found)}`
    })
    .replace(/^Invalid option: expected one of (.*)$/, (_, options: string) => {
      return `expected one of ${options.replaceAll('|', ', ')}`
    })
    .replace(/^Too small: expected (array|string) to have >=1 .*$/, 'must not be empty')
}

function describeIssue(
  issue: z.core.$ZodIssue,
  document: Document,
  at: (offset: number) => string,
): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      return `${at(offsetOf(document, path))}: unknown field "${path.map(String).join('.')}"; ${issue.message}`
    })
  }
  const field = issue.path.map(String).join('.')
  const why = inWords(issue.message)
  return [`${at(offsetOf(document, issue.path))}: ${field === '' ? '' : `"${field}": `}${why}`]
}

interface PairLike {
  readonly key?: { readonly value?: unknown; readonly range?: readonly number[] }
}

/** Where in the text a field stands; the nearest enclosing one if the field itself is missing. */
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
