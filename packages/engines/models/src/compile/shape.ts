// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { ts } from './typescript.ts'

/**
 * A normalized text of a piece of source, equal for all spellings of the same behavior, and the nested pieces that run
 * on their own.
 */
export interface Shape {
  readonly shape: string
  readonly inside: readonly TS.Node[]
}

/** True for nodes that affect only the type check or the parser. */
function isSilent(node: TS.Node): boolean {
  const { parent } = node
  if (ts.isTypeNode(node)) return !ts.isHeritageClause(parent)
  if (ts.isTypeParameterDeclaration(node)) return true
  if (silentWords.has(node.kind)) return true
  const declares = ts.isParameter(parent) || ts.isVariableDeclaration(parent) || ts.isClassElement(parent)
  return (
    declares && (node.kind === ts.SyntaxKind.QuestionToken || node.kind === ts.SyntaxKind.ExclamationToken)
  )
}

const silentWords: ReadonlySet<TS.SyntaxKind> = new Set([
  ts.SyntaxKind.ReadonlyKeyword,
  ts.SyntaxKind.PublicKeyword,
  ts.SyntaxKind.PrivateKeyword,
  ts.SyntaxKind.ProtectedKeyword,
  ts.SyntaxKind.OverrideKeyword,
  ts.SyntaxKind.AbstractKeyword,
  ts.SyntaxKind.ExportKeyword,
  ts.SyntaxKind.SemicolonToken,
])

/** Removes wrappers that do not change the value, such as parentheses and type assertions. */
function stripped(node: TS.Node): TS.Node {
  return ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeAssertionExpression(node)
    ? stripped(node.expression)
    : node
}

/** What distinguishes a node from nodes of the same kind with the same children: a name, a value or an operator. */
function markOf(node: TS.Node): string {
  if (ts.isLiteralExpression(node) || ts.isTemplateMiddleOrTemplateTail(node) || ts.isTemplateHead(node))
    return JSON.stringify(node.text)
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return node.text
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node))
    return ts.tokenToString(node.operator) ?? ''
  if (ts.isVariableDeclarationList(node)) return String(node.flags & ts.NodeFlags.BlockScoped)
  return ''
}

/** True if a node runs on its own: a function body, or a statement nested in a statement. */
function runsAlone(node: TS.Node, root: TS.Node): boolean {
  if (node === root) return false
  if (ts.isArrowFunction(node.parent) && node.parent.body === node) return true
  return (
    ts.isBlock(node) ||
    ts.isCaseOrDefaultClause(node) ||
    ts.isModuleBlock(node) ||
    // A labeled statement belongs to its label.
    (ts.isStatement(node) && ts.isStatement(node.parent) && !ts.isLabeledStatement(node.parent))
  )
}

/** Shape of a node. Nested pieces that run on their own are only marked in it. */
export function shapeOf(root: TS.Node): Shape {
  const inside: TS.Node[] = []
  const visit = (given: TS.Node): string => {
    if (isSilent(given)) return ''
    if (runsAlone(given, root)) {
      inside.push(given)
      const label = ts.isCaseClause(given) ? visit(given.expression) : ''
      return `{${label}}`
    }
    const node = stripped(given)
    const parts: string[] = []
    ts.forEachChild(node, (child) => {
      const part = visit(child)
      if (part !== '') parts.push(part)
    })
    return `(${[String(node.kind), markOf(node), ...parts].join(' ')})`
  }
  return { shape: visit(root), inside }
}
