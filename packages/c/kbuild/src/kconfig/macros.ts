// SPDX-License-Identifier: GPL-2.0-only
import { KbuildError } from '../error.ts'

/** Returns what `$(shell,…)` would print. No shell is started. */
export type ShellAnswer = (command: string) => string

/** Limits for macro calls and for the length of expanded text. */
const limits = { depth: 100, characters: 1 << 16, expansions: 1_000_000 }

interface Variable {
  readonly value: string
  /** True if references are expanded on use (`=`) rather than on assignment (`:=`). */
  readonly recursive: boolean
}

/**
 * The macro language of Kconfig (Documentation/kbuild/kconfig-macro-language.rst): variables, user-defined functions
 * with `$(1)`, and built-in functions.
 */
export class Macros {
  readonly #variables = new Map<string, Variable>()
  readonly #environment: ReadonlyMap<string, string>
  readonly #shell: ShellAnswer
  #depth = 0
  #expansions = 0

  /** @param environment - variables such as SRCARCH that make exports */
  constructor(environment: ReadonlyMap<string, string>, shell: ShellAnswer) {
    this.#environment = environment
    this.#shell = shell
  }

  /** Assigns a variable, as a line `NAME = value` does. */
  set(name: string, operator: '=' | ':=' | '+=', value: string): void {
    const old = this.#variables.get(name)
    const recursive = operator === '+=' ? (old?.recursive ?? true) : operator === '='
    const text = recursive ? value : this.expand(value)
    const joined = operator === '+=' && old !== undefined ? `${old.value} ${text}` : text
    this.#variables.set(name, { value: joined, recursive })
  }

  /**
   * Expands all references in a text.
   *
   * @param parameters - values of `$(1)`, `$(2)` and so on
   * @throws KbuildError `kconfig` if a reference is not closed, or if a limit is exceeded
   */
  expand(text: string, parameters: readonly string[] = []): string {
    let result = ''
    let at = 0
    for (let dollar = text.indexOf('$('); dollar >= 0; dollar = text.indexOf('$(', at)) {
      const { value, end } = this.#reference(text, dollar, parameters)
      result += text.slice(at, dollar) + value
      at = end
      if (result.length > limits.characters)
        throw new KbuildError('kconfig', 'a Kconfig macro grows without bounds')
    }
    return result + text.slice(at)
  }

  /**
   * Expands the reference at a position.
   *
   * @param dollar - index of a `$` that a parenthesis follows
   * @returns the expansion, and the index after the closing parenthesis
   */
  #reference(text: string, dollar: number, parameters: readonly string[]): { value: string; end: number } {
    let nesting = 0
    for (let at = dollar + 2; at < text.length; at++) {
      if (text[at] === '(') nesting++
      else if (text[at] === ')' && nesting-- === 0)
        return { value: this.#call(text.slice(dollar + 2, at), parameters), end: at + 1 }
    }
    throw new KbuildError(
      'kconfig',
      `a Kconfig macro has no closing parenthesis: ${text.slice(dollar, dollar + 60)}`,
    )
  }

  #call(clause: string, parameters: readonly string[]): string {
    if (/^[1-9]\d?$/.test(clause) && Number(clause) <= parameters.length)
      return parameters[Number(clause) - 1] ?? ''
    if (++this.#expansions > limits.expansions || this.#depth > limits.depth)
      throw new KbuildError('kconfig', `Kconfig macros call each other in a loop: $(${clause.slice(0, 60)})`)
    this.#depth++
    try {
      const [name = '', ...given] = splitAtCommas(clause).map((part) => this.expand(part, parameters))
      const variable = this.#variables.get(name)
      if (variable !== undefined)
        return variable.recursive ? this.expand(variable.value, given) : variable.value
      if (name === 'shell') return this.#shell(given.join(','))
      // error-if, warning-if and info expand to nothing. filename and lineno are not needed here.
      return given.length === 0 ? (this.#environment.get(name) ?? '') : ''
    } finally {
      this.#depth--
    }
  }
}

/** Splits a clause at commas outside of parentheses. */
function splitAtCommas(clause: string): string[] {
  const parts: string[] = []
  let nesting = 0
  let from = 0
  for (let at = 0; at < clause.length; at++) {
    if (clause[at] === '(') nesting++
    else if (clause[at] === ')') nesting--
    else if (clause[at] === ',' && nesting === 0) {
      parts.push(clause.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, clause.slice(from)]
}
