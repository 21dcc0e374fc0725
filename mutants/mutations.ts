// SPDX-License-Identifier: GPL-2.0-only
import ts from 'typescript'

/** What kinds of faults are planted. */
export const mutationKinds = ['call taken out', 'condition negated', 'errno changed', 'put doubled'] as const

/** A small fault that can be planted in a source. */
export interface Mutation {
  readonly path: string
  readonly line: number
  readonly kind: (typeof mutationKinds)[number]
  /** What stands there, on one line. */
  readonly before: string
  /** What is put there, on one line. */
  readonly after: string
  /** Positions in the source, and the text that replaces what is between them. */
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Calls that record what happened, or say how to undo it, and are no part of the kernel, nor is what they are given. */
const records: ReadonlySet<string> = new Set(['emitEvent', 'undoAfterTrial'])

/** Functions that drop a reference. */
const dropsReference = /(^|_)put(_|$)/

const isErrno = (node: ts.Node): node is ts.PrefixUnaryExpression =>
  ts.isPrefixUnaryExpression(node) &&
  node.operator === ts.SyntaxKind.MinusToken &&
  ts.isIdentifier(node.operand) &&
  /^E[A-Z0-9]+$/.test(node.operand.text)

/** Whether code runs in a call of a function, not when its file is loaded. */
const isInFunction = (node: ts.Node): boolean =>
  ts.findAncestor(node.parent, (one) => ts.isFunctionLike(one)) !== undefined

/** All faults that can be planted in a file, in the order of their places. */
export function mutationsOf(path: string, source: string): Mutation[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2023, true)
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
    if (ts.isCallExpression(node) && records.has(node.expression.getText(file))) return
    if (isInFunction(node)) {
      if (
        ts.isExpressionStatement(node) &&
        ts.isCallExpression(node.expression) &&
        !records.has(node.expression.expression.getText(file))
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

/** The source with a fault planted; all lines stay where they are. */
export function plant(source: string, { start, end, text }: Mutation): string {
  const lines = source.slice(start, end).split('\n').length - text.split('\n').length
  return source.slice(0, start) + text + '\n'.repeat(Math.max(0, lines)) + source.slice(end)
}

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Some of a list, chosen by a seed; all of it in another order if there are not more. */
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
