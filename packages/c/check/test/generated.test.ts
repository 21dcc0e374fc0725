// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { irOfProgram, program, type Statement } from './programs.ts'
import { judge } from './support.ts'

/** The faults that can happen on some path, computed by running the statements themselves. */
function expected(statements: readonly Statement[]): string[] {
  const wrong = new Set<string>()
  interface State {
    readonly owned: number
    readonly told: boolean
  }
  const put = ({ owned, told }: State): State => {
    if (owned > 0) return { owned: owned - 1, told }
    wrong.add('double-put')
    return { owned, told }
  }
  const use = (state: State): State => {
    if (state.owned > 0 || state.told) return state
    wrong.add('use-after-put')
    return { ...state, told: true }
  }
  const run = (list: readonly Statement[], states: readonly State[]): readonly State[] =>
    list.reduce((before, statement) => {
      switch (statement.kind) {
        case 'get':
          return before.map((state) => {
            if (state.owned === 0) wrong.add('use-after-put')
            return { owned: state.owned + 1, told: false }
          })
        case 'put':
          return before.map(put)
        case 'use':
          return before.map(use)
        case 'exit':
          if (before.some(({ owned }) => owned > 0)) wrong.add('leak')
          return []
        case 'if':
          return [...run(statement.then, before), ...run(statement.otherwise, before)]
      }
    }, states)
  const last = run(statements, [{ owned: 1, told: false }]).map(put)
  if (last.some(({ owned }) => owned > 0)) wrong.add('leak')
  return [...wrong].sort()
}

function found(statements: readonly Statement[]): string[] {
  const { findings } = judge('generated.c', irOfProgram(statements))
  return [...new Set(findings.map(({ rule }) => rule))].sort()
}

const isBalanced = (statements: readonly Statement[]): boolean => expected(statements).length === 0

describe('generated functions', () => {
  it('get the same findings as running their statements', () => {
    fc.assert(
      fc.property(program, (statements) => {
        expect(found(statements)).toEqual(expected(statements))
      }),
      { numRuns: 300 },
    )
  })

  it('have no findings if balanced; one put less or more gives a finding', () => {
    const balanced = program.map((statements): Statement[] =>
      // Each get is followed by its put.
      statements.flatMap((statement) =>
        statement.kind === 'get' ? [statement, { kind: 'put' }] : statement.kind === 'use' ? [statement] : [],
      ),
    )
    fc.assert(
      fc.property(balanced, fc.nat(), (statements, at) => {
        expect(isBalanced(statements)).toBe(true)
        expect(found(statements)).toEqual([])
        const place = at % (statements.length + 1)
        const mutated: Statement[] = [
          ...statements.slice(0, place),
          { kind: 'put' },
          ...statements.slice(place),
        ]
        expect(found(mutated)).not.toEqual([])
        expect(found([...statements.slice(0, place), { kind: 'get' }, ...statements.slice(place)])).toEqual([
          'leak',
        ])
      }),
      { numRuns: 100 },
    )
  })
})
