// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  eventsOf,
  functionsOf,
  linuxFacts,
  objectOf,
  parseRunRecord,
  passesThrough,
  RunRecordError,
  type EventOf,
  type RunEvent,
  type RunRecord,
} from '../src/index.ts'

const chain = [{ function: 'of_node_get', file: 'drivers/of/base.c', line: 12 }, { function: 'f' }]

const header = { step: 0, task: 'init/1', chain }

const events: RunEvent[] = [
  { ...header, seq: 0, type: 'ref.get', object: 'device_node#1', before: 1, after: 2 },
  {
    ...header,
    seq: 1,
    type: 'out-of-bounds',
    object: 'bytes#1',
    struct: 'bytes',
    offset: -1,
    size: 4,
    access: 'write',
  },
  { ...header, seq: 2, type: 'unmodelled', function: 'do_exit' },
]

const record: RunRecord = {
  scenario: 'a-test',
  facts: linuxFacts,
  outcome: 'unmodelled',
  unmodelled: { function: 'do_exit', chain },
  assumed: ['msleep'],
  steps: [
    {
      index: 0,
      step: null,
      result: { kind: 'boot', outcome: 'unmodelled' },
      failure: null,
      changes: [],
      after: { nodes: [], phandleCache: [], vio: [], firmware: ['/'] },
    },
  ],
  events,
  console: ['a line'],
}

function refusal(damaged: unknown): string {
  try {
    parseRunRecord(JSON.stringify(damaged))
  } catch (fault) {
    if (fault instanceof RunRecordError) return fault.message
    throw fault
  }
  throw new Error('it was accepted')
}

describe('the record of a run', () => {
  it('survives conversion to JSON and back', () => {
    expect(parseRunRecord(JSON.stringify(record))).toEqual(record)
  })

  it.each([
    ['an event of an unknown type', { ...events[0], type: 'ref.gets' }, /"events\.0\.type"/],
    ['an extra field', { ...events[0], more: 1 }, /"events\.0"/],
    ['a field of the wrong type', { ...events[0], before: '1' }, /"events\.0\.before"/],
    ['a call chain of strings', { ...events[0], chain: ['f'] }, /"events\.0\.chain\.0"/],
  ])('with %s is refused, and the message names the field', (_what, event, place) => {
    expect(refusal({ ...record, events: [event] })).toMatch(place)
  })

  it('is refused if it has no steps or is not JSON', () => {
    expect(refusal({ ...record, steps: [] })).toMatch(/"steps"/)
    expect(() => parseRunRecord('no')).toThrow(RunRecordError)
  })
})

describe('events', () => {
  it('selected by type have exactly the fields of that type', () => {
    expect(eventsOf(record, 'unmodelled').map((event) => event.function)).toEqual(['do_exit'])
    expect(eventsOf(record, 'ref.get', 'ref.put').map(({ after }) => after)).toEqual([2])
    expectTypeOf<EventOf<'ref.get'>>().toHaveProperty('after')
    expectTypeOf<EventOf<'ref.get'>>().not.toHaveProperty('afterwards')
  })

  it('name their object, or null', () => {
    expect(events.map(objectOf)).toEqual(['device_node#1', 'bytes#1', null])
  })
})

it('functionsOf returns the functions of a call chain', () => {
  expect(functionsOf(chain)).toEqual(['of_node_get', 'f'])
  expect([passesThrough(chain, 'f'), passesThrough(chain, 'g')]).toEqual([true, false])
})
