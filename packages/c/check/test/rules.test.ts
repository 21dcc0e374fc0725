// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { expectations, irOf, judge } from './support.ts'

const sources = [
  'leak.c',
  'put.c',
  'use.c',
  'devices.c',
  'scope.c',
  'conditions.c',
  'unusual.c',
  'loops.c',
  'fields-paired.c',
  'fields-forgotten.c',
  'fields-lent.c',
  'fields-lent-helper.c',
  'fields-taken.c',
  'fields-variables.c',
  'fields-registered.c',
]

for (const clang of ['19', '16'] as const) {
  describe(`by the IR of clang-${clang}`, () => {
    for (const source of sources) {
      describe(source, () => {
        const { findings, functions } = judge(source, irOf(source, clang))
        const found = (name: string): string =>
          findings
            .filter(({ entry }) => entry === name)
            .map(({ severity, rule }) => `${severity} ${rule}`)
            .join(', ') || 'nothing'
        const expected = expectations(source)
        for (const [name, what] of expected) {
          it(`${name}(): ${what}`, () => expect(found(name)).toBe(what))
        }
        it('reports nothing about other functions', () => {
          expect(findings.map(({ entry }) => entry).filter((entry) => !expected.has(entry))).toEqual([])
        })
        it('executes every function on all its paths', () => {
          expect(functions.filter(({ complete, approximate }) => !complete || approximate)).toEqual([])
        })
      })
    }
  })
}
