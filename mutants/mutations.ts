// SPDX-License-Identifier: GPL-2.0-only
import ts from 'typescript'

/** Kinds of planted faults. */
export const mutationKinds = ['call taken out', 'condition negated', 'errno changed', 'put doubled'] as const

/** A small fault to plant in a source. */
export interface Mutation {
  readonly path: string
  readonly line: number
  readonly kind: (typeof mutationKinds)[number]
  /** Original code, on one line. */
  readonly before: string
  /** Replacement code, on one line. */
  readonly after: string
  /** Range in the source that `text` replaces. */
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Calls that record events or register an undo. Neither they nor their arguments are part of the kernel. */
const records: ReadonlySet<string> = new Set(['emitEvent', 'undoAfterTrial'])

/** Names of the file's functions that only record events. */
function recordersIn(file: ts.SourceFile): ReadonlySet<string> {
  const isRecord = (statement: ts.Statement): boolean =>
    ts.isExpressionStatement(statement) &&
    ts.isCallExpression(statement.expression) &&
    records.has(statement.expression.expression.getText(file))
  const names = file.statements.flatMap((one) => {
    if (!ts.isFunctionDeclaration(one) || one.name === undefined) return []
    const { statements = [] } = one.body ?? {}
    const doesNothingElse = statements.every((line) => ts.isVariableStatement(line) || isRecord(line))
    return doesNothingElse && statements.some(isRecord) ? [one.name.text] : []
  })
  return new Set([...records, ...names])
}

/** Matches names of functions that drop a reference. */
const dropsReference = /(^|_)put(_|$)/

const isErrno = (node: ts.Node): node is ts.PrefixUnaryExpression =>
  ts.isPrefixUnaryExpression(node) &&
  node.operator === ts.SyntaxKind.MinusToken &&
  ts.isIdentifier(node.operand) &&
  /^E[A-Z0-9]+$/.test(node.operand.text)

/** Matches the properties of a machine that are set only during inspections and trials. */
const inspection = /\b(?:inspecting|trial)\b/

/** True if a condition only asks whether the machine is inspected or tried out. The kernel has no such condition. */
function asksForInspection(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return asksForInspection(node.expression)
  if (
    ts.isBinaryExpression(node) &&
    [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken].includes(node.operatorToken.kind)
  )
    return asksForInspection(node.left) && asksForInspection(node.right)
  return inspection.test(node.getText())
}

/** True for a function that only inspects the kernel, as its TSDoc says. */
const isForInspection = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) &&
  ts.getJSDocCommentsAndTags(node).some((doc) => /\bFor inspection\b/.test(doc.getText()))

/** True if code runs in a function call, not when its file is loaded. */
const isInFunction = (node: ts.Node): boolean =>
  ts.findAncestor(node.parent, (one) => ts.isFunctionLike(one)) !== undefined

/** All faults that can be planted in a file, in source order. */
export function mutationsOf(path: string, source: string): Mutation[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2023, true)
  const recorders = recordersIn(file)
  const found: Mutation[] = []
  const plant = (kind: Mutation['kind'], node: ts.Node, text: string): void => {
    const start = node.getStart(file)
    const oneLine = (code: string): string => code.replace(/\s+/g, ' ').trim()
    found.push({
      path,
      line: file.getLineAndCharacterOfPosition(start).line + 1,
      kind,
      before: oneLine(node.getText(file)),
      after: oneLine(text),
      start,
      end: node.end,
      text,
    })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && recorders.has(node.expression.getText(file))) return
    if (isForInspection(node)) return
    if (isInFunction(node)) {
      if (
        ts.isExpressionStatement(node) &&
        ts.isCallExpression(node.expression) &&
        !recorders.has(node.expression.expression.getText(file))
      ) {
        const { expression } = node.expression
        const text = node.getText(file)
        if (expression.kind !== ts.SyntaxKind.SuperKeyword)
          plant(
            'call taken out',
            node,
            ts.isBlock(node.parent) || ts.isCaseOrDefaultClause(node.parent) ? '' : '{}',
          )
        const name = ts.isPropertyAccessExpression(expression)
          ? expression.name.text
          : expression.getText(file)
        if (dropsReference.test(name)) plant('put doubled', node, `{ ${text}; ${text} }`)
      } else if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) {
        const condition = ts.isIfStatement(node) ? node.expression : node.condition
        if (!asksForInspection(condition))
          plant('condition negated', condition, `!(${condition.getText(file)})`)
      } else if (isErrno(node)) {
        plant('errno changed', node, `-(${node.operand.getText(file)} + 1)`)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** Returns the source with a fault planted. All other lines keep their numbers. */
export function plant(source: string, { start, end, text }: Mutation): string {
  const lines = source.slice(start, end).split('\n').length - text.split('\n').length
  return source.slice(0, start) + text + '\n'.repeat(Math.max(0, lines)) + source.slice(end)
}

/** Pseudorandom numbers in [0, 1), reproducible by seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Chooses `count` items at random by seed. If there are fewer items, returns all of them, shuffled. */
export function choose<T>(list: readonly T[], count: number, seed: number): T[] {
  const random = randomOf(seed)
  const rest = [...list]
  const chosen: T[] = []
  while (chosen.length < count && rest.length > 0) {
    const [one] = rest.splice(Math.floor(random() * rest.length), 1)
    if (one !== undefined) chosen.push(one)
  }
  return chosen
}
