// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff'
import type { ChangedStatement } from '@pfo-workbench/run'
import type TS from 'typescript'
import { lineOf, parseSource } from './parse.ts'
import { changedBindings } from './bindings.ts'
import { ts } from './typescript.ts'
import { unitsOf, type CoveragePlace, type Unit } from './units.ts'

/** A changed statement and the place of its coverage point. */
export interface PlacedStatement {
  readonly statement: ChangedStatement
  readonly place: CoveragePlace
}

/**
 * Maximum number of added and removed statements per function for which the shortest edit is computed. The time grows
 * quadratically with this number. With more, the whole function counts as changed.
 */
const maxEdits = 2_000

/** Maximum length of the shown text of a statement. */
const maxTextLength = 100

/** Text of a statement on one line, without nested statements. */
function textOf(node: TS.Node): string {
  const file = node.getSourceFile()
  const start = node.getStart(file)
  const body = bodyOf(node)
  const end = body === undefined ? node.end : body.getStart(file)
  const text = file.text.slice(start, end).replace(/\s+/g, ' ').trim()
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength - 1)}…` : text
}

/** First nested part of a statement; the statement's own text ends before it. */
function bodyOf(node: TS.Node): TS.Node | undefined {
  if (ts.isIfStatement(node)) return node.thenStatement
  if (ts.isIterationStatement(node, false) && !ts.isDoStatement(node)) return node.statement
  if (ts.isSwitchStatement(node)) return node.caseBlock
  if (ts.isFunctionLike(node) && 'body' in node) return node.body
  return ts.isClassDeclaration(node) ? node.members[0] : undefined
}

/** Units that were removed together, and the unit that follows them. */
interface Gap {
  readonly removed: readonly Unit[]
  readonly next: Unit | undefined
}

/** Compares the units of a function. Returns the added or changed units, and the gaps that removed units left. */
function compareUnits(before: readonly Unit[], after: readonly Unit[]): { changed: Set<Unit>; gaps: Gap[] } {
  const changed = new Set<Unit>()
  const gaps: Gap[] = []
  const parts = diffArrays(
    before.map(({ key }) => key),
    after.map(({ key }) => key),
    { maxEditLength: maxEdits },
  ) ?? [
    { removed: true, added: false, value: before },
    { removed: false, added: true, value: after },
  ]
  let [old, now] = [0, 0]
  for (const [index, { added, removed, value }] of parts.entries()) {
    if (added) {
      for (const unit of after.slice(now, now + value.length)) {
        const owner = unit.ends === undefined ? unit : unit.ends
        if (owner !== null) changed.add(owner)
      }
    } else if (removed) {
      const gone = before.slice(old, old + value.length).filter(({ ends }) => ends === undefined)
      const replaced = [parts[index - 1], parts[index + 1]].some((part) => part?.added === true)
      if (gone.length > 0 && !replaced) gaps.push({ removed: gone, next: after[now] })
    }
    if (!added) old += value.length
    if (!removed) now += value.length
  }
  return { changed, gaps }
}

/** Units that are not nested in another of the given units. */
function outermost(units: readonly Unit[]): Unit[] {
  let depth = Infinity
  return units.filter((unit) => {
    if (unit.depth > depth) return false
    depth = unit.depth
    return true
  })
}

/**
 * Finds executable changes between two versions of a file: added, changed and removed statements. White space,
 * comments, types and the order of functions do not count as changes.
 *
 * @param before - text of the old version; null for a new file
 * @param file - the new version, parsed
 */
export function changedStatements(before: string | null, file: TS.SourceFile): PlacedStatement[] {
  const path = file.fileName
  const old = parseSource(path, before ?? '')
  const [oldUnits, units] = [unitsOf(old), unitsOf(file)]
  const found: PlacedStatement[] = changedBindings(old, file).map(({ text, at }) => ({
    statement: { file: path, line: lineOf(file, at), statement: text },
    place: { kind: 'end', node: file },
  }))
  for (const [container, own] of units) {
    const known = oldUnits.get(container)
    const { changed, gaps } = compareUnits(known ?? [], own)
    // A new function is reported by its statements. Its parameters are reported only if it has no statements.
    const isBare = own.every(({ header, ends }) => header === true || ends !== undefined)
    for (const unit of own) {
      if (!changed.has(unit) || (unit.header === true && known === undefined && !isBare)) continue
      const line = lineOf(file, unit.node.getStart(file))
      found.push({ statement: { file: path, line, statement: textOf(unit.node) }, place: unit.place })
    }
    for (const { removed, next } of gaps) {
      if (next === undefined) continue
      const { place } = next
      const at = place.kind === 'end' ? endOf(place.node) : next.node.getStart(file)
      for (const unit of outermost(removed)) {
        const statement = { file: path, line: lineOf(file, at), statement: textOf(unit.node) }
        found.push({ statement: { ...statement, removed: true }, place })
      }
    }
  }
  return found
}

/** Position at the end of a list where a statement can be inserted. */
export function endOf(list: TS.Node): number {
  return ts.isBlock(list) || ts.isModuleBlock(list) ? list.end - 1 : list.end
}
