// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import { suggestion } from './suggest.ts'

/** What the types of a schema are called in a file. */
const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'fields',
}

/** How much of a name that somebody else chose is shown. */
const mostShown = 60

/** A name in quotes, cut if it is long; what could not be seen on a terminal, or would confuse it, is escaped. */
export function quote(name: string): string {
  return JSON.stringify(name.length > mostShown ? `${name.slice(0, mostShown)}...` : name)
}

function foundIn(input: unknown): string {
  if (input === null) return 'nothing'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'number') return Number.isInteger(input) ? 'a number' : String(input)
  return kinds[typeof input] ?? typeof input
}

/**
 * What a schema has against a value, for somebody who wrote a file and knows nothing of schemas. Messages that a schema
 * brings itself come before this.
 *
 * @returns undefined to leave the wording to zod
 */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = `expected ${kinds[issue.expected] ?? issue.expected}`
      return issue.input === undefined
        ? `is missing; ${expected}`
        : `${expected}, found ${foundIn(issue.input)}`
    }
    case 'invalid_value': {
      const accepted = issue.values.map(String)
      const hint = typeof issue.input === 'string' ? suggestion(issue.input, accepted) : ''
      const found = typeof issue.input === 'string' ? quote(issue.input) : foundIn(issue.input)
      return `expected one of ${accepted.map(quote).join(', ')}; found ${found}${hint && `.${hint}`}`
    }
    case 'unrecognized_keys':
      // Only the names: whyNot makes the sentence, once for each unknown field.
      return issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape).join(', ') : undefined
    case 'too_small':
      return issue.origin === 'number' ? `must be at least ${String(issue.minimum)}` : 'must not be empty'
    case 'too_big':
      return `must be at most ${String(issue.maximum)}`
    default:
      return undefined
  }
}

/**
 * A fault in one line, with the field that it is about.
 *
 * @param unknown - the field that is not known, of an issue about such fields
 */
export function whyNot(issue: z.core.$ZodIssue, unknown?: string): string {
  const field = [...issue.path, ...(unknown === undefined ? [] : [unknown])].map(String).join('.')
  if (unknown === undefined) return field === '' ? issue.message : `${quote(field)}: ${issue.message}`
  const hint = suggestion(unknown, issue.message.split(', '))
  return `unknown field ${quote(field)}; accepted here: ${issue.message}${hint && `.${hint}`}`
}
