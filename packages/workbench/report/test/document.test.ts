// SPDX-License-Identifier: GPL-2.0-only
import { judge, mergeComparisons, rankVariants, summaryOf } from '@pfo-workbench/compare'
import type { Cell, Comparison, JudgedFinding } from '@pfo-workbench/compare'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DocumentError, mergeDocuments, readDocument, reportFormats, reports, toJson } from '../src/index.ts'
import {
  cell,
  comparison as fewCells,
  finding,
  hostile,
  interacting,
  playedSteps,
  proof,
  saying,
} from './support.ts'

/** Recalculates totals and ranks from the cells. */
function counted(one: Comparison): Comparison {
  const variants = one.variants.map((variant) => ({ ...variant, ...summaryOf(variant.id, one.cells) }))
  return { ...one, variants: rankVariants(variants) }
}

const node = {
  node: '/x[0]',
  path: '/x',
  life: 'allocated',
  inTree: false,
  flags: ['OF_DETACHED'],
  refcount: 2,
  phandle: 7,
  sysfs: null,
  device: null,
  driver: null,
} as const

const masking = { ...saying('it died', { masks: ['leak /x[0]'] }), subject: 'g' }

/** A cell with all optional fields. */
const fullCell: Cell = cell('good', 'once', {
  outcome: 'unmodelled',
  unmodelled: { function: 'f', chain: [{ function: 'f', file: 'drivers/of/base.c', line: 7 }] },
  assumed: ['vsnprintf'],
  findings: [
    finding({
      subject: '/y[0]',
      status: 'introduced',
      surplus: true,
      unpatched: { state: 'differs', finding: plain(finding()) },
    }),
    finding({ subject: '/z[0]', status: 'revealed', hiddenBy: { reason: 'run-ended', step: 1 } }),
    finding({ subject: '/w[0]', status: 'introduced', unpatched: { state: 'not-reached', endedIn: 1 } }),
    finding({ status: 'kept', hiddenBy: { reason: 'masked', finding: plain(masking) } }),
    { ...masking, status: 'introduced' },
  ],
  changes: [{ kind: 'file', subject: '/sys/x', step: 1, before: 'a', after: '' }],
  console: [hostile, 'a line'],
  steps: playedSteps,
  story: {
    trees: { before: [node], after: [{ ...node, life: 'freed' }] },
    counts: [{ node: '/x[0]', points: [{ seq: 3, step: 1, count: 2, change: 1, by: 'f' }] }],
  },
})

function plain({ status: _status, ...rest }: JudgedFinding): Exclude<JudgedFinding, 'status'> {
  return rest as JudgedFinding
}

const mail = {
  subject: '[PATCH] x',
  from: 'A <a@example.org>',
  to: 'list@example.org',
  cc: '',
  date: 'today',
  messageId: '<1@example.org>',
  inReplyTo: '',
  references: ['<0@example.org>'],
}

const whole: Comparison = counted({
  ...interacting,
  compiler: 'clang version 19',
  configuration: 'pseries_defconfig',
  variants: interacting.variants.map((variant) =>
    variant.id === 'good'
      ? {
          ...variant,
          diffs: [
            {
              id: 'good',
              subject: 'x',
              author: 'A <a@example.org>',
              date: 'today',
              mail,
              body: 'why\n',
              text: '--- a\n+++ b\n',
            },
          ],
        }
      : variant,
  ),
  cells: fewCells.cells.map((one) => (one.variant === 'good' && one.scenario === 'once' ? fullCell : one)),
})

const options = { commands: ['npx pfo compare good.patch'], workbench: { version: '0.1.0', commit: 'abc' } }

describe('a comparison document', () => {
  it('is read back as the same comparison with the same report options', () => {
    expect(readDocument(toJson(whole, options))).toEqual({ comparison: whole, options })
  })

  it.each(reportFormats)('gives the same report as the comparison itself: %s', (format) => {
    const read = readDocument(toJson(whole, options))
    expect(reports[format](read.comparison, read.options)).toBe(reports[format](whole, options))
  })

  it('is read back unchanged for random comparisons', () => {
    const findings = fc.array(
      fc
        .record({
          subject: fc.constantFrom('a', 'b', 'c'),
          step: fc.nat(3),
          count: fc.integer({ min: 1, max: 3 }),
        })
        .map((one) => plain(finding({ ...one, evidence: [proof(one.subject, 'f < g')] }))),
    )
    const run = fc.record({
      findings: findings.map((all) =>
        all.filter((one, at) => all.findIndex((two) => two.subject === one.subject) === at),
      ),
      brokenOffIn: fc.option(fc.nat(3)),
    })
    fc.assert(
      fc.property(run, run, (unpatched, patched) => {
        const one = counted({
          ...fewCells,
          scenarios: fewCells.scenarios.slice(0, 1),
          cells: [
            cell('baseline', 'once', { findings: judge(unpatched, unpatched) }),
            cell('good', 'once', { findings: judge(unpatched, patched) }),
          ],
        })
        expect(readDocument(toJson(one)).comparison).toEqual(one)
      }),
    )
  })
})

describe('an invalid document is refused:', () => {
  const changed = (change: (document: Record<string, unknown[]>) => void): string => {
    const document = JSON.parse(toJson(whole)) as Record<string, unknown[]>
    change(document)
    return JSON.stringify(document)
  }
  const first = (list: unknown[] | undefined): Record<string, unknown> => list?.[0] as Record<string, unknown>
  it.each<[string, string, RegExp]>([
    ['no JSON', 'hello', /not JSON\. Accepted: what "pfo compare --format json" writes/],
    ['other JSON', '[1]', /no schemaVersion/],
    ['another version', '{"schemaVersion":1}', /its schemaVersion is 1\. .*schemaVersion 2/],
    ['a field too many', changed((one) => Object.assign(one, { more: 1 })), /damaged: .*more/],
    [
      'a finding of no kind',
      changed((one) => Object.assign(first(one['cells']), { findings: [{}] })),
      /cells\.0\.findings\.0/,
    ],
    [
      'two variants of one id',
      changed((one) => one['variants']?.push(one['variants'][0])),
      /two variants have the id "baseline"/,
    ],
    [
      'two cells of one place',
      changed((one) => one['cells']?.push(one['cells'][0])),
      /two cells of baseline in once/,
    ],
    [
      'a cell of no variant',
      changed((one) => Object.assign(first(one['cells']), { variant: 'x' })),
      /variant "x", which does not exist/,
    ],
    ['no unpatched kernel', changed((one) => one['variants']?.shift()), /no variant "baseline"/],
    [
      'numbers that are not those of the cells',
      changed((one) => Object.assign(first(one['variants']), { kept: 9 })),
      /the summary of "baseline" has kept: 9, but its cells have 2/,
    ],
  ])('%s', (_what, json, message) => {
    expect(() => readDocument(json)).toThrow(DocumentError)
    expect(() => readDocument(json)).toThrow(message)
  })

  it('a damaged document is read or refused with a message', () => {
    const json = toJson(whole)
    fc.assert(
      fc.property(fc.nat(json.length), fc.nat(40), fc.string({ maxLength: 20 }), (at, gone, text) => {
        try {
          readDocument(json.slice(0, at) + text + json.slice(at + gone))
        } catch (fault) {
          expect(fault).toBeInstanceOf(DocumentError)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('comparison documents of the same unpatched kernel', () => {
  const complete = counted({
    ...fewCells,
    variants: fewCells.variants.filter(({ id }) => id !== 'bad'),
  })
  const only = (one: Comparison, keeps: (cell: Cell) => boolean, scenarios = one.scenarios): Comparison => {
    const cells = one.cells.filter(keeps)
    const variants = one.variants.filter(({ id }) => cells.some((cell) => cell.variant === id))
    return counted({ ...one, variants, scenarios, cells })
  }

  it('are merged if they contain different variants', () => {
    const a = only(complete, ({ variant }) => variant !== 'idle')
    const b = only(complete, ({ variant }) => variant !== 'good')
    expect(mergeComparisons([a, b])).toEqual(complete)
  })

  it('are merged if they contain different scenarios', () => {
    const [a, b] = complete.scenarios.map((scenario) =>
      only(complete, (cell) => cell.scenario === scenario.id, [scenario]),
    )
    if (a === undefined || b === undefined) throw new RangeError('two scenarios are needed')
    expect(mergeComparisons([a, b])).toEqual(complete)
  })

  it('combine the scenarios in which each changed statement ran', () => {
    const ran = (...scenarios: string[]): Comparison['variants'][number]['exercise'] => [
      { file: 'of.ts', line: 3, statement: 'put(node)', scenarios: scenarios.filter((id) => id !== 'twice') },
      { file: 'of.ts', line: 4, statement: 'get(node)', scenarios: scenarios.filter((id) => id !== 'once') },
      { file: 'of.ts', line: 5, statement: 'drop(node)', scenarios: [] },
    ]
    const exercisedIn = (one: Comparison, unknown: string[]): Comparison => ({
      ...one,
      variants: one.variants.map((each) =>
        each.id === 'good'
          ? { ...each, exercise: ran(...one.scenarios.map(({ id }) => id)), exerciseUnknown: unknown }
          : each,
      ),
    })
    const [a, b] = complete.scenarios.map((scenario) =>
      only(complete, (cell) => cell.scenario === scenario.id, [scenario]),
    )
    if (a === undefined || b === undefined) throw new RangeError('two scenarios are needed')
    const merged = mergeComparisons([exercisedIn(a, []), exercisedIn(b, ['twice'])])
    expect(merged).toEqual(exercisedIn(complete, ['twice']))
    expect(mergeComparisons([merged, exercisedIn(b, ['twice'])])).toEqual(merged)
  })

  it('keep the commands of each document', () => {
    const read = (command: string): ReturnType<typeof readDocument> =>
      readDocument(toJson(complete, { commands: [command] }))
    expect(mergeDocuments([read('a'), read('b')]).options.commands).toEqual(['a', 'b'])
  })

  it.each<[string, Comparison, RegExp]>([
    ['another kernel', { ...complete, kernel: 'v5.0' }, /different kernels: \(v4\.18\) and \(v5\.0\)/],
    ['another engine', { ...complete, engine: 'c' }, /different engines/],
    ['other sources', { ...complete, origin: 'def' }, /different versions/],
    ['another compiler', { ...complete, compiler: 'clang' }, /different compilers/],
    [
      'other patches',
      { ...complete, variants: complete.variants.map((one) => ({ ...one, patches: ['x'] })) },
      /has different patches in the two comparisons/,
    ],
    [
      'another result',
      { ...complete, cells: complete.cells.map((one) => ({ ...one, console: ['x'] })) },
      /the unpatched kernel behaves differently in once/,
    ],
    [
      'a part of it',
      only(complete, ({ variant, scenario }) => variant === 'baseline' || scenario === 'once'),
      /"good" was not played in twice/,
    ],
  ])('are refused with the reason: %s', (what, other, reason) => {
    const a =
      what === 'a part of it'
        ? only(complete, ({ variant }) => variant !== 'idle' && variant !== 'good')
        : complete
    const read = (one: Comparison): ReturnType<typeof readDocument> => ({
      comparison: one,
      options: { commands: [] },
    })
    expect(() => mergeDocuments([read(a), read(other)])).toThrow(DocumentError)
    expect(() => mergeDocuments([read(a), read(other)])).toThrow(reason)
  })
})
