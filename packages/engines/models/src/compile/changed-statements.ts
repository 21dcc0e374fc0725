// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff'
import type { ChangedStatement } from '@pfo-workbench/run'
import type TS from 'typescript'
import { lineOf, parseSource } from './parse.ts'
import { changedBindings } from './bindings.ts'
import { ts } from './typescript.ts'
import { unitsOf, type Place, type Unit } from './units.ts'

/** A changed statement, and where it is known to run. */
export interface PlacedStatement {
  readonly statement: ChangedStatement
  readonly place: Place
}

/** Statements added and removed in a function up to which the shortest edit is looked for: the time for it grows with their square. */
const mostEdits = 2_000

/** How much of a statement is shown. */
const mostText = 100

/** A statement on one line, without the statements inside it. */
function textOf(node: TS.Node): string {
  const file = node.getSourceFile()
  const start = node.getStart(file)
  const body = bodyOf(node)
  const end = body === undefined ? node.end : body.getStart(file)
  const text = file.text.slice(start, end).replace(/\s+/g, ' ').trim()
  return text.length > mostText ? `${text.slice(0, mostText - 1)}…` : text
}

/** Where a statement stops being what it says itself. */
function bodyOf(node: TS.Node): TS.Node | undefined {
  if (ts.isIfStatement(node)) return node.thenStatement
  if (ts.isIterationStatement(node, false) && !ts.isDoStatement(node)) return node.statement
  if (ts.isSwitchStatement(node)) return node.caseBlock
  if (ts.isFunctionLike(node) && 'body' in node) return node.body
  return ts.isClassDeclaration(node) ? node.members[0] : undefined
}

/** What was removed together, between what stayed, and what follows it. */
interface Gap {
  readonly removed: readonly Unit[]
  readonly next: Unit | undefined
}

/** The units of a function that are new or otherwise, and the gaps that others left. */
function compareUnits(before: readonly Unit[], after: readonly Unit[]): { changed: Set<Unit>; gaps: Gap[] } {
  const changed = new Set<Unit>()
  const gaps: Gap[] = []
  const parts = diffArrays(
    before.map(({ key }) => key),
    after.map(({ key }) => key),
    { maxEditLength: mostEdits },
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

/** Those that are not inside another of them. */
function outermost(units: readonly Unit[]): Unit[] {
  let depth = Infinity
  return units.filter((unit) => {
    if (unit.depth > depth) return false
    depth = unit.depth
    return true
  })
}

/**
 * What changed that runs between two texts of a file: statements that are new or otherwise, and statements that are gone. White
 * space, comments, types, and the order of functions are no changes.
 *
 * @param before - null for a new file
 * @param file - the file as it is now, parsed
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
    // Of a new function its statements are told; its parameters do nothing without them.
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

/** Where a statement at the end of a list can be put. */
export function endOf(list: TS.Node): number {
  return ts.isBlock(list) || ts.isModuleBlock(list) ? list.end - 1 : list.end
}
