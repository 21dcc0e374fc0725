// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { compileFunction } from 'node:vm'
import { transformSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import type { LineEdit } from '@pfo-workbench/variant'
import { instrument } from '../src/compile/probes.ts'

/** A source whose changed lines are marked `//+` at their end; `//- code` stands for removed code, a call if there is none. */
function marked(source: string): { text: string; edits: LineEdit[] } {
  const edits: LineEdit[] = []
  const lines: string[] = []
  for (const line of source.replace(/^\n/, '').split('\n')) {
    const gone = /^\s*\/\/-(.*)$/.exec(line)?.[1]
    if (gone !== undefined) {
      edits.push({ line: lines.length + 1, added: 0, gone: [gone === '' ? 'gone()' : gone] })
      continue
    }
    lines.push(line.replace(/\s*\/\/\+$/, ''))
    if (line.endsWith('//+')) edits.push({ line: lines.length, added: 1, gone: [] })
  }
  return { text: lines.join('\n'), edits }
}

/** The instrumented source and the lines of its probes. */
async function probed(
  source: string,
  firstProbe = 0,
): Promise<{ text: string; lines: number[]; loads: boolean }> {
  const { text, edits } = marked(source)
  const result = await instrument('x.ts', text, edits, firstProbe)
  expect(result.probes.every((probe) => probe.path === 'x.ts')).toBe(true)
  return { text: result.text, lines: result.probes.map((probe) => probe.line), loads: result.loads }
}

/** Runs `f(argument)` of the instrumented source and tells which lines were hit and what it returned. */
async function run(source: string, argument: unknown): Promise<{ hit: number[]; result: unknown }> {
  const { text, lines } = await probed(source)
  const { code } = transformSync(text, { loader: 'ts', format: 'cjs' })
  const hits: number[] = []
  const f = compileFunction(`${code}; return module.exports.f(argument)`, [
    '__pfoHits',
    'module',
    'argument',
  ]) as (hits: number[], module: object, argument: unknown) => unknown
  const result = f(hits, {}, argument)
  return { hit: [...new Set(lines.filter((_line, index) => hits[index] === 1))], result }
}

describe('a changed line', () => {
  it('is probed by an assignment before its statement, on the same line', async () => {
    const { text, lines } = await probed(
      `
function f() {
  one()
  two() //+
}`,
      7,
    )
    expect(text.split('\n')[2]).toBe('  ;__pfoHits[7]=1;two()')
    expect(lines).toEqual([3])
  })

  it('inside a statement of several lines is probed before that statement', async () => {
    const { text } = await probed(`
function f() {
  call(
    1,
    2, //+
  )
}`)
    expect(text.split('\n')[1]).toBe('  ;__pfoHits[0]=1;call(')
  })

  it('in a branch without braces tells whether the branch ran', async () => {
    const source = `
export function f(x: number): string {
  if (x > 1)
    return 'many' //+
  else if (x === 1) //+
    return 'one' //+
  for (;;)
    return 'none' //+
}`
    expect(await run(source, 2)).toEqual({ hit: [3], result: 'many' })
    expect(await run(source, 1)).toEqual({ hit: [4, 5], result: 'one' })
    expect(await run(source, 0)).toEqual({ hit: [4, 7], result: 'none' })
  })

  it('that only opens or closes a branch is none that runs', async () => {
    expect(
      await probed(`
function f(x) {
  if (x) { one() }
  else { //+
    two()
  } //+
}`),
    ).toMatchObject({ lines: [], loads: false })
  })

  it('in a method, a case, an arrow function, a try, a label', async () => {
    const source = `
class thing {
  show(x: number): string {
    return String(x) //+
  }
}
const ops = { act: (x: number): string => {
  return 'act' + x //+
} }
export function f(x: number): string {
  switch (x) {
    case 1:
      return new thing().show(x) //+
    default:
      outer: for (;;) { //+
        try {
          if (x === 2) break outer //+
          throw new Error() //+
        } catch {
          return ops.act(x) //+
        }
      }
  }
  return 'end'
}`
    expect(await run(source, 1)).toEqual({ hit: [3, 12], result: '1' })
    expect(await run(source, 2)).toEqual({ hit: [14, 16], result: 'end' })
    expect(await run(source, 3)).toEqual({ hit: [7, 14, 16, 17, 19], result: 'act3' })
  })

  it('that declares a type, imports, comments or changes a signature gets no probe', async () => {
    expect(
      await probed(`
import { x } from './y.ts' //+
/** Comment. */ //+
interface a { //+
  b: number //+
}
type c = number //+
export function f( //+
  x: number, //+
): number { //+
  // comment //+
  return x
}`),
    ).toMatchObject({ lines: [], loads: false })
  })

  it.each([
    ['a module-level value', 'const x = 1 //+'],
    ['a module-level object', 'const x = {\n  y: 1, //+\n}'],
    ['a module-level call', 'call() //+'],
    ['a field', 'class a {\n  x = 1 //+\n}'],
    ['the default of a parameter', 'function f(\n  x = 1, //+\n) {}'],
  ])('that is %s counts as run when its file is loaded', async (_what, source) => {
    expect(await probed(source)).toMatchObject({ lines: [], loads: true })
  })
})

describe('removed lines', () => {
  it('are probed before the statement after them', async () => {
    const source = `
export function f(x: number): number {
  if (x === 1) return 1
  //-
  return 2
}`
    expect(await run(source, 1)).toEqual({ hit: [], result: 1 })
    expect(await run(source, 2)).toEqual({ hit: [3], result: 2 })
  })

  it('at the end of a block, of a branch, and of all there was', async () => {
    const source = `
function empty(): void {
  //-
}
export function f(x: number): number {
  if (x === 1) {
    x = 2
    //-
  }
  empty()
  if (x === 3) {
    return 4
    //-
  }
  return x
}`
    expect(await run(source, 1)).toEqual({ hit: [2, 6], result: 2 })
    expect(await run(source, 3)).toEqual({ hit: [2, 10], result: 4 })
    expect(await run(source, 5)).toEqual({ hit: [2], result: 5 })
  })

  it('in the middle of a statement are probed before it', async () => {
    expect(
      (
        await probed(`
function f() {
  one()
  call(
    1,
    //-
  )
}`)
      ).text.split('\n')[2],
    ).toBe('  ;__pfoHits[0]=1;call(')
  })

  it('that made way for a comment count as removed', async () => {
    const text = 'function f() {\n  // put(node)\n  two()\n}\n'
    const { text: result, probes } = await instrument(
      'x.ts',
      text,
      [{ line: 2, added: 1, gone: ['  put(node)'] }],
      0,
    )
    expect(result).toContain(';__pfoHits[0]=1;two()')
    expect(probes).toEqual([{ path: 'x.ts', line: 3 }])
  })

  it('outside functions count as run when the file is loaded', async () => {
    expect(await probed('const a = 1\n//- one(a)\nconst b = 2')).toMatchObject({ lines: [], loads: true })
    expect(await probed('class a {\n  x = 1\n  //- y = 2\n}')).toMatchObject({ lines: [], loads: true })
  })

  it('that declared a function, or were its body, do not run when the file is loaded', async () => {
    expect(await probed('const a = 1\n//- function f() { one() }\nconst b = 2')).toMatchObject({
      loads: false,
    })
    expect(await probed('class a {\n  x = 1\n  //- f() { one() }\n}')).toMatchObject({ loads: false })
  })

  it.each(['// a comment', '', 'let x: number', "import type { x } from 'y'"])(
    'that held nothing that runs get no probe: %j',
    async (gone) => {
      const source = `export function f(${gone === 'let x: number' ? '' : 'x: number'}) {\n  one()\n}\n`
      const line = gone.startsWith('import') ? 1 : 2
      const edit = { line, added: 0, gone: [gone === 'let x: number' ? 'type x = number' : gone] }
      expect(await instrument('x.ts', source, [edit], 0)).toEqual({ text: source, probes: [], loads: false })
    },
  )
})

it('whatever lines changed, the program does what it did before', async () => {
  const source = `
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
  class counter { count = n; next(): number { return ++this.count } }
  return seen.concat(g(n), String(new counter().next()), [1, 2].map((x) => {
    return x * n
  }).join()).join(' ')
}`.slice(1)
  const original = await Promise.all(Array.from({ length: 7 }, async (_, n) => (await run(source, n)).result))
  const lineCount = source.split('\n').length
  const edit = fc.record({
    line: fc.integer({ min: 1, max: lineCount }),
    added: fc.nat(2),
    gone: fc.array(fc.constantFrom('gone()', '// gone', '}'), { maxLength: 1 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 5 }), async (edits) => {
      const { text, probes } = await instrument('x.ts', source, edits, 0)
      const { code } = transformSync(text, { loader: 'ts', format: 'cjs' })
      const f = compileFunction(`${code}; return module.exports.f`, ['__pfoHits', 'module']) as (
        hits: number[],
        module: object,
      ) => (n: number) => string
      const hits: number[] = []
      const instrumented = f(hits, {})
      expect(original.map((_result, n) => instrumented(n))).toEqual(original)
      expect(hits.length).toBeLessThanOrEqual(probes.length)
      expect(text.split('\n').length).toBe(lineCount)
    }),
    { numRuns: 300 },
  )
})
