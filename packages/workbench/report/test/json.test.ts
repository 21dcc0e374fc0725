// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { comparisonSchema, parseComparisonDocument, toJson } from '../src/index.ts'
import {
  cell,
  comparison,
  control,
  finding,
  hostile,
  interacting,
  manyVariants,
  proof,
  variant,
} from './support.ts'

describe('the JSON document', () => {
  it('has the documented fields', () => {
    const document: unknown = JSON.parse(toJson(comparison))
    expect(document).toMatchObject({
      schemaVersion: 2,
      kernel: 'v4.18',
      engine: 'models',
      baseline: 'baseline',
      variants: comparison.variants.map((one) => ({
        ...one,
        exercise: one.exercise.map((statement) => ({
          ...statement,
          scenarios: statement.scenarios.length,
          ranIn: statement.scenarios,
        })),
      })),
      scenarios: [
        { id: 'once', title: 'One migration' },
        { id: 'twice', title: 'Two migrations' },
      ],
      cells: comparison.cells,
      interactions: [],
    })
  })

  it('contains findings and evidence as data and as text, with the frames of their call chains', () => {
    const proofAt = { ...proof('a', 'f'), chain: [{ function: 'f', file: 'drivers/of/base.c', line: 7 }] }
    const { oracle, kind, subject, step, count, data } = finding()
    const leak = { oracle, kind, subject, step, count, data }
    const unpatched = { state: 'differs', finding: finding() } as const
    const found = finding({ count: 3, status: 'introduced', surplus: true, unpatched, evidence: [proofAt] })
    const text = toJson({ ...comparison, cells: [cell('good', 'once', { findings: [found] })] })
    expect(parseComparisonDocument(text).cells[0]?.findings).toEqual([
      {
        ...leak,
        surplus: true,
        count: 3,
        status: 'introduced',
        message: 'detached, with 5 references taken for f and not dropped (2 in all)',
        before: 'detached, with 2 references taken for f and not dropped (2 in all)',
        unpatched: { state: 'differs', finding: leak },
        evidence: [{ ...proofAt, text: 'a' }],
      },
    ])
  })

  it.each([
    ['a comparison', comparison],
    ['one with interactions', interacting],
    ['one of many variants', manyVariants],
  ])('matches its schema: %s', (_, one) => {
    expect(parseComparisonDocument(toJson(one))).toEqual(JSON.parse(toJson(one)))
  })

  it('fails the schema if a field is missing or unknown', () => {
    const document = JSON.parse(toJson(comparison)) as Record<string, unknown>
    expect(() => parseComparisonDocument(JSON.stringify({ ...document, more: 1 }))).toThrow(/more/)
    expect(() => parseComparisonDocument(JSON.stringify({ ...document, cells: undefined }))).toThrow(/cells/)
  })

  it('matches the schema file of the package', async () => {
    await expect(`${JSON.stringify(comparisonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../schema/comparison.schema.json',
    )
  })

  it('is one line with a trailing newline, with the same bytes for the same comparison', () => {
    const text = toJson(comparison)
    expect(text).toMatch(/^\{[^]*\}\n$/)
    expect(toJson(structuredClone(comparison))).toBe(text)
  })

  it('keeps all text but contains no control characters: they are escaped', () => {
    const one = {
      ...comparison,
      variants: [variant('baseline', { title: `${hostile}\u{e0041}` })],
      cells: [cell('baseline', 'once', { console: [hostile] })],
    }
    const text = toJson(one)
    expect(JSON.parse(text)).toMatchObject({
      variants: [{ title: `${hostile}\u{e0041}` }],
      cells: [{ console: [hostile] }],
    })
    expect(text).not.toMatch(control)
  })
})
