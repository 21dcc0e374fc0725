// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { modelPackages, readModelSources } from '@pfo-workbench/engine-models'
import { kernelFunctions, modelSymbols } from '@pfo-workbench/engine-models/symbols'
import { describe, expect, it } from 'vitest'
import { symbolTable, symbolTableText } from '../src/symbol-table.ts'
import { symbolTableMarkdown } from './symbol-page.ts'

const source = `/**
 * Models \`of_attach_node\` (drivers/of/dynamic.c, v4.18).
 */
export function of_attach_node(): number {
  return 0
}

/** \`struct of_changeset\` (include/linux/of.h, v4.18). */
export class of_changeset {}

/** Flags (include/linux/of.h, v4.18). */
export const OF_DYNAMIC = 1

/** Ours; see drivers/of/base.c. */
export function handleOf(): void {}

/** Says nothing of a file. */
export function of_node_get(): void {}

/** Two of a kind (drivers/of/base.c, v4.18). */
export const OF_ONE = 1
export const OF_TWO = 2

export const OF_THREE = 3
`

const functions = {
  version: 'v4.18',
  byFile: new Map([['drivers/of/dynamic.c', ['of_attach_node', 'of_x']]]),
}

describe('symbols of the models', () => {
  const symbols = modelSymbols(new Map([['packages/models/of/src/a.ts', source]]))

  it('are printed under their kernel file with what that file has and no model does', () => {
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

it('docs/symbols.md says what is modelled today (vitest -u writes it)', async () => {
  const { files } = await readModelSources(modelPackages())
  const known = kernelFunctions()
  const page = symbolTableMarkdown(symbolTable(modelSymbols(files), known), known.version)
  await expect(page).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/symbols.md'))
})
