// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { ts } from './typescript.ts'

/** What a piece of source does, as a text that is the same for all spellings of it, and the pieces in it that run on their own. */
export interface Shape {
  readonly shape: string
  readonly inside: readonly TS.Node[]
}

/** What is only there for the type check, or to tell the parser something. */
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

/** What a node stands for that adds nothing to what is in it. */
function stripped(node: TS.Node): TS.Node {
  return ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeAssertionExpression(node)
    ? stripped(node.expression)
    : node
}

/** What tells nodes of a kind apart besides what is in them. */
function markOf(node: TS.Node): string {
  if (ts.isLiteralExpression(node) || ts.isTemplateMiddleOrTemplateTail(node) || ts.isTemplateHead(node))
    return JSON.stringify(node.text)
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return node.text
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node))
    return ts.tokenToString(node.operator) ?? ''
  if (ts.isVariableDeclarationList(node)) return String(node.flags & ts.NodeFlags.BlockScoped)
  return ''
}

/** Whether a node runs on its own: the body of a function, a statement in a statement. */
function runsAlone(node: TS.Node, root: TS.Node): boolean {
  if (node === root) return false
  if (ts.isArrowFunction(node.parent) && node.parent.body === node) return true
  return (
    ts.isBlock(node) ||
    ts.isCaseOrDefaultClause(node) ||
    ts.isModuleBlock(node) ||
    // What a label names stays with its label.
    (ts.isStatement(node) && ts.isStatement(node.parent) && !ts.isLabeledStatement(node.parent))
  )
}

/** The shape of a node, in which pieces that run on their own are only marked. */
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
