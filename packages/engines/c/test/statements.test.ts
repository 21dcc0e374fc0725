// SPDX-License-Identifier: GPL-2.0-only
import type { CoveragePoint } from '@pfo-workbench/image'
import { parseModule } from '@pfo-workbench/ir'
import { translate } from '@pfo-workbench/object'
import { describe, expect, it } from 'vitest'
import { branchesOf, takenBranches, withMarkers } from '../src/exercise/conditionals.ts'
import { variableAt } from '../src/exercise/macros.ts'
import { statementCoverageOf, type StatementCoverage } from '../src/exercise/statements.ts'

const file = 'drivers/of/thing.c'
const text = `int thing(int a)
{
	if (a)
		first();
	second();
#ifdef CONFIG_NEVER
	third();
#endif
	return 0;
}
`

const block = (lines: readonly number[], name = 'thing'): CoveragePoint => ({ function: name, file, lines })
const all = [block([3]), block([4]), block([5, 9])]
const empty = translate(parseModule(''), { file, module: null })

interface Given {
  readonly blocks?: readonly CoveragePoint[]
  readonly linked?: readonly CoveragePoint[]
  readonly why?: string | null
  readonly source?: string
  /** Branches that the preprocessor takes; null if the file was not preprocessed. */
  readonly taken?: readonly number[] | null
  /** The C file that was preprocessed. */
  readonly includer?: string
}

function exercise(
  line: number,
  added: number,
  { blocks = all, linked = blocks, why = null, source = text, taken = [], includer = file }: Given = {},
): StatementCoverage {
  return statementCoverageOf({
    edits: [{ path: file, edits: [{ line, added, gone: [] }] }],
    changed: new Map([[file, source]]),
    objects: [{ ...empty, coveragePoints: blocks }],
    coveragePoints: linked,
    texts: new Map([[file, source]]),
    hasVariable: (_file, name) => name === 'thing_ops',
    preprocessed: new Map(taken === null ? [] : [[file, { file: includer, taken: new Set(taken) }]]),
    whyNot: () => why,
  })
}

describe('executable code that patches changed', () => {
  it('is one statement per basic block with changed lines, at the first of them', () => {
    expect(exercise(3, 3)).toEqual({
      statements: [
        { file, line: 3, statement: 'if (a)' },
        { file, line: 4, statement: 'first();' },
        { file, line: 5, statement: 'second();' },
      ],
      ofCoveragePoint: [[0], [1], [2]],
      always: [],
    })
  })

  it('excludes declarations', () => {
    const source = '#ifdef CONFIG_IS_ON\nextern int f(void);\nint g(int a);\n#endif\n'
    expect(exercise(2, 2, { source, blocks: [], taken: [1] }).statements).toEqual([])
    expect(exercise(2, 2, { source, blocks: [], taken: [] }).statements).toEqual([
      { file, line: 3, statement: 'int g(int a);', never: 'compiled out: #ifdef CONFIG_IS_ON (line 1)' },
    ])
  })

  it('names the outermost of the conditions that compile a line out', () => {
    const source = '#ifdef A\n#ifdef B\nint f(void);\n#endif\nint g(void);\n#endif\n'
    const reasonOf = (taken: number[], includer = file): unknown =>
      exercise(3, 1, { source, blocks: [], taken, includer }).statements.map(({ never }) => never)
    expect(reasonOf([])).toEqual(['compiled out: #ifdef A (line 1)'])
    expect(reasonOf([1])).toEqual(['compiled out: #ifdef B (line 2)'])
    expect(reasonOf([1, 2])).toEqual([])
    expect(reasonOf([1], 'drivers/user.c')).toEqual(['compiled out in drivers/user.c: #ifdef B (line 2)'])
  })

  it('is not said to be compiled out if the file was not preprocessed', () => {
    expect(exercise(7, 1, { taken: null }).statements).toMatchObject([{ line: 7 }])
    expect(exercise(7, 1, { taken: null }).statements[0]).not.toHaveProperty('never')
  })

  it('notes that nothing calls a function without code, such as an inline function of a header', () => {
    const source =
      '#ifndef H\nstatic inline int unused(int a)\n{\n\treturn a;\n}\nstruct s {\n\tint a;\n};\n#endif\n'
    const given = { source, blocks: [], taken: [1] }
    expect(exercise(4, 1, given).statements).toEqual([
      { file, line: 4, statement: 'return a;', never: 'nothing that runs here calls unused()' },
    ])
    expect(exercise(7, 1, given).statements).toEqual([])
  })

  it('is the adjacent block for removed lines', () => {
    expect(exercise(5, 0).statements).toEqual([{ file, line: 5, statement: 'second();', removed: true }])
  })

  it('is one statement for the blocks of one line, such as those of a && b', () => {
    const blocks = [block([3]), block([3, 3])]
    expect(exercise(3, 1, { blocks })).toMatchObject({
      statements: [{ line: 3 }],
      ofCoveragePoint: [[0], [0]],
    })
  })

  it('includes the condition that compiles a line out', () => {
    expect(exercise(7, 1).statements).toEqual([
      { file, line: 7, statement: 'third();', never: 'compiled out: #ifdef CONFIG_NEVER (line 6)' },
    ])
  })

  it('notes that nothing calls a function that is not in the kernel', () => {
    expect(exercise(4, 1, { linked: [] })).toEqual({
      statements: [{ file, line: 4, statement: 'first();', never: 'nothing that runs here calls thing()' }],
      ofCoveragePoint: [],
      always: [],
    })
  })

  it('notes why a file is not built, once for consecutive lines', () => {
    const { statements } = exercise(3, 3, { blocks: [], why: 'not built: CONFIG_THING is not set' })
    expect(statements).toEqual([
      { file, line: 3, statement: 'if (a)', never: 'not built: CONFIG_THING is not set' },
    ])
  })

  it('is the preceding block for a line without compiled code', () => {
    const blocks = [block([1]), block([5, 9])]
    expect(exercise(3, 1, { blocks })).toEqual({
      statements: [{ file, line: 3, statement: 'if (a)' }],
      ofCoveragePoint: [[0], []],
      always: [],
    })
  })

  it('includes the users of a macro, and of macros that use it', () => {
    const source = `#define ONE 1\n#define TWO (ONE + 1)\nint thing(void)\n{\n\treturn TWO;\n}\nint other(void)\n{\n\treturn 0;\n}\n`
    const blocks = [block([5]), block([9], 'other')]
    expect(exercise(1, 1, { source, blocks })).toEqual({
      statements: [{ file, line: 1, statement: '#define ONE 1' }],
      ofCoveragePoint: [[0], []],
      always: [],
    })
  })

  it('includes a macro in a branch that is compiled out once, with the condition', () => {
    const source = '#ifdef A\n#define ONE \\\n\t1\n#endif\nint thing(void)\n{\n\treturn ONE;\n}\n'
    expect(exercise(2, 2, { source, blocks: [block([7])] })).toEqual({
      statements: [{ file, line: 2, statement: '#define ONE \\', never: 'compiled out: #ifdef A (line 1)' }],
      ofCoveragePoint: [[]],
      always: [],
    })
  })

  it('counts the initial value of a variable in the kernel as run', () => {
    const source = (name: string): string => `static const struct ops ${name} = {\n\t.show = thing,\n};\n`
    expect(exercise(2, 1, { source: source('thing_ops'), blocks: [] })).toMatchObject({
      statements: [{ line: 2, statement: '.show = thing,' }],
      always: [0],
    })
    expect(exercise(3, 0, { source: source('thing_ops'), blocks: [] })).toMatchObject({
      statements: [{ line: 3, removed: true }],
      always: [0],
    })
    expect(exercise(2, 1, { source: source('other_ops'), blocks: [] })).toMatchObject({
      statements: [{ never: 'nothing that runs here uses other_ops' }],
      always: [],
    })
  })

  it('excludes comments, blank lines and braces', () => {
    expect(exercise(10, 1).statements).toEqual([])
  })
})

describe('the variable of a line', () => {
  const source =
    'static int a[] __init = {\n\t1,\n};\n\nint f(void)\n{\n\tint b = 1;\n}\nstruct s {\n\tint c;\n};\nint d = 4;\n'
  it('is the one whose initial value contains the line', () => {
    const names = [1, 2, 7, 10, 12].map((line) => variableAt(source, line))
    expect(names).toEqual(['a', 'a', null, null, 'd'])
  })
})

describe('branches of conditionals', () => {
  it('are listed from the inside out, each with its directive and its lines', () => {
    const nested = '#if A\none\n#ifdef B\ntwo\n#else\nthree\n#endif\nfour\n#endif\nfive\n'
    expect(branchesOf(nested)).toEqual([
      { directive: 3, text: '#ifdef B', first: 4, last: 4 },
      { directive: 5, text: '#else', first: 6, last: 6 },
      { directive: 1, text: '#if A', first: 2, last: 8 },
    ])
  })

  it('exclude an unterminated one', () => {
    expect(branchesOf('#if A\none\n')).toEqual([])
  })

  it('begin after all lines of the directive', () => {
    expect(branchesOf('#if A && \\\n    B\none\n#endif\n')).toEqual([
      { directive: 1, text: '#if A && B', first: 3, last: 3 },
    ])
  })

  it('have markers that show which of them are taken', () => {
    const marked = withMarkers('#if A && \\\n    B\none\n#else\n#ifdef C\n#endif\n#endif\n')
    expect(marked).toBe(
      '#if A && \\\n    B\n#define __pfo_branch_1\none\n#else\n#define __pfo_branch_4\n#ifdef C\n#define __pfo_branch_5\n#endif\n#endif\n',
    )
    expect(takenBranches('# 4 "x.c"\n#define __pfo_branch_4 \n\n')).toEqual(new Set([4]))
  })
})
