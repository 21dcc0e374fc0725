// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { toJson } from '../src/index.ts'
import { cell, comparison, control, hostile, variant } from './support.ts'

describe('the JSON document', () => {
  it('has the shape that is promised, and nothing else', () => {
    expect(JSON.parse(toJson(comparison))).toEqual({
      schemaVersion: 1,
      kernel: 'v4.18',
      baseline: 'baseline',
      variants: [
        {
          id: 'baseline',
          title: 'Does baseline',
          patches: [],
          status: 'ok',
          fixed: 0,
          kept: 2,
          introduced: 0,
          rank: 1,
        },
        {
          id: 'good',
          title: 'Does good',
          patches: ['good'],
          status: 'ok',
          fixed: 1,
          kept: 1,
          introduced: 1,
          rank: 3,
        },
        {
          id: 'bad',
          title: 'Does bad',
          patches: ['bad'],
          status: 'conflict',
          reason: 'of.ts: hunk 1 of 1\ndoes not apply',
          exercised: false,
          fixed: 0,
          kept: 0,
          introduced: 0,
          rank: 1,
        },
        {
          id: 'idle',
          title: 'Does idle',
          patches: ['idle'],
          status: 'ok',
          exercised: false,
          fixed: 0,
          kept: 2,
          introduced: 0,
          rank: 2,
        },
      ],
      scenarios: [
        { id: 'once', title: 'One migration' },
        { id: 'twice', title: 'Two migrations' },
      ],
      cells: comparison.cells.map(({ findings, variant, scenario, outcome, console }) => ({
        variant,
        scenario,
        outcome,
        console,
        findings: findings.map(({ evidence: _evidence, ...finding }) => finding),
      })),
    })
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
