// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import type { LineEdit } from '@pfo-workbench/variant'
import { ts } from './typescript.ts'
import { Effects } from './effect.ts'
import { lineOf, parseSource } from './parse.ts'

/** A place in changed code that tells whether it ran. */
export interface Probe {
  readonly path: string
  /** The line of the patched file that ran when the probe was hit. */
  readonly line: number
}

/** A changed file with probes in it. */
export interface ProbedFile {
  readonly text: string
  readonly probes: readonly Probe[]
  /** Whether lines changed that run when the file is loaded or an object is made, where no probe can stand. */
  readonly loads: boolean
}

/** A list of statements in which one can be inserted. */
type StatementList = TS.Block | TS.CaseOrDefaultClause

const isStatementList = (node: TS.Node): node is StatementList =>
  ts.isBlock(node) || ts.isCaseOrDefaultClause(node)

const isModuleLevel = (node: TS.Node): boolean => ts.isSourceFile(node) || ts.isModuleBlock(node)

/** Tokens that do nothing themselves: a line that holds no other does not run. */
const idle: ReadonlySet<TS.SyntaxKind> = new Set([
  ts.SyntaxKind.OpenBraceToken,
  ts.SyntaxKind.CloseBraceToken,
  ts.SyntaxKind.OpenParenToken,
  ts.SyntaxKind.CloseParenToken,
  ts.SyntaxKind.CloseBracketToken,
  ts.SyntaxKind.SemicolonToken,
  ts.SyntaxKind.CommaToken,
  ts.SyntaxKind.ElseKeyword,
  ts.SyntaxKind.TryKeyword,
  ts.SyntaxKind.FinallyKeyword,
  ts.SyntaxKind.DefaultKeyword,
  ts.SyntaxKind.DoKeyword,
  ts.SyntaxKind.EndOfFileToken,
])

const isDeclaration = (node: TS.Node): boolean =>
  ts.isFunctionDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node)

/** Whether a node holds a value that is computed without a statement: a field's, a parameter's default. */
const hasInitializer = (node: TS.Node): boolean =>
  (ts.isPropertyDeclaration(node) || ts.isParameter(node)) && node.initializer !== undefined

/** `if (x) return`: a statement in the place of a block. What a label names has to stay with its label. */
const standsAlone = (node: TS.Statement): boolean =>
  !ts.isBlock(node) &&
  ts.isStatement(node.parent) &&
  !ts.isBlock(node.parent) &&
  !ts.isLabeledStatement(node.parent)

/** Puts probes at the changed lines of one file. */
class Instrumenter {
  readonly #file: TS.SourceFile
  readonly #first: number
  /** Text to insert, by position. */
  readonly #insertions: { at: number; text: string }[] = []
  readonly probes: Probe[] = []
  loads = false

  constructor(path: string, text: string, firstProbe: number) {
    this.#file = parseSource(path, text)
    this.#first = firstProbe
  }

  /**
   * What runs when the code at a token does: a statement, or `load` for code outside any statement that can be probed
   * (a module-level value, a field), or null for what does not run, such as types.
   */
  #owner(token: TS.Node): TS.Statement | 'load' | null {
    let computed = false
    for (let node = token; !ts.isSourceFile(node); node = node.parent) {
      if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return null
      if (isDeclaration(node)) return computed ? 'load' : null
      const { parent } = node
      if (ts.isStatement(node) && (isStatementList(parent) || standsAlone(node))) return node
      computed ||= hasInitializer(node) || isModuleLevel(parent)
    }
    return computed ? 'load' : null
  }

  /**
   * Puts a probe at every statement that runs when one of these lines does.
   *
   * @returns whether any of the lines holds code that runs
   */
  probeLines(first: number, count: number): boolean {
    const owners = new Map<TS.Statement | 'load', number>()
    const visit = (node: TS.Node): void => {
      if (lineOf(this.#file, node.end) < first || lineOf(this.#file, node.pos) >= first + count) return
      const children = node.getChildren(this.#file)
      if (children.length > 0) {
        for (const child of children) if (!ts.isJSDoc(child)) visit(child)
        return
      }
      const line = lineOf(this.#file, node.getStart(this.#file))
      if (line < first || line >= first + count || idle.has(node.kind)) return
      const owner = this.#owner(node)
      if (owner !== null && !owners.has(owner)) owners.set(owner, line)
    }
    visit(this.#file)
    for (const [owner, line] of owners) {
      if (owner === 'load') this.loads = true
      else this.#probeStatement(owner, line)
    }
    return owners.size > 0
  }

  /**
   * Puts a probe where lines were removed: before what follows them in the same block, else at its end.
   *
   * @returns false if they were in no block, so that no probe can stand for them
   */
  probeGap(line: number): boolean {
    const starts = this.#file.getLineStarts()
    const gap = starts[line - 1] ?? this.#file.end
    const list = this.#listAround(gap)
    if (list === null) return false
    const next = list.statements.find((statement) => statement.end > gap)
    const last = list.statements.at(-1)
    const jumps =
      last !== undefined &&
      (ts.isReturnStatement(last) || ts.isThrowStatement(last) || ts.isBreakOrContinueStatement(last))
    if (next !== undefined) this.#insertProbe(next.getStart(this.#file), line)
    else if (jumps) this.#insertProbe(last.getStart(this.#file), line)
    else this.#insertProbe(ts.isBlock(list) ? list.end - 1 : list.end, line)
    return true
  }

  /** The innermost list of statements around a position; null at module level and in classes outside their functions. */
  #listAround(position: number): StatementList | null {
    let found: StatementList | null = null
    const visit = (node: TS.Node): void => {
      if (node.getStart(this.#file) > position || node.end <= position) return
      if (isStatementList(node)) found = node
      else if (ts.isClassLike(node) || (ts.isFunctionLike(node) && !ts.isArrowFunction(node))) found = null
      ts.forEachChild(node, visit)
    }
    ts.forEachChild(this.#file, visit)
    return found
  }

  #probeStatement(statement: TS.Statement, line: number): void {
    const start = statement.getStart(this.#file)
    const alone = standsAlone(statement)
    this.#insertProbe(start, line, alone ? '{' : '')
    if (alone) this.#insertions.push({ at: statement.end, text: '}' })
  }

  /** An assignment, not a call: call chains are evidence and must not show the instrumentation. */
  #insertProbe(at: number, line: number, before = ''): void {
    const index = this.#first + this.probes.length
    this.#insertions.push({ at, text: `${before};__pfoHits[${String(index)}]=1;` })
    this.probes.push({ path: this.#file.fileName, line })
  }

  text(): string {
    let text = this.#file.text
    // A closing brace at a position belongs to what ends there, so it goes before a probe of what starts there.
    const order = this.#insertions.map((insertion, index) => ({ ...insertion, index }))
    order.sort((a, b) => b.at - a.at || rank(b.text) - rank(a.text) || b.index - a.index)
    for (const insertion of order)
      text = text.slice(0, insertion.at) + insertion.text + text.slice(insertion.at)
    return text
  }
}

const rank = (text: string): number => (text === '}' ? 0 : 1)

/**
 * Instruments a changed file so that a run can tell which changed lines ran: `__pfoHits[n] = 1` before the statements to
 * which they belong. Edits that change nothing that runs (types, signatures, comments) get no probe.
 *
 * @param edits - what changed, in lines of `text`
 * @param firstProbe - number of the first probe
 */
export async function instrument(
  path: string,
  text: string,
  edits: readonly LineEdit[],
  firstProbe: number,
): Promise<ProbedFile> {
  const instrumenter = new Instrumenter(path, text, firstProbe)
  const effects = await Effects.of(path, text, edits)
  for (const edit of edits) {
    if (!(await effects.changesProgram(edit))) continue
    const { line, added, gone } = edit
    const runs = added > 0 && instrumenter.probeLines(line, added)
    // Code that made way for a comment or an empty line is a removal.
    if (runs || gone.length === 0 || instrumenter.probeGap(line + added)) continue
    instrumenter.loads ||= await effects.changesLoading(edit)
  }
  return { text: instrumenter.text(), probes: instrumenter.probes, loads: instrumenter.loads }
}
