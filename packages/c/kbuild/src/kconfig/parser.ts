// SPDX-License-Identifier: GPL-2.0-only
import { KbuildError } from '../error.ts'
import { and, needs, operandOf, parseExpression } from './expression.ts'
import { statementsOf, tokensOf, type KconfigStatement, type Token } from './lexer.ts'
import type { Macros } from './macros.ts'
import type {
  Conditional,
  Expression,
  KconfigChoice,
  KconfigModel,
  KconfigSymbol,
  SymbolType,
} from './model.ts'
import { SymbolTable } from './symbol-table.ts'

/** Reads a file of the tree; null if it does not exist. */
export type ReadText = (path: string) => Promise<string | null>

/** Limits for the number of files and for their nesting, higher than any kernel needs. */
const limits = { files: 20_000, depth: 64 }

/** An open block. */
interface Block {
  readonly kind: 'menu' | 'if' | 'choice' | 'file'
  /** Dependency of everything inside of the block. */
  dependency: Expression | null
  /** Condition for the visibility of prompts in the block (`visible if`). */
  visibility: Expression | null
  readonly choice: KconfigChoice | null
}

/** The entry whose properties are being parsed. */
type Entry =
  | {
      readonly kind: 'symbol'
      readonly symbol: KconfigSymbol
      readonly dependency: { own: Expression | null }
    }
  | { readonly kind: 'choice'; readonly choice: KconfigChoice }
  | { readonly kind: 'menu' }
  | { readonly kind: 'comment' }

const types: Readonly<Record<string, SymbolType>> = {
  bool: 'bool',
  boolean: 'bool',
  tristate: 'tristate',
  int: 'int',
  hex: 'hex',
  string: 'string',
  def_bool: 'bool',
  def_tristate: 'tristate',
}

/** A property that is completed at the end of its entry, because `depends on` may follow it. */
type Waiting = (dependency: Expression | null) => void

/** Parses Kconfig files, in the order in which they include each other. */
class Parser {
  readonly #read: ReadText
  readonly #macros: Macros
  readonly #nests: boolean
  readonly #symbols = new SymbolTable()
  readonly #choices: KconfigChoice[] = []
  readonly #files: string[] = []
  readonly #warnings: string[] = []
  #blocks: Block[] = [{ kind: 'file', dependency: null, visibility: null, choice: null }]
  #entry: Entry | null = null
  #waiting: Waiting[] = []
  #place = ''
  /** The last member of the choice, and the symbols nested below it. */
  #subtree: string[] = []

  constructor(read: ReadText, macros: Macros, nests: boolean) {
    this.#read = read
    this.#macros = macros
    this.#nests = nests
  }

  async parse(root: string): Promise<KconfigModel> {
    await this.#file(root, 0)
    return {
      symbols: this.#symbols.all,
      choices: this.#choices,
      files: this.#files,
      warnings: this.#warnings,
    }
  }

  get #block(): Block {
    const block = this.#blocks.at(-1)
    if (block === undefined)
      throw new KbuildError('kconfig', `${this.#place}: the end of a block that was not opened`)
    return block
  }

  async #file(path: string, depth: number): Promise<void> {
    if (depth > limits.depth || this.#files.length >= limits.files)
      throw new KbuildError('kconfig', `${this.#place || path}: Kconfig files include each other in a loop`)
    const text = await this.#read(path)
    if (text === null)
      throw new KbuildError(
        'kconfig',
        this.#place === ''
          ? `the tree has no ${path}`
          : `${this.#place} includes ${path}, which does not exist`,
      )
    this.#files.push(path)
    const outside = this.#blocks.length
    for (const statement of statementsOf(text)) {
      this.#place = `${path}:${String(statement.line)}`
      if (this.#assignment(statement)) continue
      const tokens = tokensOf(statement.text, this.#macros)
      const [keyword, argument] = tokens
      if (keyword?.kind !== 'word') continue
      if (keyword.text !== 'source' && keyword.text !== 'rsource') this.#statement(keyword.text, tokens)
      else if (argument !== undefined) {
        this.#finish()
        await this.#file(argument.text, depth + 1)
      }
    }
    this.#finish()
    if (this.#blocks.length !== outside) throw new KbuildError('kconfig', `${path}: a block is not closed`)
  }

  /** Parses `NAME = value`. A variable name may start like a keyword. */
  #assignment({ text }: KconfigStatement): boolean {
    const [, name, operator, value = ''] = /^([A-Za-z0-9_-]+)\s*(=|:=|\+=)\s*(.*)$/.exec(text) ?? []
    if (name === undefined) return false
    this.#macros.set(name, operator as '=' | ':=' | '+=', value)
    return true
  }

  #statement(keyword: string, tokens: readonly Token[]): void {
    if (this.#begin(keyword, tokens) || this.#property(keyword, tokens)) return
    if (this.#warnings.length < 100) this.#warnings.push(`${this.#place}: "${keyword}" is not understood`)
  }

  /** Ends the current entry, whose dependencies are now complete. */
  #finish(): void {
    const entry = this.#entry
    this.#entry = null
    const waiting = this.#waiting.splice(0)
    if (entry === null) return
    if (entry.kind === 'symbol') this.#join(entry.symbol, entry.dependency.own)
    const dependency = this.#dependencyOf(entry)
    for (const one of waiting) one(dependency)
  }

  #dependencyOf(entry: Entry): Expression | null {
    if (entry.kind === 'choice') return entry.choice.dependency
    if (entry.kind !== 'symbol') return this.#block.dependency
    const dependency = and(this.#block.dependency, entry.dependency.own)
    entry.symbol.dependencies.push(dependency)
    return dependency
  }

  /** Makes a symbol a member of the enclosing choice, unless the symbol is nested below another member. */
  #join(symbol: KconfigSymbol, own: Expression | null): void {
    const { choice } = this.#block
    if (choice === null || symbol.choice !== null) return
    if (this.#nests && this.#subtree.some((name) => needs(own, name))) {
      this.#subtree.push(symbol.name)
      return
    }
    symbol.choice = choice
    choice.members.push(symbol)
    this.#subtree = [symbol.name]
  }

  #begin(keyword: string, tokens: readonly Token[]): boolean {
    switch (keyword) {
      case 'config':
      case 'menuconfig':
        this.#finish()
        this.#entry = {
          kind: 'symbol',
          symbol: this.#define(tokens[1]?.text ?? ''),
          dependency: { own: null },
        }
        return true
      case 'choice': {
        this.#finish()
        const choice: KconfigChoice = {
          type: 'unknown',
          members: [],
          prompts: [],
          defaults: [],
          dependency: this.#block.dependency,
          isOptional: false,
        }
        this.#choices.push(choice)
        this.#open('choice', choice)
        this.#subtree = []
        this.#block.dependency = { kind: 'choice', choice }
        this.#entry = { kind: 'choice', choice }
        return true
      }
      case 'menu':
        this.#finish()
        this.#open('menu', this.#block.choice)
        this.#entry = { kind: 'menu' }
        return true
      case 'if': {
        this.#finish()
        const condition = this.#expression(tokens, 1)
        this.#open('if', this.#block.choice)
        this.#block.dependency = and(this.#block.dependency, condition)
        return true
      }
      case 'endchoice':
      case 'endmenu':
      case 'endif':
        this.#finish()
        if (this.#block.kind !== keyword.slice(3))
          throw new KbuildError('kconfig', `${this.#place}: "${keyword}" ends a block that was not opened`)
        this.#blocks.pop()
        return true
      case 'comment':
        this.#finish()
        this.#entry = { kind: 'comment' }
        return true
      case 'mainmenu':
        this.#finish()
        return true
      default:
        return false
    }
  }

  #open(kind: Block['kind'], choice: KconfigChoice | null): void {
    const { dependency, visibility } = this.#block
    this.#blocks.push({ kind, dependency, visibility, choice })
    if (this.#blocks.length > 10 * limits.depth)
      throw new KbuildError('kconfig', `${this.#place}: blocks are nested too deeply`)
  }

  #define(name: string): KconfigSymbol {
    const symbol = this.#symbols.of(name)
    symbol.places.push(this.#place)
    return symbol
  }

  #expression(tokens: readonly Token[], at: number): Expression {
    const parsed = parseExpression(tokens, at)
    if (parsed?.end === tokens.length) return parsed.expression
    if (this.#warnings.length < 100) this.#warnings.push(`${this.#place}: the expression is not understood`)
    return parsed?.expression ?? { kind: 'text', text: 'n' }
  }

  /** The condition after `if`; null if there is none. */
  #condition(tokens: readonly Token[], from: number): Expression | null {
    const at = tokens.findIndex(({ kind, text }, index) => index >= from && kind === 'word' && text === 'if')
    return at < 0 ? null : this.#expression(tokens, at + 1)
  }

  #property(keyword: string, tokens: readonly Token[]): boolean {
    const entry = this.#entry
    const type = types[keyword]
    if (keyword === 'depends') {
      this.#depends(this.#expression(tokens, tokens[1]?.text === 'on' ? 2 : 1))
      return true
    }
    if (keyword === 'visible') {
      if (entry?.kind === 'menu')
        this.#block.visibility = and(this.#block.visibility, this.#condition(tokens, 1))
      return true
    }
    if (entry === null || entry.kind === 'menu' || entry.kind === 'comment')
      return type !== undefined || keyword === 'prompt'
    if (type !== undefined) {
      const owner = entry.kind === 'symbol' ? entry.symbol : entry.choice
      if (owner.type === 'unknown') owner.type = type
      if (keyword.startsWith('def_')) this.#default(entry, tokens)
      else if (tokens.length > 1) this.#prompt(entry, tokens)
      return true
    }
    switch (keyword) {
      case 'prompt':
        this.#prompt(entry, tokens)
        return true
      case 'default':
        this.#default(entry, tokens)
        return true
      case 'optional':
        if (entry.kind === 'choice') entry.choice.isOptional = true
        return true
      case 'modules':
      case 'option':
      case 'transitional':
        if (entry.kind === 'symbol')
          this.#option(entry.symbol, keyword === 'option' ? tokens[1]?.text : keyword)
        return true
      case 'select':
      case 'imply':
      case 'range':
        if (entry.kind === 'symbol') this.#relation(keyword, entry.symbol, tokens)
        return true
      default:
        return false
    }
  }

  #option(symbol: KconfigSymbol, option: string | undefined): void {
    if (option === 'modules') symbol.isModules = true
    if (option === 'allnoconfig_y') symbol.isSetInAllNo = true
    if (option === 'defconfig_list') symbol.isNotWritten = true
  }

  #depends(condition: Expression): void {
    const entry = this.#entry
    if (entry?.kind === 'symbol') entry.dependency.own = and(entry.dependency.own, condition)
    else if (entry?.kind === 'choice') entry.choice.dependency = and(entry.choice.dependency, condition)
    else if (entry?.kind === 'menu') this.#block.dependency = and(this.#block.dependency, condition)
  }

  #prompt(entry: Entry & { kind: 'symbol' | 'choice' }, tokens: readonly Token[]): void {
    const condition = and(this.#condition(tokens, 2), this.#block.visibility)
    const { prompts } = entry.kind === 'symbol' ? entry.symbol : entry.choice
    this.#waiting.push((dependency) => prompts.push(and(dependency, condition)))
  }

  #default(entry: Entry & { kind: 'symbol' | 'choice' }, tokens: readonly Token[]): void {
    const condition = this.#condition(tokens, 2)
    const [, first] = tokens
    if (entry.kind === 'choice') {
      const { defaults } = entry.choice
      this.#waiting.push((dependency) =>
        defaults.push({ value: first?.text ?? '', condition: and(dependency, condition) }),
      )
      return
    }
    const end = tokens.findIndex(({ kind, text }, index) => index > 1 && kind === 'word' && text === 'if')
    const value = this.#expression(end < 0 ? tokens : tokens.slice(0, end), 1)
    const { defaults } = entry.symbol
    this.#waiting.push((dependency) => defaults.push({ value, condition: and(dependency, condition) }))
  }

  #relation(keyword: 'select' | 'imply' | 'range', symbol: KconfigSymbol, tokens: readonly Token[]): void {
    const [, first, second] = tokens
    if (first === undefined) return
    if (keyword === 'range') {
      if (second === undefined) return
      const value = [operandOf(first), operandOf(second)] as const
      const condition = this.#condition(tokens, 3)
      this.#waiting.push((dependency) => symbol.ranges.push({ value, condition: and(dependency, condition) }))
      return
    }
    const condition = this.#condition(tokens, 2)
    const target = this.#symbols.of(first.text)
    const list: Conditional<string>[] = keyword === 'select' ? target.selectedBy : target.impliedBy
    this.#waiting.push((dependency) =>
      list.push({ value: symbol.name, condition: and(dependency, condition) }),
    )
  }
}

/** Derives missing types of choices from their members, and the other way around. */
function completeTypes(model: KconfigModel): void {
  for (const choice of model.choices) {
    if (choice.type === 'unknown')
      choice.type = choice.members.find(({ type }) => type !== 'unknown')?.type ?? 'bool'
    for (const member of choice.members) if (member.type === 'unknown') member.type = choice.type
  }
}

/** Version-dependent parser options. */
export interface ParseOptions {
  /**
   * True if a symbol in a choice that depends on the preceding member is nested below that member, instead of being a
   * member itself. True before 6.11.
   */
  readonly membersNest: boolean
}

/**
 * Parses all Kconfig files of a tree, starting from the top one.
 *
 * @throws KbuildError `kconfig` if a file is missing, a block is not closed, or a limit is exceeded
 */
export async function parseKconfig(
  read: ReadText,
  macros: Macros,
  { membersNest }: ParseOptions,
): Promise<KconfigModel> {
  const model = await new Parser(read, macros, membersNest).parse('Kconfig')
  completeTypes(model)
  return model
}
