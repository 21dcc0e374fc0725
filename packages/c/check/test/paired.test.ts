// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseModule } from '@pfo-workbench/ir'
import { judgeChange, type FileVersion } from '../src/index.ts'
import { irOfProgram, program, type Statement } from './programs.ts'
import { options } from './support.ts'

/** At most this many conditions, so that all their outcomes can be enumerated. */
const maxConditions = 6

function conditionsOf(statements: readonly Statement[]): number {
  return statements.reduce(
    (sum, statement) =>
      statement.kind === 'if'
        ? sum + 1 + conditionsOf(statement.then) + conditionsOf(statement.otherwise)
        : sum,
    0,
  )
}

/** Removes some puts and adds others. The conditions stay. */
function withOtherPuts(statements: readonly Statement[], choices: Iterator<number>): Statement[] {
  return statements.flatMap((statement): Statement[] => {
    const choice = Number(choices.next().value ?? 0)
    if (statement.kind === 'if') {
      const then = withOtherPuts(statement.then, choices)
      return [{ kind: 'if', then, otherwise: withOtherPuts(statement.otherwise, choices) }]
    }
    if (statement.kind === 'put' && choice === 1) return []
    return choice === 2 ? [{ kind: 'put' }, statement] : [statement]
  })
}

/** The functions that take references. */
const takers = ['of_find_node_by_path', 'of_node_get'] as const
type Taker = (typeof takers)[number]

/**
 * Runs the statements with these outcomes of the conditions. Returns the functions whose references leak. A put ends
 * the newest reference.
 */
function leaks(statements: readonly Statement[], outcomes: number): ReadonlySet<Taker> {
  const owners: Taker[] = ['of_find_node_by_path']
  let asked = 0
  /** Returns true if the function has returned. */
  const run = (list: readonly Statement[], isTaken: boolean): boolean => {
    let isDone = !isTaken
    for (const statement of list) {
      if (statement.kind === 'if') {
        const isTrue = ((outcomes >> asked++) & 1) === 1
        const endsThere = run(statement.then, !isDone && isTrue)
        const endsElse = run(statement.otherwise, !isDone && !isTrue)
        if (!isDone && (isTrue ? endsThere : endsElse)) isDone = true
      } else if (!isDone) {
        if (statement.kind === 'get') owners.push('of_node_get')
        if (statement.kind === 'put') owners.pop()
        if (statement.kind === 'exit') isDone = true
      }
    }
    return isDone && isTaken
  }
  if (!run(statements, true)) owners.pop()
  return new Set(owners)
}

/** The fate of each leak, computed over all outcomes of the conditions. */
function expected(before: readonly Statement[], after: readonly Statement[]): string[] {
  const all = Array.from({ length: 1 << conditionsOf(before) }, (_, outcomes) => ({
    before: leaks(before, outcomes),
    after: leaks(after, outcomes),
  }))
  return takers
    .flatMap((taker) => {
      const isNew = all.some((one) => one.after.has(taker) && !one.before.has(taker))
      const isGone = all.some((one) => one.before.has(taker) && !one.after.has(taker))
      if (!all.some((one) => one.before.has(taker))) return isNew ? [`introduced ${taker}`] : []
      if (!all.some((one) => one.after.has(taker))) return [`fixed ${taker}`]
      const told = [...(isNew ? [`introduced ${taker}`] : []), ...(isGone ? [`partly-fixed ${taker}`] : [])]
      return told.length === 0 ? [`kept ${taker}`] : told
    })
    .sort()
}

function told(before: readonly Statement[], after: readonly Statement[]): string[] {
  const version = (statements: readonly Statement[]): FileVersion => ({
    module: parseModule(irOfProgram(statements)),
    readFile: () => null,
    changed: [{ first: 1, last: 1 }],
  })
  const { findings } = judgeChange('generated.c', version(before), version(after), options)
  return findings
    .filter(({ rule }) => rule === 'leak')
    .map(({ status, origin }) => `${status} ${origin.from}`)
    .sort()
}

it('a leak is fixed, partly fixed, kept or introduced as the outcomes of all conditions say', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(
      program.filter((statements) => conditionsOf(statements) <= maxConditions),
      fc.infiniteStream(fc.constantFrom(0, 0, 1, 2)),
      (before, choices) => {
        const after = withOtherPuts(before, choices)
        const statuses = expected(before, after)
        for (const status of statuses) seen.add(status.split(' ')[0] ?? '')
        expect(told(before, after)).toEqual(statuses)
      },
    ),
    { numRuns: 250 },
  )
  expect([...seen].sort()).toEqual(['fixed', 'introduced', 'kept', 'partly-fixed'])
})
