// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { isKernelFunction } from '@pfo-workbench/kernel/kernel-name'
import { modelPackages, readModelSources } from '../src/index.ts'
import { kernelFunctions } from '../src/symbols/kernel-functions.ts'
import {
  functionsModelledWithOthers,
  modelSymbols,
  symbolsWithoutKernelFile,
} from '../src/symbols/model-symbols.ts'

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

it('symbols are declarations in kernel spelling whose documentation names a kernel file', () => {
  const symbols = modelSymbols(new Map([['packages/models/of/src/a.ts', source]]))
  expect(symbols.map(({ symbol, kind, kernelFile, line }) => [symbol, kind, kernelFile, line])).toEqual([
    ['OF_ONE', 'constant', 'drivers/of/base.c', 21],
    ['OF_TWO', 'constant', 'drivers/of/base.c', 22],
    ['of_attach_node', 'function', 'drivers/of/dynamic.c', 4],
    ['OF_DYNAMIC', 'constant', 'include/linux/of.h', 12],
    ['of_changeset', 'struct', 'include/linux/of.h', 9],
  ])
})

it('a function that another declaration models as well has the place of that declaration', () => {
  const text = `/** Models \`f\` (lib/a.c, v4.18) with \`g(x, 1)\` and \`shared\`: calls \`h\` between. */
export function f(): void {}

/** Does what \`k\` does. Leaves \`l\` out. */
export function ours(): void {}
`
  const files = new Map([['a.ts', text]])
  const functions = new Map([
    ['lib/a.c', ['f', 'g', 'h', 'shared']],
    ['lib/b.c', ['k', 'l', 'shared']],
  ])
  const found = functionsModelledWithOthers(files, functions, modelSymbols(files))
  expect(found.map(({ symbol, kernelFile, line }) => [symbol, kernelFile, line])).toEqual([
    ['g', 'lib/a.c', 2],
    ['shared', 'lib/a.c', 2],
    ['k', 'lib/b.c', 5],
  ])
})

it('the functions of every kernel file that the models name are known', async () => {
  const { files } = await readModelSources(modelPackages())
  const { byFile } = kernelFunctions()
  const unknown = modelSymbols(files).filter(({ kernelFile }) => !byFile.has(kernelFile))
  expect(unknown.map(({ symbol, kernelFile }) => `${symbol}: ${kernelFile}`)).toEqual([])
})

it('a name in kernel spelling without a kernel file is reported with its place', () => {
  expect(symbolsWithoutKernelFile(new Map([['a.ts', source]]))).toEqual([
    'a.ts:18 of_node_get',
    'a.ts:24 OF_THREE',
  ])
})

/** Names that do not exist in C, or whose kernel file is not in `data/kernel-functions.json`. */
const withoutFile = new Set([
  'NULL_NAME',
  'char_array',
  'do_one_initcall',
  'plain_kobject',
  'vfs_read',
  'vfs_readdir',
  'vfs_write',
])

it('the documentation of every exported declaration in kernel spelling names its kernel file', async () => {
  const { files } = await readModelSources(modelPackages())
  const functions = new Set([...kernelFunctions().byFile.values()].flat())
  const missing = symbolsWithoutKernelFile(files).filter((place) => {
    const name = place.replace(/^.* /, '')
    const isFirmware = place.startsWith('packages/models/powervm/')
    return !isFirmware && !withoutFile.has(name) && (name.includes('_') || functions.has(name))
  })
  expect(missing).toEqual([])
})

it('the documentation of every function of a modelled kernel file names that file, including private functions', async () => {
  const { files } = await readModelSources(modelPackages())
  const functions = new Set([...kernelFunctions().byFile.values()].flat())
  const missing = symbolsWithoutKernelFile(files, 'functions').filter((place) =>
    functions.has(place.replace(/^.* /, '')),
  )
  expect(missing).toEqual([])
})

it('a function of ours has a name that call chains leave out', async () => {
  const { files } = await readModelSources(modelPackages())
  const functions = new Set([...kernelFunctions().byFile.values()].flat())
  const taken = [...files].flatMap(([path, text]) =>
    [...text.matchAll(/^(?:export )?function\*? ([a-z][a-z0-9]*)\b/gm)]
      .map(([, name = '']) => name)
      .filter((name) => isKernelFunction(name) && !functions.has(name))
      .map((name) => `${path}: ${name}`),
  )
  expect(taken.filter((place) => !place.startsWith('packages/models/powervm/'))).toEqual([])
})
