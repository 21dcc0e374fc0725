// SPDX-License-Identifier: GPL-2.0-only
import { KbuildError } from '../error.ts'
import { compareTexts } from './compare.ts'
import type { Conditional, Expression, KconfigChoice, KconfigModel, KconfigSymbol, Operand } from './model.ts'

/** Values of tristate logic. */
const N = 0
const M = 1
const Y = 2
type Tristate = typeof N | typeof M | typeof Y

const tristateOf = (text: string | undefined): Tristate => (text === 'y' ? Y : text === 'm' ? M : N)
const textOf = (value: Tristate): 'n' | 'm' | 'y' => (value === Y ? 'y' : value === M ? 'm' : 'n')

/**
 * Values of symbols that are not set: `no` and `mod` as in `make allnoconfig` and `allmodconfig`, `default` as in
 * `olddefconfig`.
 */
export type Base = 'no' | 'mod' | 'default'

/** The user's settings, and the behaviour of the tree's own Kconfig program. */
export interface EvaluationOptions {
  readonly base: Base
  /** Values that the user set, by symbol without `CONFIG_`. Strings have no quotes. */
  readonly set: ReadonlyMap<string, string>
  /** From 6.11 on, a choice always has exactly one member set, and is not a symbol itself. */
  readonly choicesAreMenus: boolean
  /** Before 5.7, an implied y overrides m. The symbol's dependencies limit the implied value only if they are n. */
  readonly impliedIsBuiltIn: boolean
  /** From 6.8 on, a number without a value is 0. */
  readonly numbersAreZero: boolean
}

/** Values of symbols. Symbols that are `n` or undefined are absent. */
export type Values = ReadonlyMap<string, string>

/** Computes the values of symbols, as scripts/kconfig of the kernel does. */
export class Evaluation {
  readonly #model: KconfigModel
  readonly #options: EvaluationOptions
  readonly #values = new Map<string, string>()
  /** Symbols that are written to `.config`: visible symbols, and symbols that get a value in another way. */
  readonly #written = new Set<string>()
  readonly #choices = new Map<KconfigChoice, { value: Tristate; chosen: KconfigSymbol | null }>()
  #modules: Tristate = N

  constructor(model: KconfigModel, options: EvaluationOptions) {
    this.#model = model
    this.#options = options
    const modules = [...model.symbols.values()].find(({ isModules }) => isModules)
    if (modules !== undefined) {
      const value = tristateOf(this.#valueOf(modules.name))
      this.#values.clear()
      this.#written.clear()
      this.#choices.clear()
      this.#modules = value
    }
  }

  /**
   * Computes the values of all symbols that are written to `.config`, without those that are `n`.
   *
   * @throws KbuildError `kconfig` if a chain of dependencies is too long
   */
  values(): Values {
    try {
      const result = new Map<string, string>()
      for (const { name, type, isNotWritten } of this.#model.symbols.values()) {
        if (type === 'unknown' || isNotWritten) continue
        const value = this.#valueOf(name)
        if (value !== 'n' && this.#written.has(name)) result.set(name, value)
      }
      return result
    } catch (fault) {
      if (fault instanceof RangeError)
        throw new KbuildError('kconfig', 'a chain of dependencies between Kconfig symbols is too long', {
          cause: fault,
        })
      throw fault
    }
  }

  /** The value of a condition, as text; `y` for null. */
  conditionOf(expression: Expression | null): 'n' | 'm' | 'y' {
    return textOf(this.#evaluate(expression))
  }

  /** The value of a symbol; its own name if nothing defines it. */
  #valueOf(name: string): string {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    const symbol = this.#model.symbols.get(name)
    if (symbol === undefined || symbol.type === 'unknown') return name
    const isLogic = symbol.type === 'bool' || symbol.type === 'tristate'
    // The value during the symbol's own evaluation, for circular dependencies.
    this.#values.set(name, isLogic ? 'n' : this.#emptyOf(symbol))
    const value = isLogic ? textOf(this.#logic(symbol)) : this.#text(symbol)
    this.#values.set(name, value)
    return value
  }

  #emptyOf({ type }: KconfigSymbol): string {
    if (type === 'string' || !this.#options.numbersAreZero) return ''
    return type === 'hex' ? '0x0' : '0'
  }

  #evaluate(expression: Expression | null): Tristate {
    if (expression === null) return Y
    switch (expression.kind) {
      case 'text':
        // The constant m is n if modules are disabled.
        return expression.text === 'm' && this.#modules === N ? N : tristateOf(expression.text)
      case 'symbol': {
        const symbol = this.#model.symbols.get(expression.text)
        if (symbol?.type !== 'bool' && symbol?.type !== 'tristate') return N
        return tristateOf(this.#valueOf(expression.text))
      }
      case 'choice': {
        const { choice } = expression
        return this.#options.choicesAreMenus ? this.#evaluate(choice.dependency) : this.#choice(choice).value
      }
      case 'not':
        return (Y - this.#evaluate(expression.of)) as Tristate
      case 'and': {
        const left = this.#evaluate(expression.left)
        return left === N ? N : (Math.min(left, this.#evaluate(expression.right)) as Tristate)
      }
      case 'or': {
        const left = this.#evaluate(expression.left)
        return left === Y ? Y : (Math.max(left, this.#evaluate(expression.right)) as Tristate)
      }
      case 'compare': {
        const [left, right] = [this.#operand(expression.left), this.#operand(expression.right)]
        return compareTexts(left, expression.operator, right) ? Y : N
      }
    }
  }

  #operand({ kind, text }: Operand): { text: string; type: KconfigSymbol['type'] } {
    if (kind === 'text') return { text, type: /^[ymn]$/.test(text) ? 'tristate' : 'unknown' }
    const value = this.#valueOf(text)
    const type = this.#model.symbols.get(text)?.type ?? 'unknown'
    return { text: value === 'm' && type === 'tristate' && this.#modules === N ? 'n' : value, type }
  }

  #any(conditions: readonly (Expression | null)[]): Tristate {
    let best: Tristate = N
    for (const condition of conditions) {
      best = Math.max(best, this.#evaluate(condition)) as Tristate
      if (best === Y) break
    }
    return best
  }

  /** The highest value that the symbols in `list` give through their conditions. */
  #anyOf(list: readonly Conditional<string>[]): Tristate {
    let best: Tristate = N
    for (const { value, condition } of list) {
      const by = this.#evaluate({ kind: 'symbol', text: value })
      if (by > best) best = Math.max(best, Math.min(by, this.#evaluate(condition))) as Tristate
      if (best === Y) break
    }
    return best
  }

  /** If modules are disabled, or the symbol is not a tristate, m counts as y. */
  #promote(value: Tristate, { type }: { readonly type: KconfigSymbol['type'] }): Tristate {
    return value === M && (type !== 'tristate' || this.#modules === N) ? Y : value
  }

  #visibility(symbol: KconfigSymbol): Tristate {
    const own = this.#any(symbol.prompts)
    if (symbol.choice === null || this.#options.choicesAreMenus) return this.#promote(own, symbol)
    if (symbol.type === 'tristate' && own === M && this.#choice(symbol.choice).value === Y) return N
    return this.#promote(own, symbol)
  }

  #firstDefault<T>(defaults: readonly Conditional<T>[]): { value: T; condition: Tristate } | null {
    for (const { value, condition } of defaults) {
      const holds = this.#evaluate(condition)
      if (holds !== N) return { value, condition: holds }
    }
    return null
  }

  /** The value that the user set, or that the base sets for a symbol with a prompt. */
  #given(symbol: KconfigSymbol): string | undefined {
    const set = this.#options.set.get(symbol.name)
    if (set !== undefined) return set
    const isLogic = symbol.type === 'bool' || symbol.type === 'tristate'
    const { base, choicesAreMenus } = this.#options
    if (!isLogic || base === 'default' || (choicesAreMenus && symbol.choice !== null)) return undefined
    if (base === 'mod') return 'm'
    return symbol.isSetInAllNo ? 'y' : 'n'
  }

  #logic(symbol: KconfigSymbol): Tristate {
    const visible = this.#visibility(symbol)
    if (visible !== N) this.#written.add(symbol.name)
    const { choice } = symbol
    if (choice !== null && this.#options.choicesAreMenus)
      return visible !== N && this.#choice(choice).chosen === symbol ? Y : N
    if (choice !== null && visible === Y) return this.#choice(choice).chosen === symbol ? Y : N
    const selected = this.#promote(this.#anyOf(symbol.selectedBy), symbol)
    if (selected !== N) this.#written.add(symbol.name)
    const given = visible === N ? undefined : this.#given(symbol)
    const own = given === undefined ? this.#unset(symbol) : (Math.min(tristateOf(given), visible) as Tristate)
    const value = this.#promote(Math.max(own, selected) as Tristate, symbol)
    return value === M && this.#options.impliedIsBuiltIn && this.#implied(symbol) === Y ? Y : value
  }

  /** The value that other symbols imply. */
  #implied(symbol: KconfigSymbol): Tristate {
    const implied = this.#promote(this.#anyOf(symbol.impliedBy), symbol)
    return implied !== N && this.#options.impliedIsBuiltIn && this.#dependency(symbol) === N ? N : implied
  }

  #dependency(symbol: KconfigSymbol): Tristate {
    return symbol.dependencies.length === 0 ? Y : this.#promote(this.#any(symbol.dependencies), symbol)
  }

  /** The value of a bool or tristate that is not set: its default, combined with the implied value. */
  #unset(symbol: KconfigSymbol): Tristate {
    const found = this.#firstDefault(symbol.defaults)
    let value: Tristate =
      found === null ? N : (Math.min(this.#evaluate(found.value), found.condition) as Tristate)
    if (value !== N) this.#written.add(symbol.name)
    const implied = this.#implied(symbol)
    if (implied !== N) {
      this.#written.add(symbol.name)
      value = Math.max(value, implied) as Tristate
      if (!this.#options.impliedIsBuiltIn) value = Math.min(value, this.#dependency(symbol)) as Tristate
    }
    return value
  }

  #text(symbol: KconfigSymbol): string {
    const visible = this.#visibility(symbol) !== N
    if (visible) this.#written.add(symbol.name)
    const set = visible ? this.#options.set.get(symbol.name) : undefined
    let value = set ?? this.#emptyOf(symbol)
    if (set === undefined) {
      const found = this.#firstDefault(symbol.defaults)
      if (found !== null && (found.value.kind === 'symbol' || found.value.kind === 'text')) {
        this.#written.add(symbol.name)
        value = this.#operand(found.value).text
      }
    }
    return symbol.type === 'string' ? value : this.#inRange(symbol, value)
  }

  #inRange({ type, ranges }: KconfigSymbol, value: string): string {
    const range = this.#firstDefault(ranges)
    if (range === null) return value
    const [low, high] = range.value.map((limit) => this.#operand(limit).text)
    if (low === undefined || high === undefined) return value
    const own = { text: value === '' ? '0' : value, type }
    if (compareTexts(own, '<', { text: low, type })) return low
    return compareTexts(own, '>', { text: high, type }) ? high : value
  }

  /** State of a choice: its value and its selected member. */
  #choice(choice: KconfigChoice): { readonly value: Tristate; readonly chosen: KconfigSymbol | null } {
    const known = this.#choices.get(choice)
    if (known !== undefined) return known
    const state: { value: Tristate; chosen: KconfigSymbol | null } = { value: N, chosen: null }
    this.#choices.set(choice, state)
    if (this.#options.choicesAreMenus) {
      state.value = Y
      state.chosen = this.#chosenInMenu(choice)
      return state
    }
    const visible = this.#promote(this.#any(choice.prompts), choice)
    const set = choice.members.map(({ name }) => tristateOf(this.#options.set.get(name)))
    const wanted = this.#options.base === 'mod' ? M : (Math.max(N, ...set) as Tristate)
    const least = choice.isOptional ? N : Math.min(visible, M)
    state.value = this.#promote(Math.max(Math.min(wanted, visible), least) as Tristate, choice)
    if (state.value === Y) {
      state.chosen = this.#chosen(choice)
      if (state.chosen === null) state.value = N
    }
    return state
  }

  #chosen(choice: KconfigChoice): KconfigSymbol | null {
    const visible = choice.members.filter((member) => this.#visibility(member) !== N)
    return (
      visible.findLast(({ name }) => this.#options.set.get(name) === 'y') ??
      this.#defaultOf(choice, visible) ??
      visible[0] ??
      null
    )
  }

  #chosenInMenu(choice: KconfigChoice): KconfigSymbol | null {
    const visible = choice.members.filter((member) => this.#visibility(member) !== N)
    const given = (symbol: KconfigSymbol): string | undefined => this.#options.set.get(symbol.name)
    const usual = this.#defaultOf(choice, visible) ?? visible[0]
    return (
      visible.findLast((member) => given(member) === 'y') ??
      (usual !== undefined && given(usual) !== 'n' ? usual : undefined) ??
      visible.find((member) => given(member) === undefined) ??
      visible[0] ??
      null
    )
  }

  #defaultOf(choice: KconfigChoice, visible: readonly KconfigSymbol[]): KconfigSymbol | undefined {
    for (const { value, condition } of choice.defaults) {
      if (this.#evaluate(condition) === N) continue
      const member = visible.find(({ name }) => name === value)
      if (member !== undefined) return member
    }
    return undefined
  }
}
