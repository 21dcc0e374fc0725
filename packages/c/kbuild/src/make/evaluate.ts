// SPDX-License-Identifier: GPL-2.0-only
import { words } from './functions.ts'
import { makeLines, type MakeLine } from './lines.ts'
import { closing, splitAtCommas, Variables } from './variables.ts'

/** A line that assigns words to a variable. */
export interface Assignment {
  /** `drivers/of/Makefile:7`. */
  readonly place: string
  /** Name as written, such as `obj-$(CONFIG_OF_DYNAMIC)`. */
  readonly rawName: string
  readonly name: string
  readonly words: readonly string[]
  /**
   * Enclosing conditions as written (`ifdef CONFIG_X`, `else of ifdef CONFIG_X`), up to the first one that is false.
   */
  readonly conditions: readonly string[]
  /** True if all conditions are true. */
  readonly active: boolean
}

/** Variables of a makefile after its evaluation. */
export interface MakeResult {
  /** The expanded value of a variable; empty if it is not set. */
  value(name: string): string
  readonly assignments: readonly Assignment[]
}

/** Input of a makefile's evaluation. */
export interface MakeInput {
  /** Path in the tree. */
  readonly path: string
  readonly text: string
  readonly variables: ReadonlyMap<string, string>
  /** Reads an included file of the tree; null if it does not exist. */
  readonly include: (path: string) => string | null
}

/** Maximum number of includes. No makefile of the kernel comes near it. */
const maxIncludes = 50

interface Condition {
  readonly text: string
  /** True if an earlier branch was taken, or if an enclosing condition does not hold: no later branch is taken then. */
  taken: boolean
  active: boolean
}

const assignment =
  /^(?:(?:override|export)\s+)*((?:\$\([^()]*(?:\([^()]*\)[^()]*)*\)|\$\{[^}]*\}|[^\s:=+?!#$])+)\s*(\+=|\?=|::?=|!=|=)\s*(.*)$/s

/** Evaluates the parts of makefiles that Kbuild uses: variables, functions and conditions. Runs no command. */
class Reader implements MakeResult {
  readonly #variables: Variables
  readonly #include: MakeInput['include']
  readonly assignments: Assignment[] = []
  #conditions: Condition[] = []
  #includes = 0
  #path = ''

  constructor({ variables, include }: Pick<MakeInput, 'variables' | 'include'>) {
    this.#variables = new Variables(variables, (text) => {
      this.read(this.#path, text)
    })
    this.#include = include
  }

  value(name: string): string {
    return this.#variables.value(name)
  }

  #expand(text: string): string {
    return this.#variables.expand(text)
  }

  read(path: string, text: string): void {
    const [outside, outer] = [this.#conditions, this.#path]
    this.#path = path
    this.#conditions = []
    let inRule = false
    let define: { name: string; lines: string[] } | null = null
    for (const line of makeLines(text)) {
      if (define !== null) {
        if (line.text === 'endef') {
          if (this.#isActive) this.#variables.define(define.name, define.lines.join('\n'))
          define = null
        } else define.lines.push(line.text)
        continue
      }
      if (this.#conditional(line.text)) continue
      if (line.isIndented && inRule) continue
      const name = /^(?:override\s+)?define\s+(\S+)/.exec(line.text)?.[1]
      if (name !== undefined) define = { name, lines: [] }
      else if (this.#directive(line)) inRule = false
      else if (this.#assign(path, line)) inRule = false
      else if (line.text.startsWith('$(')) this.#call(line.text)
      else inRule = line.text.includes(':')
    }
    this.#conditions = outside
    this.#path = outer
  }

  get #isActive(): boolean {
    return this.#conditions.every(({ active }) => active)
  }

  #conditional(text: string): boolean {
    const [, keyword, rest = ''] = /^(ifeq|ifneq|ifdef|ifndef|else|endif)\b\s*(.*)$/.exec(text) ?? []
    if (keyword === undefined) return false
    if (keyword === 'endif') this.#conditions.pop()
    else if (keyword === 'else') {
      const condition = this.#conditions.pop()
      const [, inner, innerRest = ''] = /^(ifeq|ifneq|ifdef|ifndef)\b\s*(.*)$/.exec(rest) ?? []
      if (condition === undefined) return true
      const taken = condition.taken || condition.active
      const holds = !taken && (inner === undefined || this.#test(inner, innerRest))
      const text = inner === undefined ? `else of ${condition.text}` : `${inner} ${innerRest}`
      this.#conditions.push({ text, taken, active: holds })
    } else {
      const holds = this.#isActive && this.#test(keyword, rest)
      this.#conditions.push({ text, taken: !this.#isActive, active: holds })
    }
    return true
  }

  #test(keyword: string, rest: string): boolean {
    if (keyword === 'ifdef' || keyword === 'ifndef')
      return this.#variables.isDefined(this.#expand(rest).trim()) === (keyword === 'ifdef')
    const [left, right] = twoSides(rest)
    return (this.#expand(left).trim() === this.#expand(right).trim()) === (keyword === 'ifeq')
  }

  /** A line that consists of a call only, such as `$(foreach …)` with a nested `$(eval …)`. */
  #call(text: string): void {
    if (this.#isActive) this.#expand(text)
  }

  #directive({ text }: MakeLine): boolean {
    const [, named] = /^[-s]?include\s+(.*)$/.exec(text) ?? []
    if (named === undefined) return /^(?:export|unexport|vpath|undefine)\b[^=]*$/.test(text)
    if (!this.#isActive || ++this.#includes > maxIncludes) return true
    for (const path of words(this.#expand(named))) {
      const inTree = path.replace(/^(?:\.\/)+/, '')
      const found = this.#include(inTree)
      if (found !== null) this.read(inTree, found)
    }
    return true
  }

  #assign(path: string, line: MakeLine): boolean {
    const [, rawName, operator, value = ''] = assignment.exec(line.text) ?? []
    if (rawName === undefined || operator === undefined) return false
    const active = this.#isActive
    const name = this.#expand(rawName).trim()
    const isShell = operator === '!='
    if (active) this.#variables.set(name, operator, isShell ? '' : value)
    const failed = this.#conditions.findIndex((condition) => !condition.active)
    this.assignments.push({
      place: `${path}:${String(line.number)}`,
      rawName,
      name,
      words: words(this.#expand(value)),
      conditions: this.#conditions.slice(0, failed < 0 ? undefined : failed + 1).map(({ text }) => text),
      active,
    })
    return true
  }
}

/** The two sides of `ifeq (a,b)` or `ifeq "a" "b"`. */
function twoSides(text: string): [string, string] {
  if (text.startsWith('(')) {
    const [left = '', ...right] = splitAtCommas(text.slice(1, closing(text, 0)))
    return [left, right.join(',')]
  }
  const [, , left = '', , right = ''] = /^(["'])(.*?)\1\s*(["'])(.*?)\3/.exec(text) ?? []
  return [left, right]
}

/**
 * Evaluates a makefile of the kernel.
 *
 * @throws KbuildError `kconfig` if a limit is exceeded
 */
export function evaluateMakefile(input: MakeInput): MakeResult {
  const reader = new Reader(input)
  reader.read(input.path, input.text)
  return reader
}
