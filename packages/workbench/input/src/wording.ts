// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod'
import { suggestion } from './suggest.ts'

/** Names of schema types in messages about a file. */
const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'fields',
}

/** Maximum number of characters shown of a name from user input. */
const maxShownLength = 60

/** Quotes a name and shortens it if it is long. Escapes characters that are invisible or that terminals act on. */
export function quote(name: string): string {
  return JSON.stringify(name.length > maxShownLength ? `${name.slice(0, maxShownLength)}...` : name)
}

function foundIn(input: unknown): string {
  if (input === null) return 'nothing'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'number') return Number.isInteger(input) ? 'a number' : String(input)
  return kinds[typeof input] ?? typeof input
}

/**
 * Describes a schema fault for a reader who does not know the schema. A message that the schema itself defines takes
 * precedence.
 *
 * @returns undefined to use the message of zod
 */
export function issueText(issue: z.core.$ZodRawIssue): string | undefined {
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
      // Returns only the accepted names: `faultText` makes one sentence for each unknown field.
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
 * Describes a fault in one line that starts with the affected field.
 *
 * @param unknown - name of the unknown field, if the issue is about unknown fields
 */
export function faultText(issue: z.core.$ZodIssue, unknown?: string): string {
  const field = [...issue.path, ...(unknown === undefined ? [] : [unknown])].map(String).join('.')
  if (unknown === undefined) return field === '' ? issue.message : `${quote(field)}: ${issue.message}`
  const hint = suggestion(unknown, issue.message.split(', '))
  return `unknown field ${quote(field)}; accepted here: ${issue.message}${hint && `.${hint}`}`
}
