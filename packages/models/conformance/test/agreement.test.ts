// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { allAgree, formatAgreement } from '../src/index.ts'
import { countingFunctions, leftOutFunctions, notCompared } from '../src/not-compared.ts'
import { compareWith } from './support.ts'

const agreeing = compareWith('base/S2-single', () => undefined)
const differing = compareWith('base/S2-single', (lines) => Object.assign(lines[3] ?? {}, { rc: 1 }))

describe('the table of agreement', () => {
  it('has a row for each recording and a total', () => {
    const [header, first, second, total] = formatAgreement([agreeing, differing]).split('\n')
    const { compared } = agreeing
    expect(header?.split(/\s+/)).toEqual(['variant', 'scenario', 'compared', 'agreed', 'differing'])
    expect(first?.split(/\s+/)).toEqual(['base', 'S2-single', String(compared), String(compared), '0'])
    expect(second?.split(/\s+/)).toEqual(['base', 'S2-single', String(compared), String(compared - 1), '1'])
    expect(total?.split(/\s+/)).toEqual([
      'total',
      '2',
      'recordings',
      String(2 * compared),
      String(2 * compared - 1),
      '1',
    ])
  })

  it('shows both sides of each difference', () => {
    expect(formatAgreement([differing])).toContain(
      ['  outcome, step 3 (migrate single)', '    recorded: status 1', '    replayed: status 0'].join('\n'),
    )
  })

  it('lists the facts that were not compared, with reasons', () => {
    const { what, why } = notCompared['quiet-lines']
    const count = agreeing.skipped.get('quiet-lines') ?? 0
    expect(formatAgreement([agreeing])).toContain(`  ${what} (${count})\n    ${why}\n`)
    expect(formatAgreement([agreeing])).not.toContain(notCompared['after-oops'].what)
  })

  it('lists all functions that are ignored in call chains, with reasons', () => {
    const text = formatAgreement([agreeing])
    for (const { why, functions } of [...leftOutFunctions, countingFunctions]) {
      expect(text).toContain(`  ${functions.join(' ')}\n    ${why}\n`)
    }
  })

  it('lists recordings without a replay, which is no agreement', () => {
    const failed = { variant: 'a+b', scenario: 'S1-ofdt', reason: 'patch "b" does not apply' }
    expect(formatAgreement([agreeing], [failed])).toContain('not replayed: patch "b" does not apply')
    expect(allAgree([agreeing])).toBe(true)
    expect(allAgree([agreeing], [failed])).toBe(false)
    expect(allAgree([differing])).toBe(false)
  })
})
