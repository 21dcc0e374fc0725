// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge } from './support.ts'

/** A statement about one node. `if` calls an unknown function; `exit` returns. */
type Statement =
  | { readonly kind: 'get' | 'put' | 'use' | 'exit' }
  | { readonly kind: 'if'; readonly then: readonly Statement[]; readonly otherwise: readonly Statement[] }

const { program } = fc.letrec<{ statement: Statement; program: Statement[] }>((tie) => ({
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('get', 'put', 'use', 'exit' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('if' as const),
        then: tie('program'),
        otherwise: tie('program'),
      }),
    },
  ),
  program: fc.array(tie('statement'), { maxLength: 4 }),
}))

/** A function that finds a node, runs a program, and drops the node at its end. */
function irOfProgram(statements: readonly Statement[]): string {
  const lines: string[] = []
  let labels = 0
  const emit = (list: readonly Statement[]): void => {
    for (const statement of list) {
      switch (statement.kind) {
        case 'get':
          lines.push('  call ptr @of_node_get(ptr %np)')
          break
        case 'put':
          lines.push('  call void @of_node_put(ptr %np)')
          break
        case 'use':
          lines.push('  call i32 @setup(ptr %np)')
          break
        case 'exit':
          lines.push('  ret void', `unreached${++labels}:`)
          break
        case 'if': {
          const n = ++labels
          lines.push(`  %asked${n} = call i1 @ask()`, `  br i1 %asked${n}, label %then${n}, label %else${n}`)
          lines.push(`then${n}:`)
          emit(statement.then)
          lines.push(`  br label %end${n}`, `else${n}:`)
          emit(statement.otherwise)
          lines.push(`  br label %end${n}`, `end${n}:`)
        }
      }
    }
  }
  emit(statements)
  return `target datalayout = "e-m:e-i64:64-n32:64"
declare ptr @of_find_node_by_path(ptr)
declare ptr @of_node_get(ptr)
declare void @of_node_put(ptr)
declare i32 @setup(ptr)
declare i1 @ask()
define void @generated() !dbg !3 {
  %np = call ptr @of_find_node_by_path(ptr null)
  %there = icmp ne ptr %np, null
  br i1 %there, label %found, label %out
found:
${lines.join('\n')}
  call void @of_node_put(ptr %np)
  br label %out
out:
  ret void
}
!2 = !DIFile(filename: "generated.c", directory: ".")
!3 = distinct !DISubprogram(name: "generated", file: !2, line: 1)
`
}

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
