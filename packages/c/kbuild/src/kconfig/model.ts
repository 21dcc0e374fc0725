// SPDX-License-Identifier: GPL-2.0-only

/** What a comparison compares: a symbol, or a text. A word that no file defines stands for itself. */
export interface Operand {
  readonly kind: 'symbol' | 'text'
  readonly text: string
}

/** Operators of comparisons. */
export const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const
export type Comparison = (typeof comparisons)[number]

/** A condition, as `depends on` has it. `choice` stands for what members of a choice depend on. */
export type Expression =
  | Operand
  | { readonly kind: 'choice'; readonly choice: KconfigChoice }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly left: Operand
      readonly right: Operand
    }

/** Types of symbols. `unknown` has a symbol that is used and never defined. */
export type SymbolType = 'bool' | 'tristate' | 'int' | 'hex' | 'string' | 'unknown'

/** A value with the condition under which it holds; null: always. */
export interface Conditional<T> {
  readonly value: T
  readonly condition: Expression | null
}

/** A configuration symbol with all its definitions. Conditions have the dependencies of menus and ifs around them in them. */
export interface KconfigSymbol {
  readonly name: string
  /** Where it is defined: `init/Kconfig:12`. Empty if it is only used. */
  readonly places: string[]
  type: SymbolType
  /** Conditions under which the user can set it; null: always. */
  readonly prompts: (Expression | null)[]
  readonly defaults: Conditional<Expression>[]
  readonly ranges: Conditional<readonly [Operand, Operand]>[]
  /** Symbols that select it or imply it, and when. */
  readonly selectedBy: Conditional<string>[]
  readonly impliedBy: Conditional<string>[]
  /** What each of its definitions depends on; null: on nothing. */
  readonly dependencies: (Expression | null)[]
  choice: KconfigChoice | null
  /** Whether it is the one that makes modules possible. */
  isModules: boolean
  /** Whether `allnoconfig` sets it all the same. Kernels before 5.13 have that. */
  isSetInAllNo: boolean
  /** Whether `.config` does not have it. */
  isNotWritten: boolean
}

/** A choice: symbols of which one is set, or several as modules. */
export interface KconfigChoice {
  type: SymbolType
  readonly members: KconfigSymbol[]
  readonly prompts: (Expression | null)[]
  readonly defaults: Conditional<string>[]
  /** What it depends on itself; null: on nothing. */
  dependency: Expression | null
  isOptional: boolean
}

/** What the Kconfig files of a tree say. */
export interface KconfigModel {
  readonly symbols: ReadonlyMap<string, KconfigSymbol>
  readonly choices: readonly KconfigChoice[]
  /** Files that were read, in order. */
  readonly files: readonly string[]
  /** What was not understood and left out, with its place. */
  readonly warnings: readonly string[]
}
