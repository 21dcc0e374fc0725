// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { expectations, judgePatch } from './support.ts'

describe('changes of a patch', () => {
  const { findings } = judgePatch('patched')
  for (const [name, what] of expectations('patched-after.c')) {
    it(`${name}(): ${what}`, () => {
      const found = findings
        .filter(({ entry }) => entry === name)
        .map(({ status, rule }) => `${status} ${rule}`)
      expect(found.join(', ') || 'nothing').toBe(what)
    })
  }

  it('are listed before kept findings', () => {
    const order = ['introduced', 'partly-fixed', 'fixed', 'kept']
    const places = findings.map(({ status }) => order.indexOf(status))
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })
})

describe('twenty refactorings without effect', () => {
  const { findings, functions } = judgePatch('refactored')

  it('fix and introduce nothing', () => {
    expect(findings.filter(({ status }) => status !== 'kept')).toEqual([])
  })

  it('keep existing faults', () => {
    const kept = findings.map(({ rule, origin }) => `${origin.function}: ${rule}`)
    expect(kept.sort()).toEqual(['set_up_all: leak', 'wrong_and_renamed: leak'])
  })

  it('were all executed', () => {
    expect(functions.length).toBeGreaterThanOrEqual(20)
    expect(functions.filter(({ complete }) => !complete)).toEqual([])
  })
})
