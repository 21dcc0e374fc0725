// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckError, contractsWith, parseContracts } from '../src/index.ts'

describe('contracts', () => {
  it('shipped ones count nodes, firmware nodes and devices', () => {
    expect([...contractsWith().defaultClasses()].sort()).toEqual(['device', 'fwnode', 'of_node'])
  })

  it('those of a user add classes and functions, and replace shipped ones', () => {
    const file = parseContracts(
      JSON.stringify({
        schemaVersion: 1,
        classes: { pump: { title: 'pump', drop: 'pump_put', default: true } },
        functions: {
          pump_find: { class: 'pump', returns: 'reference', failure: 'error' },
          of_find_node_by_path: {},
        },
      }),
      'pumps.json',
    )
    const table = contractsWith([file])
    expect(table.counts('pump_find')).toBe(true)
    expect(table.counts('of_find_node_by_path')).toBe(false)
    expect(contractsWith().counts('of_find_node_by_path')).toBe(true)
  })

  it('a firmware node counts as the device-tree node that contains it', () => {
    expect(contractsWith().countedClass('fwnode')).toBe('of_node')
  })

  const refused: readonly [what: string, text: string, message: RegExp][] = [
    ['text that is not JSON', '{', /x\.json: this is not JSON/],
    ['another version', '{"schemaVersion":2}', /schemaVersion/],
    ['an unknown key', '{"schemaVersion":1,"function":{}}', /function/],
    ['a name that is no C name', '{"schemaVersion":1,"functions":{"a b":{}}}', /functions\["a b"\]/],
    [
      'a negative argument',
      '{"schemaVersion":1,"functions":{"f":{"class":"of_node","drops":[-1]}}}',
      /drops/,
    ],
    [
      'a prototype key',
      '{"schemaVersion":1,"functions":{"f":{"__proto__":1,"constructor":1}}}',
      /constructor/,
    ],
  ]
  for (const [what, text, message] of refused) {
    it(`reject ${what}`, () => {
      expect(() => parseContracts(text, 'x.json')).toThrow(CheckError)
      expect(() => parseContracts(text, 'x.json')).toThrow(message)
    })
  }

  it('reject an undeclared class, and references without a class', () => {
    const make = (entry: object): (() => unknown) => {
      const text = JSON.stringify({ schemaVersion: 1, functions: { f: entry } })
      return () => contractsWith([parseContracts(text, 'x.json')])
    }
    expect(make({ class: 'tree', drops: [0] })).toThrow(/no class 'tree'. Known classes: .*of_node/)
    expect(make({ drops: [0] })).toThrow(/needs a "class"/)
    expect(make({ returns: 'reference' })).toThrow(/needs a "class"/)
  })

  it('any file is parsed, or rejected with a message', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseContracts(text, 'x.json')
        } catch (error) {
          expect(error).toBeInstanceOf(CheckError)
        }
      }),
    )
  })
})
