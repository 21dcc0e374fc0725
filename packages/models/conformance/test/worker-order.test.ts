// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { compareReferences } from '../src/compare/references.ts'
import { Section, type Ordering } from '../src/compare/section.ts'
import { Tally } from '../src/compare/tally.ts'
import { formatAgreement } from '../src/agreement.ts'
import type { ReplayedReference } from '../src/facts.ts'
import type { RecordedReference } from '../src/line-schema.ts'

type Change = readonly ['get' | 'put', string, number]

function recorded([op, node, before]: Change): RecordedReference {
  return { op, node, before, after: before + (op === 'get' ? 1 : -1), by: ['taker', 'task'], remark: '' }
}

function replayed(change: Change): ReplayedReference {
  const { by, ...same } = recorded(change)
  return { ...same, chain: by }
}

function compare(ordering: Ordering, was: readonly Change[], is: readonly Change[]): Tally {
  const tally = new Tally()
  compareReferences(was.map(recorded), is.map(replayed), new Section(tally, 'step 1', ordering))
  return tally
}

/** The task takes and drops a reference, the worker drops one: concurrently, and one after the other. */
const beside: readonly Change[] = [
  ['get', 'random#0', 2],
  ['put', 'random#0', 3],
  ['put', 'random#0', 2],
]
const after: readonly Change[] = [
  ['get', 'random#0', 1],
  ['put', 'random#0', 2],
  ['put', 'random#0', 2],
]

describe('in a step in which a worker ran concurrently with the task', () => {
  it('references agree in any order; different counters are counted as not compared', () => {
    const { compared, differences, skipped, unordered } = compare('any-order', beside, after)
    expect([compared, differences]).toEqual([3, []])
    expect(skipped.get('other-moment')).toBe(2)
    expect(unordered).toEqual({ facts: 3, steps: 1 })
  })

  it('an exact match is not used up by a match without counters', () => {
    const tally = compare(
      'any-order',
      [['put', 'random#0', 9], ...beside],
      [...beside, ['put', 'random#0', 8]],
    )
    expect(tally.skipped.get('other-moment')).toBe(1)
  })

  it.each([
    ['node', ['get', 'compression#0', 1]],
    ['direction', ['put', 'random#0', 1]],
  ] as const)('a reference with another %s differs', (_what, other) => {
    const { differences } = compare('any-order', beside, [other, ...after.slice(1)])
    expect(differences.length).toBeGreaterThan(0)
  })

  it('an extra or missing reference differs', () => {
    expect(compare('any-order', beside, beside.slice(1)).differences).toHaveLength(1)
    expect(compare('any-order', beside.slice(1), beside).differences).toHaveLength(1)
  })
})

describe('in any other step', () => {
  it('order and counters are compared', () => {
    const { differences, unordered } = compare('order', beside, after)
    expect(differences.length).toBeGreaterThan(0)
    expect(unordered).toEqual({ facts: 0, steps: 0 })
  })
})

describe('the table of agreement', () => {
  const comparison = {
    variant: 'a',
    scenario: 'S1',
    inFile: 4,
    compared: 3,
    agreed: 3,
    differences: [],
    skipped: new Map(),
  }

  it('shows how many facts have no order, and why', () => {
    const text = formatAgreement([{ ...comparison, unordered: { facts: 3, steps: 1 } }])
    expect(text).toContain('3 of these facts are compared without their order: in 1 step(s) a worker may run')
  })

  it('shows the facts of each recording on a kernel in C, and why some are skipped', () => {
    const one = {
      ...comparison,
      skipped: new Map([['taint', 1] as const]),
      unordered: { facts: 0, steps: 0 },
    }
    expect(formatAgreement([one], [], true)).toContain('a/S1: 4 facts, 3 compared; taint 1')
    expect(formatAgreement([one])).not.toContain('4 facts')
  })

  it('omits this if no worker ran', () => {
    const text = formatAgreement([{ ...comparison, unordered: { facts: 0, steps: 0 } }])
    expect(text).not.toContain('without their order')
  })
})
