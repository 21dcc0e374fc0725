// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PatchError } from '@pfo-workbench/patch'
import { describe, expect, it } from 'vitest'
import { ModelEngine } from '../src/index.ts'
import { modelPaths } from '../src/paths.ts'

const engine = new ModelEngine()

/** Returns the error that a patch file is refused with. */
function refusal(text: string, source = 'x.patch'): PatchError {
  try {
    engine.readPatch(text, source)
  } catch (fault) {
    if (fault instanceof PatchError) return fault
    throw fault
  }
  throw new Error('it was accepted')
}

const diffOf = (path: string): string => `diff --git a/${path} b/${path}
--- a/${path}
+++ b/${path}
@@ -10,2 +10,2 @@
 one
-two
+deux
`

describe('a patch of the models', () => {
  it('can change TypeScript sources of model packages', () => {
    const { patches } = engine.readPatch(diffOf('packages/models/nx-842/src/a/b.ts'), 'x.patch')
    expect(patches[0]?.files.map(({ path }) => path)).toEqual(['packages/models/nx-842/src/a/b.ts'])
  })

  it.each([
    'packages/models/of/package.json',
    'packages/models/of/test/x.ts',
    'packages/models/of/src/.gitattributes',
    'packages/models/of/src/x.js',
    'packages/workbench/patch/src/index.ts',
    'nx.json',
  ])('cannot change %s', (path) => {
    expect(refusal(diffOf(path))).toMatchObject({
      code: 'path',
      message: expect.stringContaining(
        `'${path}' is not a source file of a model. Accepted: patches touch only packages/models/<model>/src/**/*.ts.`,
      ) as unknown,
    })
  })

  it.each([...modelPaths.moved])('for %s, which was renamed, is told the new path', (before, now) => {
    expect(refusal(diffOf(before))).toMatchObject({
      code: 'moved',
      message: expect.stringContaining(`${before} has moved to ${now}`) as unknown,
    })
    const root = join(import.meta.dirname, '../../../..')
    expect([existsSync(join(root, before)), existsSync(join(root, now))]).toEqual([false, true])
    const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
    for (const path of [before, now]) expect(changelog).toContain(path.replace('packages/models/', ''))
  })

  it('is refused with a hint if its file names lack a/ and b/', () => {
    const error = refusal(
      diffOf('packages/models/of/src/base.ts').replaceAll(/ [ab]\/packages/g, ' packages'),
    )
    expect(error.message).toContain('the names lack the a/ and b/')
  })
})

describe('a patch against the kernel', () => {
  const hunk =
    '@@ -1,2 +1,2 @@ struct device_node *of_find_node_by_phandle(phandle handle)\n {\n-\tone();\n+\ttwo();\n'
  const kernelPatch = `--- a/drivers/of/base.c\n+++ b/drivers/of/base.c\n${hunk}`

  it('is recognized; the error lists the functions that it touches and what to do', () => {
    const error = refusal(kernelPatch, 'list.mbox')
    expect(error).toMatchObject({
      code: 'c-patch',
      functions: ['of_find_node_by_phandle'],
    })
    expect(error.message).toContain("a patch against the kernel's C sources (drivers/of/base.c)")
    expect(error.message).toContain('touching of_find_node_by_phandle()')
    expect(error.message).toContain('find the functions in packages/models/*/src')
  })

  it('is recognized even if the mail damaged it', () => {
    expect(refusal(kernelPatch.replace('-1,2 +1,2', '-1,9 +1,9')).code).toBe('c-patch')
  })
})
