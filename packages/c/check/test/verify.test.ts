// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseModule } from '@pfo-workbench/ir'
import { describe, expect, it } from 'vitest'
import { contractsWith, parseContracts, verifiedText } from '../src/index.ts'
import { verifyFile } from '../src/verify/verify.ts'
import { fixtures, irOf } from './support.ts'

const source = readFileSync(join(fixtures, 'verified.c'), 'utf8')
const finder = { class: 'of_node', returns: 'reference', drops: [0], cursor: 0 }
const filler = { class: 'of_node', returns: 'errno', onSuccess: { fills: [{ argument: 1, offset: 0 }] } }
const node = { argument: 0, field: 'of_phandle_iterator.node' }
const iterator = { class: 'of_node', returns: 'errno', empties: [node], onSuccess: { fills: [node] } }
const functions = {
  unit_find: finder,
  unit_find_unowned: finder,
  unit_find_and_keep: finder,
  unit_fill: filler,
  unit_fill_nothing: filler,
  unit_advance: iterator,
  unit_advance_nowhere: iterator,
  unit_count: {},
  unit_count_and_put: {},
}
const contracts = contractsWith([parseContracts(JSON.stringify({ schemaVersion: 1, functions }), 'test')])
const verified = verifyFile('verified.c', parseModule(irOf('verified.c')), () => source, contracts)

describe('verifying a body against its contract', () => {
  for (const [, kind = '', name = ''] of source.matchAll(/^\/\/ differs (\S+)\n[^\n]*?(\w+)\(/gm)) {
    it(`${name}(): ${kind} differs`, () => {
      const found = verified.find((one) => one.name === name)
      expect(found?.complete).toBe(true)
      const kinds = new Set(found?.differences.map(({ difference }) => difference.kind))
      expect([...kinds]).toEqual(kind === 'nothing' ? [] : [kind])
    })
  }

  it('reports the difference, the number of paths, and the decisions', () => {
    const file = { path: 'verified.c', configuration: 'ppc64', functions: verified }
    const text = verifiedText({ kernel: '6.1', compiler: 'clang 19', files: [file] }, contracts)
    expect(text).toContain('verified.c:15: unit_find_unowned(): on 1 of')
    expect(text).toContain('it returns an object without a reference')
    expect(text).toContain('4 of 9 functions agree with their contracts on all paths, 5 do not')
  })
})
