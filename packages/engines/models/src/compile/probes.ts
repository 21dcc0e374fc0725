// SPDX-License-Identifier: GPL-2.0-only
import type { ChangedStatement } from '@pfo-workbench/run'
import type TS from 'typescript'
import { changedStatements, endOf } from './changed-statements.ts'
import { parseSource } from './parse.ts'
import { ts } from './typescript.ts'
import type { Place, StatementList } from './units.ts'

/** A changed file with probes in it. */
export interface ProbedFile {
  readonly text: string
  /** What the probes stand for, in the order of their numbers. */
  readonly statements: readonly ChangedStatement[]
}

/** Text to be put at a position. */
interface Insertion {
  readonly at: number
  readonly text: string
  /** Whether it ends something: what began last ends first. */
  readonly ends?: true
}

/** `if (x) return`: a statement in the place of a block. */
const standsAlone = (node: TS.Statement): boolean =>
  !ts.isBlock(node) &&
  ts.isStatement(node.parent) &&
  !ts.isBlock(node.parent) &&
  !ts.isModuleBlock(node.parent)

/** Before what leaves a list of statements nothing of it can have been left out. */
function placeAtEnd(list: StatementList): number {
  const last = list.statements.at(-1)
  const leaves =
    last !== undefined &&
    (ts.isReturnStatement(last) || ts.isThrowStatement(last) || ts.isBreakOrContinueStatement(last))
  return leaves ? last.getStart() : endOf(list)
}

/** An assignment, not a call: call chains are evidence and must not show the instrumentation. */
function insertionsOf(place: Place, probe: number): Insertion[] {
  const hit = `__pfoHits[${String(probe)}]=1`
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
  // What ends at a position ends before something begins there.
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
 * Instruments a changed file so that a run can tell which changed statements ran: `__pfoHits[n] = 1` stands before each of
 * them, and where one was removed, before the statement beside the gap. Code outside functions runs when its file is loaded.
 *
 * @param before - the file without the patches; null for a new one
 * @param firstProbe - number of the first probe
 * @returns the text with the same lines
 */
export function instrument(
  path: string,
  before: string | null,
  text: string,
  firstProbe: number,
): ProbedFile {
  const placed = changedStatements(before, parseSource(path, text))
  return {
    text: insert(
      text,
      placed.flatMap(({ place }, index) => insertionsOf(place, firstProbe + index)),
    ),
    statements: placed.map(({ statement }) => statement),
  }
}
