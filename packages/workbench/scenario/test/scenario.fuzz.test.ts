// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { stepNames, type Scenario } from '@pfo-workbench/run'
import { parseScenario, ScenarioError } from '../src/index.ts'

/** `FUZZ_RUNS=10000` runs longer. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 500)

/** Result of the parser: a scenario or a typed error. Any other exception fails the test. */
function read(text: string): Scenario | ScenarioError {
  try {
    return parseScenario(text, 'fuzz.yaml')
  } catch (fault) {
    if (fault instanceof ScenarioError) return fault
    throw fault
  }
}

function expectTypedAnswer(text: string): void {
  const result = read(text)
  if (result instanceof ScenarioError) expect(result.message).toMatch(/^fuzz\.yaml:\d+:\d+: ./)
  else
    expect(result.steps.map((step) => Object.keys(step))).toEqual(
      result.steps.map(() => [expect.toBeOneOf([...stepNames]) as string]),
    )
}

const folder = join(import.meta.dirname, '../scenarios')

/** The shipped scenarios and one that uses more YAML features. */
const scenarios = [
  ...['standard', 'extended'].flatMap((set) =>
    readdirSync(join(folder, set)).map((name) => readFileSync(join(folder, set, name), 'utf8')),
  ),
  `id: all-of-it
title: "Quoted: \\u00e9"
machine:
  config: { endian: big, hungTaskTimeout: 10 }
steps:
  - load: &all [pseries_rng, nx_crypto]
  - ofdt: >-
      remove_node
      /x
  - unload: *all
  - write: { path: /sys/x, data: "1" }
`,
]

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.nat(20),
  times: fc.constantFrom(1, 1, 1, 2, 300),
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
      '? ',
      '<<: *all\n',
      '"',
      "'",
      '|\n',
      '\t',
      '\0',
    ),
    fc.constantFrom('*all', '&all ', '!!set ', '!!binary ', '!x ', '---\n', '...\n', '%X\n', '__proto__: '),
    fc.constantFrom(
      'null',
      '~',
      '0x1',
      '.nan',
      '1e999',
      '-1',
      '2018-07-05',
      'true',
      'constructor: 1\n',
      '[*all, *all, ',
    ),
  ),
})

it.each(scenarios)('the unedited scenario is accepted: %s', (text) => {
  expect(read(text)).not.toBeInstanceOf(ScenarioError)
})

it('an edited scenario is accepted, or refused with an error that names the place', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...scenarios),
      fc.array(edit, { minLength: 1, maxLength: 5 }),
      (scenario, edits) => {
        let text = scenario
        for (const { at: where, remove, times, insert } of edits) {
          const at = Math.floor(where * text.length)
          text = text.slice(0, at) + insert.repeat(times) + text.slice(at + remove)
        }
        expectTypedAnswer(text)
      },
    ),
    { numRuns },
  )
})

it('any text is accepted, or refused with an error that names the place', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expectTypedAnswer(Buffer.from(bytes).toString('utf8'))
    }),
    { numRuns },
  )
})
