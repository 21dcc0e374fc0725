// SPDX-License-Identifier: GPL-2.0-only
import { KbuildError } from '../error.ts'
import { compilerMacros, functions, patsubst, words } from './functions.ts'

/** Limits of an expansion. No makefile of the kernel comes near them. */
const limits = { steps: 2_000_000, depth: 60, characters: 1 << 20 }

interface Variable {
  readonly value: string
  /** True if references are expanded on use (`=`) rather than on assignment (`:=`). */
  readonly recursive: boolean
}

/** Variables of make and the expansion of text. Runs no command. */
export class Variables {
  readonly #variables = new Map<string, Variable>()
  #steps = 0
  #depth = 0

  readonly #evaluate: (text: string) => void

  /**
   * @param given - initial variables
   * @param evaluate - evaluates lines of a makefile, for `$(eval …)`
   */
  constructor(given: ReadonlyMap<string, string>, evaluate: (text: string) => void) {
    this.#evaluate = evaluate
    for (const [name, value] of given) this.#variables.set(name, { value, recursive: false })
  }

  /** The expanded value of a variable; empty if it is not set. */
  value(name: string): string {
    const variable = this.#variables.get(name)
    if (variable === undefined) return ''
    return variable.recursive ? this.expand(variable.value) : variable.value
  }

  /** True if a variable is set and not empty, as `ifdef` tests. */
  isDefined(name: string): boolean {
    return (this.#variables.get(name)?.value ?? '') !== ''
  }

  /** Implements `define`. */
  define(name: string, value: string): void {
    this.#variables.set(name, { value, recursive: true })
  }

  /**
   * Implements a line `NAME = value`.
   *
   * @throws KbuildError `kconfig` if a limit is exceeded
   */
  set(name: string, operator: string, value: string): void {
    const old = this.#variables.get(name)
    if (operator === '?=' && old !== undefined) return
    const recursive = operator === '=' || operator === '?=' || (operator === '+=' && (old?.recursive ?? true))
    const text = recursive ? value : this.expand(value)
    const joined = operator === '+=' && old !== undefined ? `${old.value} ${text}` : text
    if (joined.length > limits.characters)
      throw new KbuildError('kconfig', `the variable ${name} of a makefile grows without bounds`)
    this.#variables.set(name, { value: joined, recursive })
  }

  /**
   * Expands references in a text.
   *
   * @throws KbuildError `kconfig` if a limit is exceeded
   */
  expand(text: string): string {
    if (!text.includes('$')) return text
    if (++this.#depth > limits.depth)
      throw new KbuildError('kconfig', 'variables of a makefile refer to each other in a loop')
    try {
      let result = ''
      for (let at = 0; at < text.length;) {
        const dollar = text.indexOf('$', at)
        if (dollar < 0) return result + text.slice(at)
        result += text.slice(at, dollar)
        if (++this.#steps > limits.steps || result.length > limits.characters)
          throw new KbuildError('kconfig', 'a makefile takes too long to evaluate')
        const next = text[dollar + 1] ?? ''
        if (next === '(' || next === '{') {
          const end = closing(text, dollar + 1)
          result += this.#reference(text.slice(dollar + 2, end))
          at = end + 1
        } else {
          result += next === '$' ? '$' : this.value(next)
          at = dollar + 2
        }
      }
      return result
    } finally {
      this.#depth--
    }
  }

  #reference(clause: string): string {
    const [, name = '', rest = ''] = /^([\w-]+)\s+([^]*)$/.exec(clause) ?? []
    if (name !== '') {
      const value = this.#function(name, rest)
      if (value !== null) return value
    }
    const substitution = /^([^:]+):([^=]*)=(.*)$/s.exec(clause)
    if (substitution !== null && !clause.startsWith('$(')) {
      const [, variable = '', from = '', to = ''] = substitution
      const [pattern, replacement] = [this.expand(from), this.expand(to)]
      const value = this.value(this.expand(variable).trim())
      return pattern.includes('%')
        ? patsubst(pattern, replacement, value)
        : patsubst(`%${pattern}`, `%${replacement}`, value)
    }
    return this.value(this.expand(clause).trim())
  }

  #function(name: string, rest: string): string | null {
    const parts = splitAtCommas(rest)
    switch (name) {
      case 'if': {
        const [condition = '', then = '', otherwise = ''] = parts
        return this.expand(
          this.expand(condition).trim() === '' ? parts.slice(2).join(',') || otherwise : then,
        )
      }
      case 'or':
      case 'and': {
        let value = ''
        for (const part of parts) {
          value = this.expand(part).trim()
          if ((value === '') === (name === 'and')) break
        }
        return value
      }
      case 'foreach': {
        const [variable = '', list = '', ...body] = parts
        return this.#foreach(this.expand(variable).trim(), words(this.expand(list)), body.join(','))
      }
      case 'call': {
        const [called = '', ...given] = parts.map((part) => this.expand(part))
        return this.#call(called.trim(), given)
      }
      case 'eval':
        this.#evaluate(this.expand(rest))
        return ''
      case 'value':
        return this.#variables.get(this.expand(rest).trim())?.value ?? ''
      default: {
        const found = Object.hasOwn(functions, name) ? functions[name] : undefined
        if (found === undefined) return null
        // The last argument of a function may contain commas.
        const arity = Math.max(1, found.length || fixedArity[name] || parts.length)
        const given =
          parts.length <= arity ? parts : [...parts.slice(0, arity - 1), parts.slice(arity - 1).join(',')]
        return found(
          ...given.map((part, at) => (at === 0 ? this.expand(part).trimStart() : this.expand(part))),
        )
      }
    }
  }

  #foreach(variable: string, list: readonly string[], body: string): string {
    const old = this.#variables.get(variable)
    const results = list.map((word) => {
      this.#variables.set(variable, { value: word, recursive: false })
      return this.expand(body)
    })
    if (old === undefined) this.#variables.delete(variable)
    else this.#variables.set(variable, old)
    return results.join(' ')
  }

  #call(name: string, given: readonly string[]): string {
    const macro = Object.hasOwn(compilerMacros, name) ? compilerMacros[name] : undefined
    if (macro !== undefined) return macro(...given.map((text) => text.trim()))
    const variable = this.#variables.get(name)
    if (variable === undefined) return ''
    const names = given.map((_, at) => String(at + 1))
    const old = names.map((number) => this.#variables.get(number))
    for (const [at, text] of given.entries())
      this.#variables.set(names[at] ?? '', { value: text, recursive: false })
    const result = this.expand(variable.value)
    for (const [at, before] of old.entries()) {
      if (before === undefined) this.#variables.delete(names[at] ?? '')
      else this.#variables.set(names[at] ?? '', before)
    }
    return result
  }
}

/** Number of parameters of functions with default parameters, which `length` does not count. */
const fixedArity: Readonly<Record<string, number>> = {
  subst: 3,
  patsubst: 3,
  findstring: 2,
  filter: 2,
  'filter-out': 2,
  word: 2,
  wordlist: 3,
  addsuffix: 2,
  addprefix: 2,
  join: 2,
}

/** Index of the closing counterpart of the parenthesis or brace at a position; the end of the text if there is none. */
export function closing(text: string, from: number): number {
  const [open, close] = text[from] === '(' ? ['(', ')'] : ['{', '}']
  let nesting = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) nesting++
    else if (text[at] === close && --nesting === 0) return at
  }
  return text.length
}

export function splitAtCommas(text: string): string[] {
  const parts: string[] = []
  let from = 0
  let nesting = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '(' || char === '{') nesting++
    else if (char === ')' || char === '}') nesting--
    else if (char === ',' && nesting === 0) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  return [...parts, text.slice(from)]
}
