// SPDX-License-Identifier: GPL-2.0-only
import type { z } from 'zod'
import { RecordingError } from './recording-error.ts'

/** A line of a recording: a JSON object. */
export class RecordedLine {
  readonly file: string
  /** Line from 1. */
  readonly number: number
  readonly #value: unknown

  /** @throws RecordingError if the text is not JSON */
  constructor(file: string, number: number, text: string) {
    this.file = file
    this.number = number
    try {
      this.#value = JSON.parse(text)
    } catch (error) {
      throw new RecordingError(file, number, `no valid JSON: ${error instanceof Error ? error.message : ''}`)
    }
  }

  /**
   * Checks and converts the fields of the line.
   *
   * @param schema - accepted fields. The messages of its issues say what is accepted.
   * @throws RecordingError that names the first invalid field
   */
  read<T>(schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(this.#value)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    return this.fail(issue?.path ?? [], issue?.message ?? '')
  }

  /**
   * Reports an invalid field.
   *
   * @param path - names and indices that lead to the field
   * @throws RecordingError always
   */
  fail(path: readonly PropertyKey[], accepted: string): never {
    if (path.length === 0) throw new RecordingError(this.file, this.number, 'the line is not a JSON object')
    let value = this.#value
    let name = ''
    for (const key of path) {
      value = (value as Readonly<Record<PropertyKey, unknown>>)[key]
      name += typeof key === 'number' ? `[${key}]` : `${name === '' ? '' : '.'}${String(key)}`
    }
    const found = value === undefined ? 'missing' : JSON.stringify(value)
    throw new RecordingError(this.file, this.number, `field "${name}" is ${found}; expected: ${accepted}`)
  }
}
