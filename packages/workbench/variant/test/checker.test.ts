// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { compilerOptions } from '../src/checker.ts'

it('models are checked with the options of the repository', () => {
  const file = join(import.meta.dirname, '../../../../tsconfig.base.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    join(file, '..'),
  )
  // What concerns files on disk, or is set for models otherwise, has no meaning here; `declaration` is what `composite` implies.
  for (const name of [
    'composite',
    'declarationMap',
    'sourceMap',
    'customConditions',
    'types',
    'configFilePath',
    'pathsBasePath',
  ])
    Reflect.deleteProperty(options, name)
  const { noEmit, declaration, types, ...ours } = compilerOptions
  expect([noEmit, declaration, types]).toEqual([true, true, []])
  expect(ours).toEqual(options)
})
