// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseRunRecord, RunRecordError } from '@pfo-workbench/run'
import { run } from './support.ts'

/** `FUZZ_RUNS=10000` runs longer. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 500)

it('an edited run record is accepted, or refused with a typed error', () => {
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
      // Ends at the end of a value, so that most results are still JSON.
      const start = json.indexOf(':', at) + 1
      const end = json.slice(start + remove).search(/[,}\]]/) + start + remove
      const mutated = json.slice(0, start) + insert + json.slice(end)
      try {
        expect(parseRunRecord(mutated).steps.length).toBeGreaterThan(0)
      } catch (fault) {
        expect(fault).toBeInstanceOf(RunRecordError)
      }
    }),
    { numRuns },
  )
})
