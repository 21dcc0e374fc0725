// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { compileFunction } from 'node:vm'
import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { instrument } from '../src/compile/coverage.ts'

/**
 * Builds two versions of a source. Lines that end in `//+` are in the new one only; `//- code` lines are in the old one
 * only.
 */
function marked(source: string): { before: string; after: string } {
  const lines = source.replace(/^\n/, '').split('\n')
  const gone = /^\s*\/\/- ?/
  return {
    before: lines
      .filter((line) => !line.endsWith('//+'))
      .map((line) => line.replace(gone, ''))
      .join('\n'),
    after: lines
      .filter((line) => !gone.test(line))
      .map((line) => line.replace(/\s*\/\/\+$/, ''))
      .join('\n'),
  }
}

/** Changes as `line: statement`, with a minus before removed statements. */
function changes(source: string): string[] {
  const { before, after } = marked(source)
  return instrument('x.ts', before, after, 0).statements.map(
    ({ line, statement, removed }) => `${String(line)}: ${removed === true ? '-' : ''}${statement}`,
  )
}

type Exports = Record<string, (argument?: unknown) => unknown>

/** Loads an instrumented source. Returns which changed statements have run since it was loaded. */
function load(source: string): { exports: Exports; hit: () => string[] } {
  const { before, after } = marked(source)
  const { text, statements } = instrument('x.ts', before, after, 0)
  expect(text.split('\n').length).toBe(after.split('\n').length)
  const { code } = transformSync(text, { loader: 'ts', format: 'cjs' })
  const hits: number[] = []
  const module = { exports: {} as Exports }
  const run = compileFunction(code, ['__pfoHits', 'module']) as (hits: number[], module: object) => void
  run(hits, module)
  return {
    exports: module.exports,
    hit: () => {
      const ran = statements.filter((_one, index) => hits[index] === 1)
      hits.length = 0
      return ran.map(({ statement, removed }) => `${removed === true ? '-' : ''}${statement}`)
    },
  }
}

/** Changed statements that run in a call of `f`. */
function hitBy(source: string): (argument: unknown) => string[] {
  const { exports, hit } = load(source)
  hit()
  return (argument) => {
    exports['f']?.(argument)
    return hit()
  }
}

it('a coverage point is an assignment on the line of its statement', () => {
  const { before, after } = marked(`
function f() {
  one()
  two() //+
}`)
  expect(instrument('x.ts', before, after, 7)).toEqual({
    text: 'function f() {\n  one()\n  ;__pfoHits[7]=1;two()\n}',
    statements: [{ file: 'x.ts', line: 3, statement: 'two()' }],
  })
})

describe('a changed statement', () => {
  it('on the same line as its condition is separate from it; only the changed part is reported', () => {
    expect(
      changes(`
function f(x) {
  if (x) return -22 //+
}`),
    ).toEqual(['2: if (x)', '2: return -22'])
    const errno = hitBy(`
export function f(x) {
  //- if (x) return -22
  if (x) return -19 //+
  return 0
}`)
    expect([errno(0), errno(1)]).toEqual([[], ['return -19']])
    expect(
      changes(`
function f(x) {
  //- if (x) return -22
  if (!x) return -22 //+
}`),
    ).toEqual(['2: if (!x)'])
  })

  it('is reported without nested statements, and only if it differs itself', () => {
    expect(
      changes(`
function f(x) {
  if (x) { //+
    one()
    two(1)
    //- two(2)
    for (const y of x) { //+
      three(y) //+
    } //+
  } //+
}`),
    ).toEqual(['2: if (x)', '5: for (const y of x)', '6: three(y)'])
  })

  it('in a branch without braces is hit only if the branch runs', () => {
    const f = hitBy(`
export function f(x: number): string {
  if (x > 1)
    return 'many' //+
    //- return 'more'
  //- else if (x === 2)
  else if (x === 1) //+
    return 'one' //+
    //- return 'some'
  for (;;)
    return 'none' //+
    //- return 'nothing'
}`)
    expect(f(2)).toEqual(["return 'many'"])
    expect(f(1)).toEqual(['if (x === 1)', "return 'one'"])
    expect(f(0)).toEqual(['if (x === 1)', "return 'none'"])
  })

  it('is found in a method, a case, an arrow function, a try block and a labeled statement', () => {
    const f = hitBy(`
class thing {
  show(x: number): string {
    return String(x) //+
  }
}
const ops = { act: (x: number): string => {
  return 'act' + x //+
} }
const short = (x: number): string => 'short' + x //+
//- const short = (x: number): string => 'long' + x
export function f(x: number): string {
  switch (x) {
    case 1:
      return new thing().show(x) //+
    case 4:
      return short(x)
    default:
      outer: for (;;) {
        try {
          if (x === 2) break outer
          throw new Error() //+
        } catch {
          return ops.act(x) //+
        }
      }
  }
  return 'end' //+
}`)
    expect(f(1)).toEqual(['return String(x)', 'return new thing().show(x)'])
    expect(f(2)).toEqual(["return 'end'"])
    expect(f(3)).toEqual(["return 'act' + x", 'throw new Error()', 'return ops.act(x)'])
    expect(f(4)).toEqual(["'short' + x"])
  })

  it('can be an added parameter of an existing function', () => {
    expect(
      hitBy(`
//- export function f(x) {
export function f(x, y = 1) { //+
  return x
}`)(1),
    ).toEqual(['export function f(x, y = 1)'])
  })

  it.each([
    ['a value', 'export const x = 1 //+'],
    ['an object', 'export const x = {\n  y: 1, //+\n}'],
    ['a call', 'export const x = String(1) //+'],
    ['a field of an object that is made', 'class a {\n  x = 1 //+\n}\nexport const x = new a()'],
    ['the base of a class', 'class a {}\nexport class b //+\nextends a //+\n{}'],
    ['what a name stands for', "import { b as x } from 'node:fs' //+\n//- import { a as x } from 'node:fs'"],
  ])('outside functions runs when its file is loaded: %s', (_what, source) => {
    const code = source.replaceAll("'node:fs'", "'./y.ts'")
    const { before, after } = marked(code)
    const { text, statements } = instrument('x.ts', before, after, 0)
    expect(statements).toHaveLength(1)
    if (!code.includes('import')) expect(load(code).hit()).toHaveLength(1)
    else expect(text).toContain('__pfoHits[0]=1')
  })

  it('in a class field runs when an object is created', () => {
    const { exports, hit } = load(
      'class a {\n  x = one() //+\n}\nfunction one() {}\nexport const f = () => new a()',
    )
    expect(hit()).toEqual([])
    exports['f']?.()
    expect(hit()).toEqual(['x = one()'])
  })
})

describe('a removed statement', () => {
  it('ran if the next statement in its block ran', () => {
    const f = hitBy(`
export function f(x: number): number {
  if (x === 1) return 1
  //- gone()
  return 2
}`)
    expect([f(1), f(2)]).toEqual([[], ['-gone()']])
  })

  it('is found at the end of a block, at the end of a branch, and as the only statement', () => {
    const f = hitBy(`
function empty(): void {
  //- first()
}
export function f(x: number): number {
  if (x === 1) {
    x = 2
    //- second()
  }
  empty()
  if (x === 3) {
    return 4
    //- third()
  }
  return x
}`)
    expect(f(1)).toEqual(['-first()', '-second()'])
    expect(f(3)).toEqual(['-first()', '-third()'])
    expect(f(5)).toEqual(['-first()'])
  })

  it('is reported with its own text, without nested statements', () => {
    expect(
      changes(`
function f(x) {
  one()
  //- if (x) {
  //-   two()
  //- }
}`),
    ).toEqual(['3: -if (x)'])
  })

  it('replaced by a comment is reported', () => {
    expect(
      changes(`
function f() {
  // put(node) //+
  //- put(node)
  two()
}`),
    ).toEqual(['3: -put(node)'])
  })

  it('outside functions runs when its file is loaded', () => {
    expect(load('export const a = 1\n//- String(a)\nexport const b = 2').hit()).toEqual(['-String(a)'])
  })
})

describe('no executable change is reported for', () => {
  it.each([
    [
      'comments and blank lines',
      'function f() { //+\n  /* why */ one() //+\n //+\n}\n//- function f() { one() }',
    ],
    [
      'types',
      'interface a { //+\n  b: number //+\n}\nfunction f(x: number, y?: a): x is 1 { //+\n//- function f(x, y) {\n}',
    ],
    ['assertions', 'function f(x) {\n  return (x as number)! //+\n//- return x\n}'],
    ['unused imports', "import { x } from './y.ts' //+\nimport type { z } from './z.ts' //+"],
    ['braces and quotes', 'function f(x) {\n  if (x) { g(\'a\'); } //+\n  //- if (x) g("a")\n}'],
    [
      'the order of functions',
      'function g() { two() } //+\nfunction f() { one() }\n//- function g() { two() }',
    ],
    ['the order of methods', 'class a {\n  g() { two() } //+\n  f() { one() }\n//- g() { two() }\n}'],
    ['an unused type', 'type x = 1 //+'],
  ])('%s', (_what, source) => {
    const { before, after } = marked(source)
    expect(instrument('x.ts', before, after, 0)).toEqual({ text: after, statements: [] })
  })
})

const program = `
export function f(n: number): string {
  const seen: string[] = []
  let i = 0
  do i++
  while (i < n)
  for (const x of [1, 2, 3]) if (x === n) seen.push('x'); else seen.push('y')
  loop: while (true) {
    switch (i++) {
      case 4: seen.push('four'); break loop
      case 5:
      case 6:
        seen.push('five or six')
      default:
        if (i > 9) break loop
        else if (i % 2 === 0)
          continue loop
        else
          seen.push(String(i))
    }
  }
  try {
    if (n === 2) throw new Error('two')
    seen.push('fine')
  } catch (error) { seen.push((error as Error).message) } finally {
    seen.push('finally')
  }
  const g = (x: number) => x > 1
    ? 'many'
    : 'few'
  class counter { count = n; next = () => ++this.count; name = (() => 1).name }
  return seen.concat(g(n), String(new counter().next()), new counter().next.name, [1, 2].map((x) => {
    return x * n
  }).join()).join(' ')
}`.slice(1)

it('the program behaves the same with coverage points, whatever changed', () => {
  const plain = load(program).exports['f']
  const expected = Array.from({ length: 7 }, (_, n) => plain?.(n))
  const lines = program.split('\n')
  const edits = fc.array(fc.nat(lines.length - 1), { maxLength: 12 })
  fc.assert(
    fc.property(edits, fc.boolean(), (chosen, isNew) => {
      // The old version need not be a valid program.
      const before = isNew ? null : lines.filter((_line, index) => !chosen.includes(index)).join('\n')
      const { text, statements } = instrument('x.ts', before, program, 0)
      const { code } = transformSync(text, { loader: 'ts', format: 'cjs' })
      const hits: number[] = []
      const module = { exports: {} as Exports }
      ;(compileFunction(code, ['__pfoHits', 'module']) as (hits: number[], module: object) => void)(
        hits,
        module,
      )
      expect(Array.from({ length: 7 }, (_, n) => module.exports['f']?.(n))).toEqual(expected)
      expect(hits.length).toBeLessThanOrEqual(statements.length)
      expect(text.split('\n').length).toBe(lines.length)
    }),
    { numRuns: 300 },
  )
})

it('an added or removed executable line is always reported', () => {
  const lines = program.split('\n')
  const simple = lines.flatMap((line, index) => (/^\s+(seen\.push|let i)/.test(line) ? [index] : []))
  fc.assert(
    fc.property(fc.constantFrom(...simple), fc.boolean(), (index, added) => {
      const shorter = lines.filter((_line, at) => at !== index).join('\n')
      const [before, after] = added ? [shorter, program] : [program, shorter]
      const { statements } = instrument('x.ts', before, after, 0)
      expect(statements.length).toBeGreaterThan(0)
    }),
    { numRuns: 30 },
  )
})
