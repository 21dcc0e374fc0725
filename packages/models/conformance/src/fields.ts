// SPDX-License-Identifier: GPL-2.0-only
import { RecordingError } from './recording-error.ts'

/** The fields of a JSON object in a recording. Each field is checked on access. */
export class Fields {
  readonly file: string
  readonly line: number
  readonly #at: string
  readonly #object: Readonly<Record<string, unknown>>

  private constructor(file: string, line: number, at: string, value: unknown) {
    this.file = file
    this.line = line
    this.#at = at
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new RecordingError(file, line, `${at === '' ? 'the line' : at} is not a JSON object`)
    }
    this.#object = value as Readonly<Record<string, unknown>>
  }

  /** @throws RecordingError if the text is not one JSON object */
  static parse(file: string, line: number, text: string): Fields {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      throw new RecordingError(file, line, `no valid JSON: ${error instanceof Error ? error.message : ''}`)
    }
    return new Fields(file, line, '', value)
  }

  /** Reports an invalid field. */
  fail(name: string, wanted: string): never {
    const value = this.#object[name]
    const found = value === undefined ? 'missing' : JSON.stringify(value)
    throw new RecordingError(
      this.file,
      this.line,
      `field "${this.#at}${name}" is ${found}; expected: ${wanted}`,
    )
  }

  string(name: string): string {
    const value = this.#object[name]
    return typeof value === 'string' ? value : this.fail(name, 'a string')
  }

  number(name: string): number {
    const value = this.#object[name]
    return typeof value === 'number' ? value : this.fail(name, 'a number')
  }

  boolean(name: string): boolean {
    const value = this.#object[name]
    return typeof value === 'boolean' ? value : this.fail(name, 'true or false')
  }

  /** A boolean, or null. */
  booleanOrNull(name: string): boolean | null {
    return this.#object[name] === null ? null : this.boolean(name)
  }

  /** A string, or null. */
  stringOrNull(name: string): string | null {
    return this.#object[name] === null ? null : this.string(name)
  }

  oneOf<const T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#object[name]
    return allowed.find((one) => one === value) ?? this.fail(name, allowed.join(', '))
  }

  /** True if the object has a field of that name. */
  has(name: string): boolean {
    return Object.hasOwn(this.#object, name)
  }

  /** The unchecked value. */
  raw(name: string): unknown {
    return this.#object[name]
  }

  strings(name: string): string[] {
    const value = this.#object[name]
    if (!Array.isArray(value)) return this.fail(name, 'a list of strings')
    return value.map((item: unknown) =>
      typeof item === 'string' ? item : this.fail(name, 'a list of strings'),
    )
  }

  /** A list of objects, each converted by `read`. */
  list<T>(name: string, read: (item: Fields) => T): T[] {
    const value = this.#object[name]
    if (!Array.isArray(value)) return this.fail(name, 'a list of objects')
    return value.map((item: unknown, index) =>
      read(new Fields(this.file, this.line, `${this.#at}${name}[${index}].`, item)),
    )
  }

  /** A nested object. */
  inner(name: string): Fields {
    return new Fields(this.file, this.line, `${this.#at}${name}.`, this.#object[name])
  }

  /** Names of all fields. */
  names(): string[] {
    return Object.keys(this.#object)
  }
}
