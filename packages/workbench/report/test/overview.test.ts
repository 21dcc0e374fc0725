// SPDX-License-Identifier: GPL-2.0-only
import { rankVariants, summaryOf, type Comparison } from '@pfo-workbench/compare'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { toPlayedLine, toText, toTriedLine } from '../src/index.ts'
import {
  cell,
  colour,
  comparison,
  control,
  finding,
  hostile,
  manyVariants,
  playedSteps,
  saying,
  variant,
} from './support.ts'

/** A comparison in which each variant does the same in all scenarios. */
function comparisonOf(
  variants: Readonly<Record<string, 'fixes' | 'keeps' | 'leaks' | 'dies' | 'conflict'>>,
  scenarios: number,
): Comparison {
  const ids = Array.from({ length: scenarios }, (_, n) => `scenario-${String(n)}`)
  const found = {
    fixes: [finding({ status: 'fixed' })],
    keeps: [finding()],
    leaks: [finding({ subject: '/n[0]', status: 'introduced' })],
    dies: [saying('it died', { status: 'introduced' })],
    conflict: [],
  } as const
  const cells = [
    ...ids.map((id) => cell('baseline', id, { findings: [finding()], steps: playedSteps })),
    ...Object.entries(variants).flatMap(([id, what]) =>
      what === 'conflict'
        ? []
        : ids.map((one) => cell(id, one, { findings: found[what], steps: playedSteps })),
    ),
  ]
  const summaries = ['baseline', ...Object.keys(variants)].map((id) => ({
    ...variant(id, { patches: id === 'baseline' ? [] : id.split('+') }),
    ...(variants[id] === 'conflict' ? { status: 'conflict' as const, reason: 'it does not apply' } : {}),
    ...summaryOf(id, cells),
  }))
  return {
    ...comparison,
    variants: rankVariants(summaries),
    scenarios: ids.map((id) => ({ id, title: id })),
    cells,
  }
}

const linesOf = (text: string): string[] => text.trimEnd().split('\n')

const mixed = comparisonOf(
  { good: 'fixes', idle: 'keeps', leaky: 'leaks', deadly: 'dies', old: 'conflict' },
  3,
)

describe('the first screen', () => {
  it('has the answer, the variants by verdict with figures and reasons, and the next commands', () => {
    expect(toText(mixed)).toBe(`Linux v4.18: 5 patches, 3 scenarios
Unpatched: 3 findings; no scenario is clean.

good leaves nothing to report in all 3 scenarios.

           clean  new fixed left
MERGE
  good         3    0     3    0  leaves nothing
ADDS NO BUG, NOT ENOUGH ALONE
  idle         0    0     0    3  fixes nothing by itself
RIGHT IDEA, ONE NEW BUG
  leaky        0    3     0    0  leaks references taken for f (3)
DO NOT MERGE ALONE
  deadly       0    3     0    0  Oops (3)
NOT JUDGED
  old: conflict: it does not apply

Matrix and evidence:  npx pfo compare --full
Why is deadly bad?    npx pfo explain deadly
As a page:            npx pfo compare --format html --output report.html
`)
  })

  it('names the closest variant if none is clean', () => {
    expect(toText(comparisonOf({ idle: 'keeps', leaky: 'leaks' }, 2))).toContain(
      'No variant fixes everything. The closest is idle: it adds no bug and fixes 0 of\n2.',
    )
    expect(toText(comparisonOf({ leaky: 'leaks', other: 'leaks' }, 2))).toContain('each adds a bug')
    expect(toText(comparisonOf({ a: 'conflict', b: 'conflict' }, 2))).toContain(
      'None of these patches could be judged.',
    )
  })

  it('replaces long stacks by letters and explains each letter once', () => {
    const long = 'a-patch+another-patch+one-more-patch+the-last-patch'
    const text = toText(comparisonOf({ [long]: 'fixes', [`${long}+x`]: 'fixes', idle: 'keeps' }, 2))
    expect(text).toContain('No single patch is enough. Four together leave nothing to report (stack A).')
    expect(text).toContain('  A, B ')
    expect(text).toContain('\nA = a-patch another-patch one-more-patch the-last-patch\nB = A and x\n')
  })

  it('breaks a name only if it is longer than the column', () => {
    const lines = linesOf(
      toText(
        comparisonOf(
          { 'first-patch': 'keeps', 'second-long-patch': 'keeps', ['third-'.repeat(5)]: 'keeps' },
          2,
        ),
      ),
    ).map((line) => line.slice(0, 26).trimEnd())
    expect(lines).toContain('  first-patch,')
    expect(lines).toContain('  second-long-patch')
    expect(lines).toContain('  third-third-third-')
    expect(lines).toContain('  third-third-')
  })

  it.each([60, 80, 200])('fits a screen of %i columns, whatever it contains', (columns) => {
    const kinds = ['fixes', 'keeps', 'leaks', 'dies', 'conflict'] as const
    for (const count of [1, 2, 3, 33, 200]) {
      const variants = Object.fromEntries(
        Array.from({ length: count }, (_, n) => [
          n % 7 === 6
            ? Array.from({ length: 12 }, (_unused, m) => `patch-${String(n)}-${String(m)}`).join('+')
            : `patch-${'long-'.repeat(n % 9)}${String(n)}`,
          kinds[n % kinds.length] ?? 'keeps',
        ]),
      )
      const lines = linesOf(toText(comparisonOf(variants, 19), { columns }))
      expect(lines.length, `${String(count)} variants`).toBeLessThanOrEqual(45)
      expect(lines.filter((line) => line.length > columns)).toEqual([])
    }
    for (const one of [comparison, manyVariants, mixed]) {
      const lines = linesOf(toText(one, { columns }))
      expect(lines.length).toBeLessThanOrEqual(45)
      expect(lines.filter((line) => line.length > columns)).toEqual([])
    }
  })

  it('is between 60 and 200 columns wide', () => {
    expect(toText(mixed, { columns: 10 })).toBe(toText(mixed, { columns: 60 }))
    expect(toText(mixed, { columns: 1000 })).toBe(toText(mixed, { columns: 200 }))
  })

  it('has colours only on request, and they change nothing else', () => {
    expect(toText(mixed)).not.toContain('\u001b')
    expect(stripVTControlCharacters(toText(mixed, { color: true }))).toBe(toText(mixed))
  })

  it.each([false, true])('sends only text from a patch to the terminal (one variant: %s)', (one) => {
    const poisoned = JSON.parse(
      JSON.stringify(mixed, (key, value: unknown) =>
        typeof value === 'string' && ['title', 'reason', 'line', 'function', 'by'].includes(key)
          ? `${value}${hostile}`
          : value,
      ),
    ) as Comparison
    const some = one ? { ...poisoned, variants: poisoned.variants.slice(0, 2) } : poisoned
    expect(toText(some, { color: true }).replaceAll(colour, '')).not.toMatch(control)
  })
})

describe('suggested commands', () => {
  it('name variants by the arguments of the command line', () => {
    const patchArguments = new Map([['deadly', '../deadly.patch']])
    expect(toText(mixed, { patchArguments })).toContain(
      'Why is deadly bad?    npx pfo explain ../deadly.patch\n',
    )
    const one = {
      ...mixed,
      variants: mixed.variants.filter(({ id }) => id === 'deadly' || id === 'baseline'),
    }
    expect(toText(one, { patchArguments })).toContain('npx pfo explain ../deadly.patch\n')
  })

  it('repeat a short command, and only refer to a long one', () => {
    expect(toText(mixed, { commands: ['npx pfo compare deadly idle'] })).toContain(
      'npx pfo compare deadly idle --full\n',
    )
    const long = `npx pfo compare ${'a/long/way/to/a.patch '.repeat(3)}`
    expect(toText(mixed, { commands: [long] })).toContain('the same command with --full\n')
  })
})

describe('a progress line', () => {
  const part = (id: string): Comparison => ({
    ...mixed,
    variants: mixed.variants.filter((one) => one.id === id || one.id === 'baseline'),
  })

  it('gives the verdict on a variant, and the reason if it fits', () => {
    expect(toPlayedLine(part('deadly'), 60)).toBe('deadly: do not merge alone; Oops (3)')
    expect(toPlayedLine(part('deadly'), 30)).toBe('deadly: do not merge alone')
    expect(toPlayedLine(part('good'), 60)).toBe('good: merge; leaves nothing')
    expect(toPlayedLine(part('old'), 60)).toBe('old: not judged; conflict: it does not apply')
  })

  it('says what a stack leaves', () => {
    const stack = { id: 'a+b', patches: ['a', 'b'], left: [] }
    const left = [{ oracle: 'leak', subject: 'x', scenarios: ['one', 'two'] }]
    expect(toTriedLine(stack, 60)).toBe('2 patches leave nothing: a + b')
    expect(toTriedLine({ ...stack, left }, 60)).toBe('2 patches leave 2 findings: a + b')
    expect(toTriedLine({ ...stack, patches: ['a'], left }, 60)).toBe('1 patch leaves 2 findings: a')
    expect(toTriedLine({ ...stack, patches: ['a'.repeat(99)] }, 60)).toHaveLength(60)
  })
})

describe('the answer for one variant', () => {
  const of = (id: string): string =>
    toText({ ...mixed, variants: mixed.variants.filter((one) => one.id === id || one.id === 'baseline') })

  it('gives the verdict, the new, fixed and remaining findings, and each scenario', () => {
    expect(of('leaky')).toBe(`leaky  "Does leaky"
3 scenarios against Linux v4.18                          RIGHT IDEA, ONE NEW BUG

It fixes nothing, and adds one bug.

NEW  3 findings of 1 bug
  leak            leaks references taken for f (scenario-0, scenario-1,
                  scenario-2)

  scenario-0  1 +1    scenario-1  1 +1    scenario-2  1 +1
  unpatched, then: ok clean, +N new, ^N revealed, -N fixed; O Oops, D deadlock

Evidence:    npx pfo explain leaky
Everything:  the same command with --full
`)
  })

  it('gives the reason if nothing is known', () => {
    expect(of('old')).toContain('It could not be judged: conflict.\n\n  it does not apply\n')
  })

  it('only names scenarios without a difference', () => {
    expect(of('idle')).toContain('  as before: scenario-0, scenario-1, scenario-2\n')
  })

  it('lists revealed findings and changes separately', () => {
    const cells = mixed.cells.map((one) =>
      one.variant === 'idle'
        ? {
            ...one,
            findings: [finding(), finding({ subject: '/r[0]', status: 'revealed' as const })],
            changes: [{ kind: 'file' as const, subject: '/sys/x', step: 1, before: 'a', after: 'b' }],
          }
        : one,
    )
    const variants = mixed.variants
      .filter(({ id }) => id === 'idle' || id === 'baseline')
      .map((one) => ({ ...one, ...summaryOf(one.id, cells) }))
    const text = toText({ ...mixed, variants, cells })
    expect(text).toContain('REVEALED  3 that the unpatched kernel has but hides: leak 3\n')
    expect(text).toContain('CHANGES   3 differences that a user could see and that no oracle reports\n')
    expect(text).toContain('ADDS NO BUG')
  })
})

it('the screen of one variant says how much of the patch never ran', () => {
  const [baseline, one] = mixed.variants.filter(({ id }) => id === 'idle' || id === 'baseline')
  if (baseline === undefined || one === undefined) throw new Error('there is no variant')
  const never = { file: 'b.c', line: 1, statement: 'f()', scenarios: [] }
  const exercise = [...one.exercise, never, never]
  const text = toText({ ...mixed, variants: [baseline, { ...one, exercise }] })
  expect(text).toContain('NOT RUN   2 of 3 changed statements\n')
  expect(toText({ ...mixed, variants: [baseline, one] })).not.toContain('NOT RUN')
})

describe('on a C kernel', () => {
  const ofModels = comparisonOf({ a: 'dies', b: 'keeps' }, 2)
  const cells = ofModels.cells.map((one, i) => ({ ...one, assumed: i === 0 ? ['g', 'f'] : ['f'] }))
  const ofC = { ...ofModels, cells, compiler: 'clang 19.1.7', configuration: 'powerpc64le' }
  const one = { ...ofC, variants: ofC.variants.slice(0, 2) }

  it('suggested commands name the tree', () => {
    const kernelOption = '--kernel TREE'
    const commands = ['npx pfo compare --kernel TREE']
    expect(toText(ofC, { kernelOption, commands })).toContain('npx pfo compare --kernel TREE --full')
    expect(toText(ofC, { kernelOption })).toContain('npx pfo explain --kernel TREE a')
    expect(toText(one, { kernelOption })).toContain('npx pfo explain --kernel TREE a')
    expect(toText(ofModels)).toContain('npx pfo compare --full')
  })

  it('the number of assumed functions is shown, and their names with --full', () => {
    for (const brief of [toText(ofC), toText(one)]) {
      expect(brief).toContain('2 kernel functions are assumed; --full names them')
    }
    const full = toText(ofC, { full: true })
    expect(full).toContain('Compiled: clang 19.1.7; powerpc64le.')
    expect(full).toContain('Assumed: f, g; these functions were called')
    expect(toText(ofModels) + toText(ofModels, { full: true })).not.toMatch(/assumed|compiled/i)
  })
})
