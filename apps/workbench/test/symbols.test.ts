// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { readSymbols, type ModelSymbol } from '@pfo-workbench/engine-models'
import { describe, expect, it } from 'vitest'
import { symbolTable, symbolTableText } from '../src/symbol-table.ts'
import { symbolTableMarkdown } from './symbol-page.ts'

const path = 'packages/models/of/src/a.ts'

const symbols: readonly ModelSymbol[] = [
  { symbol: 'OF_ONE', kind: 'constant', kernelFile: 'drivers/of/base.c', path, line: 21 },
  { symbol: 'of_attach_node', kind: 'function', kernelFile: 'drivers/of/dynamic.c', path, line: 4 },
  { symbol: 'of_changeset', kind: 'struct', kernelFile: 'include/linux/of.h', path, line: 9 },
]

const functions = {
  version: 'v4.18',
  byFile: new Map([['drivers/of/dynamic.c', ['of_attach_node', 'of_x']]]),
}

describe('symbols of the models', () => {
  it('are printed under their kernel file, followed by its functions without a model', () => {
    expect(symbolTableText(symbolTable(symbols, functions, 'dynamic.c'), 'v4.18'))
      .toBe(`drivers/of/dynamic.c (v4.18)
  of_attach_node  packages/models/of/src/a.ts:4
  no model of their own: of_x
`)
  })

  it('are found by a part of their name', () => {
    const [file, ...more] = symbolTable(symbols, functions, 'changeset')
    expect(file?.modelled.map(({ symbol }) => symbol)).toEqual(['of_changeset'])
    expect(more).toEqual([])
  })
})

it('docs/symbols.md matches the models (vitest -u updates it)', async () => {
  const today = await readSymbols()
  const page = symbolTableMarkdown(symbolTable(today.symbols, today.functions), today.functions.version)
  await expect(page).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/symbols.md'))
})
