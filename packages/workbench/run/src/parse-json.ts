// SPDX-License-Identifier: GPL-2.0-only
import type { z } from 'zod'

/**
 * Parses data that a program in the sandbox wrote. Untrusted code runs there, so every field is checked.
 *
 * @param what - subject of the messages, such as `the record of the run`
 * @param Fault - class of the error that is thrown
 * @throws Fault if the text is not JSON or does not match the schema; the message names the first damaged field
 */
export function parseUntrusted<Schema extends z.ZodType>(
  json: string,
  schema: Schema,
  what: string,
  Fault: new (message: string, options?: ErrorOptions) => Error,
): z.output<Schema> {
  let data: unknown
  try {
    data = JSON.parse(json)
  } catch (cause) {
    throw new Fault(`${what} is not JSON`, { cause })
  }
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.map(String).join('.') ?? ''
  throw new Fault(`${what} is damaged at "${where}": ${issue?.message ?? ''}`)
}
