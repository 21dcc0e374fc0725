// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { ts } from './typescript.ts'
import { parseSource } from './parse.ts'

/**
 * Declares the variables of the shadow stack at the top of a program: the innermost call, the last error that left a
 * function, and the innermost call at that time. `kernel/src/machine/shadow-stack.ts` reads them.
 */
export const shadowStackVariables: string = 'let __pfoCall = null, __pfoFault, __pfoFaultCall = null;'

/** Selects the functions that are put on the shadow stack. */
export type IsCall = (name: string) => boolean

/**
 * Makes each kernel function of a file push itself on the shadow stack on entry and restore the stack on every exit.
 *
 * Constructors, accessors, generators and async functions are not on the stack. The kernel has none of them, and
 * generators and async functions resume later under another caller. A call in the default value of a parameter has the
 * function's caller as its caller.
 *
 * @returns the instrumented text, with unchanged line numbers
 */
export function putCalls(path: string, text: string, isCall: IsCall): string {
  const insertions: Insertion[] = []
  const visit = (node: TS.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && isPlain(node)) {
      const name = nameOf(node)
      if (name !== null && isCall(name)) insertions.push(...callOf(name, node.body, file))
    }
    ts.forEachChild(node, visit)
  }
  const file = parseSource(path, text)
  visit(file)
  return insert(text, insertions)
}

/** Text to insert at a position. */
interface Insertion {
  readonly at: number
  readonly text: string
  /** True for closing text. The text that was opened last is closed first. */
  readonly ends: boolean
}

const entry = (name: string): string =>
  `const __pfoUp=__pfoCall,__pfoOwn=__pfoCall={name:${JSON.stringify(name)},up:__pfoUp};try{`
const exit =
  '}catch(__pfoError){if(__pfoError!==__pfoFault){__pfoFault=__pfoError;__pfoFaultCall=__pfoOwn}throw __pfoError}finally{__pfoCall=__pfoUp}'

function callOf(name: string, body: TS.ConciseBody, file: TS.SourceFile): Insertion[] {
  const start = body.getStart(file)
  if (ts.isBlock(body))
    return [
      { at: start + 1, text: entry(name), ends: false },
      { at: body.end - 1, text: exit, ends: true },
    ]
  return [
    { at: start, text: `{${entry(name)}return(`, ends: false },
    { at: body.end, text: `)${exit}}`, ends: true },
  ]
}

function isPlain(node: TS.SignatureDeclaration): boolean {
  if (ts.isConstructorDeclaration(node) || ts.isAccessor(node)) return false
  if ('asteriskToken' in node && node.asteriskToken !== undefined) return false
  return !(
    ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)
  )
}

/** Name of a function, either its own or that of the variable or field that it initializes; null if it has none. */
function nameOf(node: TS.SignatureDeclaration): string | null {
  return node.name === undefined ? nameFromContext(node) : textOf(node.name)
}

function nameFromContext(node: TS.Node): string | null {
  const { parent } = node
  if (
    ts.isParenthesizedExpression(parent) ||
    ts.isAsExpression(parent) ||
    ts.isSatisfiesExpression(parent) ||
    ts.isNonNullExpression(parent) ||
    (ts.isConditionalExpression(parent) && parent.condition !== node)
  )
    return nameFromContext(parent)
  if (ts.isBinaryExpression(parent)) {
    const { left, operatorToken } = parent
    if (!assigns.has(operatorToken.kind)) return nameFromContext(parent)
    if (parent.right !== node) return null
    if (ts.isIdentifier(left)) return left.text
    return ts.isPropertyAccessExpression(left) ? textOf(left.name) : null
  }
  if (
    ts.isVariableDeclaration(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isBindingElement(parent) ||
    ts.isParameter(parent)
  )
    return parent.initializer === node ? textOf(parent.name) : null
  return null
}

const assigns: ReadonlySet<TS.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
])

function textOf(name: TS.PropertyName | TS.BindingName): string | null {
  if (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) return name.text
  if (ts.isComputedPropertyName(name) && ts.isStringLiteralLike(name.expression)) return name.expression.text
  return null
}

function insert(text: string, insertions: readonly Insertion[]): string {
  const ordered = insertions.map((insertion, index) => ({ ...insertion, index }))
  ordered.sort(
    (a, b) =>
      a.at - b.at ||
      // In an empty body, both texts are at the same position.
      Number(a.ends) - Number(b.ends) ||
      (a.ends ? b.index - a.index : a.index - b.index),
  )
  let result = ''
  let end = 0
  for (const insertion of ordered) {
    result += text.slice(end, insertion.at) + insertion.text
    end = insertion.at
  }
  return result + text.slice(end)
}
