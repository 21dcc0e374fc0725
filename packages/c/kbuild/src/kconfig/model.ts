// SPDX-License-Identifier: GPL-2.0-only

/** An operand of a comparison: a symbol or a text. A word that no file defines stands for itself. */
export interface Operand {
  readonly kind: 'symbol' | 'text'
  readonly text: string
}

/** Comparison operators. */
export const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const
export type SymbolComparison = (typeof comparisons)[number]

/** A condition, as in `depends on`. `choice` stands for the dependency of the members of a choice. */
export type Expression =
  | Operand
  | { readonly kind: 'choice'; readonly choice: KconfigChoice }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'compare'
      readonly operator: SymbolComparison
      readonly left: Operand
      readonly right: Operand
    }

/** Type of a symbol. A symbol that is used but never defined is `unknown`. */
export type SymbolType = 'bool' | 'tristate' | 'int' | 'hex' | 'string' | 'unknown'

/** A value with its condition; null is always true. */
export interface Conditional<T> {
  readonly value: T
  readonly condition: Expression | null
}

/** A symbol with all its definitions. Conditions include the dependencies of the enclosing menus and ifs. */
export interface KconfigSymbol {
  readonly name: string
  /** Places of its definitions, such as `init/Kconfig:12`. Empty if it is only used. */
  readonly places: string[]
  type: SymbolType
  /** Conditions under which the user can set the symbol; null is always true. */
  readonly prompts: (Expression | null)[]
  readonly defaults: Conditional<Expression>[]
  readonly ranges: Conditional<readonly [Operand, Operand]>[]
  /** Symbols that select or imply it, with their conditions. */
  readonly selectedBy: Conditional<string>[]
  readonly impliedBy: Conditional<string>[]
  /** Dependencies, one for each definition; null for none. */
  readonly dependencies: (Expression | null)[]
  choice: KconfigChoice | null
  /** True if this is the symbol that enables modules. */
  isModules: boolean
  /** True if `allnoconfig` sets it to y. Only in kernels before 5.13. */
  isSetInAllNo: boolean
  /** True if the symbol is never written to `.config`. */
  isNotWritten: boolean
}

/** A choice: one of its members is set, or several are modules. */
export interface KconfigChoice {
  type: SymbolType
  readonly members: KconfigSymbol[]
  readonly prompts: (Expression | null)[]
  readonly defaults: Conditional<string>[]
  /** Dependency of the choice itself; null for none. */
  dependency: Expression | null
  isOptional: boolean
}

/** The content of a tree's Kconfig files. */
export interface KconfigModel {
  readonly symbols: ReadonlyMap<string, KconfigSymbol>
  readonly choices: readonly KconfigChoice[]
  /** Files that were read, in order. */
  readonly files: readonly string[]
  /** Statements that were ignored because they are not understood, with their places. */
  readonly warnings: readonly string[]
}
