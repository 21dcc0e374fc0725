// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type RunRecord } from '@pfo-workbench/run'
import { expect, it } from 'vitest'
import type { Finding, FindingOf } from '../src/index.ts'
import { event, runOf } from './support.ts'

it('a field that an event does not have does not compile', () => {
  const typo = (run: RunRecord): unknown[] =>
    // @ts-expect-error: the field is `object`
    eventsOf(run, 'ref.get').map(({ objekt }) => objekt as unknown)
  expect(typo(runOf([{}], [event('ref.get', { object: 'n' })]))).toEqual([undefined])
})

it('data of another kind of finding does not compile', () => {
  const stolen: FindingOf<'stolen-reference'>['data'] = { dropper: 'f', owner: 'g' }
  // @ts-expect-error: a leak has a holder
  const finding: Finding = {
    oracle: 'leak',
    kind: 'reference-held',
    subject: 's',
    step: 1,
    count: 1,
    data: stolen,
    evidence: [],
  }
  expect(finding.data).toBe(stolen)
})
