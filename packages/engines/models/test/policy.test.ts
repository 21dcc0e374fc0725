// SPDX-License-Identifier: GPL-2.0-only
import { beforeAll, describe, expect, it } from 'vitest'
import { policyFaults } from '../src/compile/policy.ts'
import { modelPackages, readModelSources, type ModelSources } from '../src/sources.ts'

let sources: ModelSources
beforeAll(async () => {
  sources = await readModelSources(modelPackages())
})

const slab = 'packages/models/kernel/src/mm/slab.ts'
const textOf = (path: string): string => sources.files.get(path) ?? ''

it('the sources of variants are the models without the helpers for tests', () => {
  const files = [...sources.files.keys()]
  expect(files).toContain(slab)
  expect(files.filter((path) => path.endsWith('/src/testing.ts'))).toEqual([])
})

describe('a patch must not access call chains', () => {
  it.each([
    ['the innermost call', 'export const x: unknown = __pfoCall'],
    ['the innermost call, in other letters', 'export const x: unknown = \\u005f_pfoCall'],
    ['the innermost call, to be set', 'declare let __pfoCall: unknown\n__pfoCall = null'],
    ['a variable of a function', 'export function f(): unknown { return __pfoUp }'],
    ['a property of that name', "export const x: unknown = ({} as Record<string, unknown>)['__pfoCall']"],
  ])('by naming %s', (_what, text) => {
    expect(policyFaults(slab, text, sources).join()).toContain(
      'names that start with __pfo belong to the workbench',
    )
  })

  it.each([
    ["import { enterKernel } from '../machine/calls.ts'"],
    ["import * as calls from '../machine/calls.ts'"],
    ["export * from '../machine/calls.ts'"],
    ["import '../machine/../machine/calls.ts'"],
  ])('by %s', (text) => {
    for (const path of [slab, 'packages/models/kernel/src/lib/kref.ts'])
      expect(policyFaults(path, text, sources).join()).toContain('call chains belong to the workbench')
  })

  it('from another package', () => {
    expect(
      policyFaults(
        'packages/models/of/src/node.ts',
        "import { enterKernel } from '../../kernel/src/machine/calls.ts'",
        sources,
      ).join(),
    ).toContain('call chains belong to the workbench')
  })

  it('by changing the module that stores them', () => {
    const path = 'packages/models/kernel/src/machine/shadow-stack.ts'
    expect(policyFaults(path, `${textOf(path)}\n`, sources)).not.toEqual([])
  })

  it('but can change everything else in a file that records them', () => {
    expect(textOf(slab)).toContain('machine/calls.ts')
    expect(policyFaults(slab, `${textOf(slab)}\nexport const x: number = 1\n`, sources)).toEqual([])
  })
})
