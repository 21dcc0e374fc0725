// SPDX-License-Identifier: GPL-2.0-only
import { functionsOf } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { comparisonSchema, parseComparisonDocument, toJson } from '../src/index.ts'
import { cell, comparison, control, hostile, interacting, manyVariants, variant } from './support.ts'

describe('the JSON document', () => {
  it('has the fields that are promised', () => {
    const document: unknown = JSON.parse(toJson(comparison))
    expect(document).toMatchObject({
      schemaVersion: 1,
      kernel: 'v4.18',
      baseline: 'baseline',
      variants: comparison.variants.map(({ exercised, ...rest }) =>
        exercised ? rest : { ...rest, exercised },
      ),
      scenarios: [
        { id: 'once', title: 'One migration' },
        { id: 'twice', title: 'Two migrations' },
      ],
      // Version 1 has call chains as names.
      cells: comparison.cells.map(({ story: _story, ...rest }) => ({
        ...rest,
        findings: rest.findings.map((one) => ({
          ...one,
          evidence: one.evidence.map((proof) => ({ ...proof, chain: functionsOf(proof.chain) })),
        })),
      })),
      interactions: [],
    })
  })

  it.each([
    ['a comparison', comparison],
    ['one with interactions', interacting],
    ['one of many variants', manyVariants],
  ])('is what its schema says: %s', (_, one) => {
    expect(parseComparisonDocument(toJson(one))).toEqual(JSON.parse(toJson(one)))
  })

  it('is refused by its schema if anything is missing or more than there may be', () => {
    const document = JSON.parse(toJson(comparison)) as Record<string, unknown>
    expect(() => parseComparisonDocument(JSON.stringify({ ...document, more: 1 }))).toThrow(/more/)
    expect(() => parseComparisonDocument(JSON.stringify({ ...document, cells: undefined }))).toThrow(/cells/)
  })

  it('has its schema shipped as a file', async () => {
    await expect(`${JSON.stringify(comparisonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../schema/comparison.schema.json',
    )
  })

  it('is one line feed at the end of one document, the same bytes for the same comparison', () => {
    const text = toJson(comparison)
    expect(text).toMatch(/^\{[^]*\}\n$/)
    expect(toJson(structuredClone(comparison))).toBe(text)
  })

  it('keeps text as it is, and has no control characters all the same: they are escaped', () => {
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
