// SPDX-License-Identifier: GPL-2.0-only
import {
  rankVariants,
  summaryOf,
  type Cell,
  type Comparison,
  type JudgedFinding,
} from '@pfo-workbench/compare'
import { describe, expect, it } from 'vitest'
import { recommend, recommendations, type Recommendation, type Verdict } from '../src/index.ts'
import { cell, chainOf, comparison, finding, playedSteps, saying, variant } from './support.ts'

/** An Oops in a function. */
const oops = (name: string, state: Partial<JudgedFinding> = {}): JudgedFinding =>
  ({
    ...saying('it died', { status: 'introduced', subject: name }),
    evidence: [{ kind: 'task-killed', data: { reason: 'it died' }, chain: chainOf(`${name} < g`), seq: 9 }],
    ...state,
  }) as JudgedFinding

/** A line that the kernel prints in a function. */
const line = (name: string, seq: number, state: Partial<JudgedFinding> = {}): JudgedFinding =>
  ({
    oracle: 'console',
    kind: 'console-line',
    subject: `line of ${name}`,
    step: 1,
    count: 1,
    data: { line: `line of ${name}`, names: [] },
    evidence: [{ kind: 'console-line', data: { line: 'x' }, chain: chainOf(name), seq }],
    status: 'introduced',
    ...state,
  }) as JudgedFinding

/** A function that sleeps in atomic context. */
const sleep = (name: string, seq: number): JudgedFinding => ({
  oracle: 'sleep-in-atomic',
  kind: 'may-sleep',
  subject: name,
  step: 1,
  count: 1,
  data: { lock: 'l', holder: null },
  evidence: [{ kind: 'slept', data: {}, chain: chainOf(`${name} < h`), seq }],
  status: 'introduced',
})

const fixed = finding({ status: 'fixed' })
const kept = finding()
const leaked = finding({ subject: '/new[0]', status: 'introduced' })
const threeFixed = ['x', 'y', 'z'].map((subject) => finding({ subject, status: 'fixed' }))
const failing = playedSteps.map((step) => ({ ...step, failure: { chain: [] } }))

/** Steps of which one makes an allocation in a function fail. */
const failingIn = (name: string): Cell['steps'] =>
  failing.map((step) => ({ ...step, step: { fail: { allocation: 1, in: name } } }))

/** The recommendation for a variant with these cells. The unpatched kernel has the leak in both scenarios. */
function recommended(
  [once, twice]: readonly [Partial<Cell> | null, Partial<Cell> | null],
  state: Parameters<typeof variant>[1] = {},
  unpatched: Partial<Cell> = { findings: [kept] },
): Recommendation {
  const own = [
    ...(once === null ? [] : [cell('mine', 'once', once)]),
    ...(twice === null ? [] : [cell('mine', 'twice', twice)]),
  ]
  const cells = [cell('baseline', 'once', unpatched), cell('baseline', 'twice', unpatched), ...own]
  const mine = { ...variant('mine', state), ...summaryOf('mine', cells) }
  const one: Comparison = { ...comparison, variants: [variant('baseline', { patches: [] }), mine], cells }
  return recommend(one, mine)
}

const table: [string, Verdict, number, string, Recommendation][] = [
  [
    'leaves nothing',
    'merge',
    2,
    'leaves nothing',
    recommended([{ findings: [fixed] }, { findings: [fixed] }]),
  ],
  [
    'leaves something in one scenario',
    'not-enough',
    1,
    'left: twice',
    recommended([{ findings: [fixed] }, { findings: [kept] }]),
  ],
  [
    'fixes little',
    'not-enough',
    0,
    'fixes leak 1',
    recommended([{ findings: [kept, finding({ subject: 'y', status: 'fixed' })] }, { findings: [kept] }]),
  ],
  [
    'fixes most, and leaves something everywhere',
    'not-enough',
    0,
    'left: leak 2',
    recommended([{ findings: [kept, ...threeFixed] }, { findings: [kept] }]),
  ],
  [
    'stops an Oops and what hung after it, and leaves something everywhere',
    'not-enough',
    0,
    'stops 1 of 2 Oopses, fixes leak 1, console 1',
    recommended(
      [
        { findings: [kept, finding({ subject: 'y', status: 'fixed' }), oops('f', { status: 'fixed' })] },
        {
          findings: [kept, oops('g', { status: 'kept' }), line('g', 9, { status: 'fixed' })],
          outcome: 'oops',
        },
      ],
      {},
      { outcome: 'oops' },
    ),
  ],
  [
    'changes nothing',
    'not-enough',
    0,
    'fixes nothing by itself',
    recommended([{ findings: [kept] }, { findings: [kept] }]),
  ],
  ['has nothing to fix', 'not-enough', 2, 'there was nothing to fix', recommended([{}, {}], {}, {})],
  [
    'only reveals',
    'not-enough',
    0,
    'left: leak 1',
    recommended([{ findings: [finding({ status: 'revealed' })] }, { findings: [kept] }]),
  ],
  [
    'does not reach the end',
    'not-enough',
    1,
    'left: twice',
    recommended([{ findings: [fixed] }, { findings: [finding({ status: 'not-reached' })] }]),
  ],
  [
    'adds a leak',
    'one-new-bug',
    1,
    'leaks references taken for f (1)',
    recommended([{ findings: [fixed] }, { findings: [leaked] }]),
  ],
  [
    'adds the same leak twice',
    'one-new-bug',
    0,
    'leaks references taken for f (2)',
    recommended([{ findings: [leaked] }, { findings: [leaked] }]),
  ],
  [
    'makes a task die where all worked',
    'do-not-merge',
    1,
    'Oops in strlen (1)',
    recommended(
      [{ findings: [fixed] }, { findings: [oops('strlen')], outcome: 'oops' }],
      {},
      { findings: [kept], steps: playedSteps },
    ),
  ],
  [
    'makes a task die where something was made to fail',
    'one-new-bug',
    1,
    'Oops in strlen, if memory is short (1)',
    recommended(
      [{ findings: [fixed] }, { findings: [oops('strlen')], steps: failing }],
      {},
      { findings: [kept], steps: failing },
    ),
  ],
  [
    'makes a task die where one died before',
    'one-new-bug',
    1,
    'Oops in strlen (1)',
    recommended(
      [{ findings: [fixed] }, { findings: [oops('strlen')] }],
      {},
      { findings: [kept], outcome: 'oops' },
    ),
  ],
  [
    'adds two bugs',
    'do-not-merge',
    0,
    'sleeps under l (1); leaks references taken for f (1)',
    recommended([{ findings: [leaked] }, { findings: [sleep('g', 3)] }]),
  ],
  [
    'adds a bug and what it prints',
    'one-new-bug',
    1,
    'sleeps under l (1)',
    recommended([{ findings: [fixed] }, { findings: [line('g', 4), sleep('g', 3)] }]),
  ],
  [
    'adds lines of another function',
    'do-not-merge',
    1,
    'sleeps under l (1); prints "line of k" (1)',
    recommended([{ findings: [fixed] }, { findings: [line('k', 4), sleep('g', 3)] }]),
  ],
  [
    'adds lines of a caller of the wrong call',
    'one-new-bug',
    1,
    'sleeps under l (1)',
    recommended([{ findings: [fixed] }, { findings: [line('h', 4), sleep('g', 3)] }]),
  ],
  [
    'adds lines of a caller before the wrong call',
    'do-not-merge',
    1,
    'prints "line of h" (1); sleeps under l (1)',
    recommended([{ findings: [fixed] }, { findings: [line('h', 2), sleep('g', 3)] }]),
  ],
  [
    'makes a task die where an allocation in a named function was made to fail',
    'one-new-bug',
    1,
    'Oops in strlen, if an allocation in f fails (1)',
    recommended(
      [{ findings: [fixed] }, { findings: [oops('strlen')], steps: failingIn('f') }],
      {},
      { findings: [kept], steps: failingIn('f') },
    ),
  ],
  [
    'dies only if memory is short, and leaks in any case',
    'do-not-merge',
    0,
    'leaks references taken for f (1); Oops in strlen, if memory is short (1)',
    recommended(
      [{ findings: [oops('strlen')], steps: failing }, { findings: [leaked] }],
      {},
      { findings: [kept], steps: failing },
    ),
  ],
  [
    'dies, and leaks and prints for that',
    'one-new-bug',
    1,
    'Oops in strlen (1)',
    recommended(
      [{ findings: [fixed] }, { findings: [leaked, line('k', 10), oops('strlen')] }],
      {},
      { outcome: 'oops' },
    ),
  ],
  [
    'went wrong before it dies',
    'do-not-merge',
    1,
    'Oops in strlen (1); sleeps under l (1)',
    recommended(
      [{ findings: [fixed] }, { findings: [oops('strlen'), sleep('g', 3)] }],
      {},
      { outcome: 'oops' },
    ),
  ],
  [
    'does not apply',
    'not-judged',
    0,
    'conflict: a',
    recommended([null, null], { status: 'conflict', reason: 'a\nb' }),
  ],
  [
    'never ran',
    'not-judged',
    0,
    'changed lines never ran',
    recommended([{ findings: [kept] }, { findings: [kept] }], { exercised: false }),
  ],
  [
    'is cut short',
    'not-enough',
    1,
    'cut short: f is not modelled (1)',
    recommended([{ findings: [fixed] }, { outcome: 'unmodelled', unmodelled: { function: 'f', chain: [] } }]),
  ],
  [
    'is cut short for several reasons',
    'not-enough',
    0,
    'cut short: a run took too long (1), the machine ran out of memory (1)',
    recommended([{ outcome: 'timeout' }, { outcome: 'unmodelled' }]),
  ],
]

it.each(table)('a variant that %s: %s', (_what, verdict, clean, reason, recommendation) => {
  expect({
    verdict: recommendation.verdict,
    clean: recommendation.clean,
    reason: recommendation.reasons[0],
  }).toEqual({ verdict, clean, reason })
})

describe('recommendations', () => {
  it('are sorted by verdict, then by rank; the numbers of findings do not matter', () => {
    const many = Array.from({ length: 9 }, (_, n) =>
      finding({ subject: `/x[${String(n)}]`, status: 'introduced' }),
    )
    const cells = [
      cell('baseline', 'once', { findings: [kept] }),
      cell('two', 'once', { findings: [leaked, sleep('g', 3)] }),
      cell('many', 'once', { findings: many }),
      cell('clean', 'once', { findings: [fixed] }),
    ]
    const scenarios = comparison.scenarios.slice(0, 1)
    const variants = rankVariants(
      ['baseline', 'two', 'many', 'clean'].map((id) => ({ ...variant(id), ...summaryOf(id, cells) })),
    )
    const all = recommendations({ ...comparison, variants, scenarios, cells })
    expect(all.map(({ variant: { id }, verdict, bugs }) => [id, verdict, bugs.length])).toEqual([
      ['clean', 'merge', 0],
      ['many', 'one-new-bug', 1],
      ['two', 'do-not-merge', 2],
    ])
  })
})
