// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { ts } from './typescript.ts'
import { shapeOf } from './shape.ts'

/** A place for a coverage point that is hit when a unit runs. */
export type CoveragePlace =
  | { readonly kind: 'before'; readonly node: TS.Statement }
  | { readonly kind: 'value'; readonly node: TS.Expression }
  | { readonly kind: 'start'; readonly node: TS.Block }
  | { readonly kind: 'end'; readonly node: StatementList }

/** A list of statements into which a statement can be inserted. */
export type StatementList = TS.Block | TS.CaseOrDefaultClause | TS.ModuleBlock | TS.SourceFile

/**
 * A part of a program that runs as a whole: a statement without its nested statements, or the expression body of an
 * arrow function.
 */
export interface Unit {
  /** Equal for units with the same behavior. */
  readonly key: string
  /** Node in the source. */
  readonly node: TS.Node
  readonly place: CoveragePlace
  /** Nesting depth. */
  readonly depth: number
  /**
   * Set if this unit is not a statement but the end of a list of statements: the unit that contains the list, or null
   * if the list is the body of a function or the top level of a file.
   */
  readonly ends?: Unit | null
  /** Set for the parameters of a function. */
  readonly header?: true
}

/**
 * The units of a file in source order, grouped by the function that contains them, because the order of functions does
 * not matter. The key of code outside functions is empty.
 */
export type Units = ReadonlyMap<string, readonly Unit[]>

const isType = (node: TS.Node): boolean =>
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  (ts.canHaveModifiers(node) &&
    (ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) ?? false))

/** Imports and exports bind names; `changedBindings` compares the bindings. */
const bindsNames = (node: TS.Node): boolean =>
  (ts.isImportDeclaration(node) && node.importClause !== undefined) ||
  (ts.isExportDeclaration(node) && node.exportClause !== undefined)

/**
 * True for a function or a class that takes its name from the field that it initializes. It would lose the name if a
 * coverage point wrapped it.
 */
function takesName(node: TS.Expression): boolean {
  return (
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    ts.isClassExpression(node) ||
    (ts.isParenthesizedExpression(node) && takesName(node.expression)) ||
    ((ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) && takesName(node.expression))
  )
}

class Collector {
  readonly units = new Map<string, Unit[]>()
  #container = ''
  #depth = 0

  #add(unit: Omit<Unit, 'depth'>): Unit {
    const added = { ...unit, depth: this.#depth }
    const own = this.units.get(this.#container)
    if (own === undefined) this.units.set(this.#container, [added])
    else own.push(added)
    return added
  }

  /** Runs `visit` with the given function or class as the container. */
  #within(name: string, visit: () => void): void {
    const [container, depth] = [this.#container, this.#depth]
    this.#container = container === '' ? name : `${container}.${name}`
    this.#depth = 0
    visit()
    this.#container = container
    this.#depth = depth
  }

  list(list: StatementList, owner: Unit | null): void {
    for (const statement of list.statements) this.#statement(statement)
    this.#add({
      key: `end of ${owner?.key ?? ''}`,
      node: list,
      place: { kind: 'end', node: list },
      ends: owner,
    })
  }

  #statement(statement: TS.Statement): void {
    if (isType(statement) || bindsNames(statement) || ts.isEmptyStatement(statement)) return
    if (ts.isBlock(statement)) for (const one of statement.statements) this.#statement(one)
    else if (ts.isFunctionDeclaration(statement)) this.#function(statement, statement.name?.text ?? 'default')
    else if (ts.isClassDeclaration(statement)) this.#class(statement)
    else this.#unit(statement, { kind: 'before', node: statement })
  }

  /** Adds a unit and the units nested in it. */
  #unit(node: TS.Node, place: CoveragePlace, prefix = ''): void {
    const { shape, inside } = shapeOf(node)
    const unit = this.#add({ key: prefix + shape, node, place })
    this.#inside(inside, unit)
  }

  #inside(inside: readonly TS.Node[], unit: Unit): void {
    this.#depth++
    for (const node of inside) {
      if (ts.isBlock(node) || ts.isCaseOrDefaultClause(node) || ts.isModuleBlock(node)) this.list(node, unit)
      else if (ts.isStatement(node)) {
        this.#statement(node)
        this.#add({ key: `end of ${unit.key}`, node, place: { kind: 'before', node }, ends: unit })
      } else this.#unit(node, { kind: 'value', node: node as TS.Expression }, '=> ')
    }
    this.#depth--
  }

  #function(node: TS.FunctionLikeDeclaration, name: string): void {
    const { body } = node
    if (body === undefined || !ts.isBlock(body)) return
    this.#within(name, () => {
      const { shape, inside } = shapeOf(node)
      const header = this.#add({ key: shape, node, place: { kind: 'start', node: body }, header: true })
      this.#inside(
        inside.filter((one) => one !== body),
        header,
      )
      this.list(body, null)
    })
  }

  #class(node: TS.ClassDeclaration): void {
    const heritage = node.heritageClauses?.filter(({ token }) => token === ts.SyntaxKind.ExtendsKeyword) ?? []
    const key = [node.name?.text ?? '', ...heritage.map((one) => shapeOf(one).shape)].join(' ')
    const place: CoveragePlace = { kind: 'before', node }
    this.#add({ key: `class ${key}`, node, place })
    this.#within(node.name?.text ?? 'default', () => {
      for (const member of node.members) this.#member(member, place)
    })
  }

  #member(member: TS.ClassElement, ofClass: CoveragePlace): void {
    if (isType(member)) return
    if (ts.isClassStaticBlockDeclaration(member)) this.list(member.body, null)
    else if (ts.isPropertyDeclaration(member)) {
      const { initializer } = member
      const place: CoveragePlace =
        initializer === undefined || takesName(initializer) ? ofClass : { kind: 'value', node: initializer }
      this.#unit(member, place)
    } else if (ts.isFunctionLike(member) && 'body' in member) {
      const kind = ts.isGetAccessor(member) ? 'get ' : ts.isSetAccessor(member) ? 'set ' : ''
      this.#function(member, kind + nameOf(member))
    }
  }
}

function nameOf(member: TS.ClassElement): string {
  return ts.isConstructorDeclaration(member) ? 'constructor' : (member.name?.getText() ?? '')
}

/** Splits a file into units. */
export function unitsOf(file: TS.SourceFile): Units {
  const collector = new Collector()
  collector.list(file, null)
  return collector.units
}
