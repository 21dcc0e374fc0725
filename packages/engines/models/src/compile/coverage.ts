// SPDX-License-Identifier: GPL-2.0-only
import type { ChangedStatement } from '@pfo-workbench/run'
import type TS from 'typescript'
import { changedStatements, endOf } from './changed-statements.ts'
import { parseSource } from './parse.ts'
import { ts } from './typescript.ts'
import type { CoveragePlace, StatementList } from './units.ts'

/** A changed file with coverage points. */
export interface InstrumentedFile {
  readonly text: string
  /** Statements that the coverage points stand for, in order of their numbers. */
  readonly statements: readonly ChangedStatement[]
}

/** Text to insert at a position. */
interface Insertion {
  readonly at: number
  readonly text: string
  /** Set for closing text. The text that was opened last is closed first. */
  readonly ends?: true
}

/** True if a statement is the body of another statement and has no braces: `if (x) return`. */
const standsAlone = (node: TS.Statement): boolean =>
  !ts.isBlock(node) &&
  ts.isStatement(node.parent) &&
  !ts.isBlock(node.parent) &&
  !ts.isModuleBlock(node.parent)

/**
 * Position of a coverage point at the end of a list. If the list ends with a jump, the point goes before the jump,
 * because code after the jump never runs.
 */
function placeAtEnd(list: StatementList): number {
  const last = list.statements.at(-1)
  const leaves =
    last !== undefined &&
    (ts.isReturnStatement(last) || ts.isThrowStatement(last) || ts.isBreakOrContinueStatement(last))
  return leaves ? last.getStart() : endOf(list)
}

/** A coverage point is an assignment, not a call: call chains are evidence and must not show the instrumentation. */
function insertionsOf(place: CoveragePlace, number: number): Insertion[] {
  const hit = `__pfoHits[${String(number)}]=1`
  switch (place.kind) {
    case 'start':
      return [{ at: place.node.getStart() + 1, text: `;${hit};` }]
    case 'end':
      return [{ at: placeAtEnd(place.node), text: `;${hit};` }]
    case 'value':
      return [
        { at: place.node.getStart(), text: `(${hit},` },
        { at: place.node.end, text: ')', ends: true },
      ]
    case 'before': {
      const at = place.node.getStart()
      if (!standsAlone(place.node)) return [{ at, text: `;${hit};` }]
      return [
        { at, text: `{;${hit};` },
        { at: place.node.end, text: '}', ends: true },
      ]
    }
  }
}

function insert(text: string, insertions: readonly Insertion[]): string {
  const ordered = insertions.map((insertion, index) => ({ ...insertion, index }))
  // At the same position, closing text goes before opening text.
  ordered.sort(
    (a, b) =>
      a.at - b.at ||
      Number(b.ends ?? false) - Number(a.ends ?? false) ||
      (a.ends === true ? b.index - a.index : a.index - b.index),
  )
  let result = ''
  let end = 0
  for (const { at, text: inserted } of ordered) {
    result += text.slice(end, at) + inserted
    end = at
  }
  return result + text.slice(end)
}

/**
 * Inserts coverage points so that a run can tell which changed statements ran: `__pfoHits[n] = 1` before each of them.
 * The point of a removed statement goes before the statement that followed it. Code outside functions runs when its
 * file is loaded.
 *
 * @param before - the file without the patches; null for a new one
 * @param firstPoint - number of the first coverage point
 * @returns the instrumented text, with unchanged line numbers
 */
export function instrument(
  path: string,
  before: string | null,
  text: string,
  firstPoint: number,
): InstrumentedFile {
  const placed = changedStatements(before, parseSource(path, text))
  return {
    text: insert(
      text,
      placed.flatMap(({ place }, index) => insertionsOf(place, firstPoint + index)),
    ),
    statements: placed.map(({ statement }) => statement),
  }
}
