// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { readDocument, reportFormats, reports, toJson, toMinimalText, toText } from '../src/index.ts'
import { comparison } from './support.ts'

const leftOut = [
  { id: 'plain-counts', title: 'References are not checked', reason: 'this kernel checks all references' },
  { id: 'big-endian', title: 'A big-endian machine', reason: 'this kernel is little-endian' },
  { id: 'plain-and-more', title: 'The same twice', reason: 'this kernel checks all references' },
]
const some = { ...comparison, leftOut }
const [unpatched, good] = comparison.variants
const one = {
  ...some,
  variants: comparison.variants.filter((variant) => [unpatched, good].includes(variant)),
}

/** Removes the line breaks and quotes that formats add. */
const flat = (text: string): string => text.replace(/\\|`/g, '').replace(/\s+/g, ' ')

describe.each(reportFormats)('%s', (format) => {
  it.each([
    ['of several variants', some],
    ['of one variant', one],
  ])('names the scenarios that were left out, with reasons, in a report %s', (_what, shown) => {
    const text = flat(reports[format](shown, {}))
    for (const { id, reason } of leftOut) {
      expect(text).toContain(id)
      expect(text).toContain(reason)
    }
  })

  it('says nothing if nothing was left out', () => {
    expect(reports[format](comparison, {})).not.toContain('Not played on this kernel')
  })
})

it('the full text gives each reason once', () => {
  const text = flat(toText(some, { full: true }))
  expect(text.match(/Not played on this kernel: [^:]*/g)).toEqual([
    'Not played on this kernel: plain-counts, plain-and-more',
    'Not played on this kernel: big-endian',
  ])
})

it('the search for the smallest stacks names scenarios that were left out', () => {
  const nothing = { allowed: [], evaluations: 1, conflicts: [], minimal: [], closest: [] }
  expect(toMinimalText({ kernel: 'v4.18', patches: [], scenarios: ['a'], leftOut, ...nothing })).toContain(
    'Not played on this kernel: big-endian: this kernel is little-endian',
  )
})

it('a document keeps scenarios that were left out; old documents have none', () => {
  const json = toJson(some)
  expect(readDocument(json).comparison.leftOut).toEqual(leftOut)
  const older = JSON.parse(json) as Record<string, unknown>
  delete older['leftOut']
  expect(readDocument(JSON.stringify(older)).comparison.leftOut).toBeUndefined()
})

it('a document is damaged if a scenario is both compared and left out', () => {
  const id = comparison.scenarios[0]?.id ?? ''
  const json = toJson({ ...comparison, leftOut: [{ id, title: '', reason: '' }] })
  expect(() => readDocument(json)).toThrow(
    `it is damaged: the scenario "${id}" is both compared and left out`,
  )
})
