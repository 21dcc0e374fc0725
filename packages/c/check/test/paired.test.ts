// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseModule } from '@pfo-workbench/ir'
import { judgeChange, type Version } from '../src/index.ts'
import { irOfProgram, program, type Statement } from './programs.ts'
import { options } from './support.ts'

/** At most this many conditions, so that all their outcomes can be enumerated. */
const mostConditions = 6

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

/** Whether the function leaks if the conditions have these outcomes, by running its statements. */
function leaks(statements: readonly Statement[], outcomes: number): boolean {
  let owned = 1
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
        if (statement.kind === 'get') owned++
        if (statement.kind === 'put' && owned > 0) owned--
        if (statement.kind === 'exit') isDone = true
      }
    }
    return isDone && isTaken
  }
  if (!run(statements, true) && owned > 0) owned--
  return owned > 0
}

/** What happens to the leak for all outcomes of the conditions. */
function expected(before: readonly Statement[], after: readonly Statement[]): string[] {
  const all = Array.from({ length: 1 << conditionsOf(before) }, (_, outcomes) => ({
    before: leaks(before, outcomes),
    after: leaks(after, outcomes),
  }))
  const isIn = (version: 'before' | 'after'): boolean => all.some((one) => one[version])
  const isNew = all.some((one) => one.after && !one.before)
  const isGone = all.some((one) => one.before && !one.after)
  if (!isIn('before')) return isNew ? ['introduced'] : []
  if (!isIn('after')) return ['fixed']
  const told = [...(isNew ? ['introduced'] : []), ...(isGone ? ['partly-fixed'] : [])]
  return told.length === 0 ? ['kept'] : told
}

function told(before: readonly Statement[], after: readonly Statement[]): string[] {
  const version = (statements: readonly Statement[]): Version => ({
    module: parseModule(irOfProgram(statements)),
    readFile: () => null,
    changed: [{ first: 1, last: 1 }],
  })
  const { findings } = judgeChange('generated.c', version(before), version(after), options)
  return findings.filter(({ rule }) => rule === 'leak').map(({ status }) => status)
}

it('a leak is fixed, partly fixed, kept or introduced as the outcomes of all conditions say', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(
      program.filter((statements) => conditionsOf(statements) <= mostConditions),
      fc.infiniteStream(fc.constantFrom(0, 0, 1, 2)),
      (before, choices) => {
        const after = withOtherPuts(before, choices)
        const statuses = expected(before, after)
        for (const status of statuses) seen.add(status)
        expect(told(before, after)).toEqual(statuses)
      },
    ),
    { numRuns: 250 },
  )
  expect([...seen].sort()).toEqual(['fixed', 'introduced', 'kept', 'partly-fixed'])
})
