// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseRunRecord, parseScenario, RunRecordError, ScenarioError, type Scenario } from '../src/index.ts'
import { run, textOf } from './support.ts'

function read(text: string): Scenario | ScenarioError {
  try {
    return parseScenario(text, 'fuzz.yaml')
  } catch (fault) {
    if (fault instanceof ScenarioError) return fault
    throw fault
  }
}

const text = textOf(
  `- load: &all [pseries_rng, nx_crypto]
- migrate: { readd: per-node }
- ofdt: "remove_node /x"
- unload: *all
- write: { path: /sys/x, data: "1" }`,
  `machine:
  config: { endian: big, hungTaskTimeout: 10 }
`,
)

const edit = fc.record({
  at: fc.nat(text.length),
  remove: fc.nat(20),
  insert: fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      '\n',
      '  ',
      ': ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '*all',
      '&all ',
      '!!set ',
      '!!binary ',
      '? ',
      '<<: ',
    ),
    fc.constantFrom(
      '"',
      "'",
      '|\n',
      '---\n',
      '...\n',
      '%X\n',
      '\t',
      '\0',
      '__proto__: ',
      '!x ',
      'null',
      '~',
      '0x1',
    ),
  ),
})

it('whatever is done to a scenario, it is read or refused with an error that says where', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
      let mutated = text
      for (const { at, remove, insert } of edits)
        mutated = mutated.slice(0, at) + insert + mutated.slice(at + remove)
      const result = read(mutated)
      if (result instanceof ScenarioError) expect(result.message).toMatch(/^fuzz\.yaml:\d+:\d+: ./)
      else expect(result.steps.every((step) => Object.keys(step).length === 1)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

it('any text is read or refused with an error that says where', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (any) => {
      expect(read(any)).toMatchObject({ message: expect.stringMatching(/^fuzz\.yaml:\d+:\d+: ./) as string })
    }),
  )
})

it('whatever is done to the record of a run, it is read or refused with a typed error', () => {
  const record = run('- load: pseries_rng')
  const json = JSON.stringify({
    ...record,
    steps: record.steps.map((step) => ({
      ...step,
      after: { ...step.after, nodes: step.after.nodes.slice(0, 1) },
    })),
    events: record.events.slice(0, 2),
  })
  expect(parseRunRecord(json)).toEqual(JSON.parse(json))
  const values = fc.constantFrom('null', '-1', '1.5', '""', '[]', '{}', 'true', '{"type":1}')
  fc.assert(
    fc.property(fc.nat(json.length), fc.nat(30), values, (at, remove, insert) => {
      // From a value to its end, so that most of the results are JSON.
      const start = json.indexOf(':', at) + 1
      const end = json.slice(start + remove).search(/[,}\]]/) + start + remove
      const mutated = json.slice(0, start) + insert + json.slice(end)
      try {
        expect(parseRunRecord(mutated).steps.length).toBeGreaterThan(0)
      } catch (fault) {
        expect(fault).toBeInstanceOf(RunRecordError)
      }
    }),
    { numRuns: 500 },
  )
})
