// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { ESLint } from 'eslint'
import { beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const rule = '@nx/enforce-module-boundaries'

let eslint: ESLint

beforeAll(async () => {
  eslint = new ESLint({
    cwd: root,
    ruleFilter: ({ ruleId }) => ruleId === rule || ruleId.startsWith('no-restricted-'),
    // The rule needs only names. Without types, lint is much faster and the files need not exist.
    overrideConfig: {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { projectService: false, project: false } },
    },
  })
  await complaints('packages/models/of', '@pfo-workbench/kernel')
}, 180_000)

/** Lint messages for a new source file in a package that contains only an import. */
async function complaints(folder: string, specifier: string): Promise<string[]> {
  return complaintsOf(folder, `import * as other from '${specifier}'\n\nexport const it: unknown = other\n`)
}

/** Lint messages for a new source file in a package. */
async function complaintsOf(folder: string, text: string): Promise<string[]> {
  const results = await eslint.lintText(text, { filePath: join(root, folder, 'src/new-file.ts') })
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message }) => `${ruleId ?? 'error'}: ${message}`),
  )
}

describe('lint', () => {
  it.each([
    ['the OF core', 'packages/models/of', 'the pseries platform', '@pfo-workbench/pseries'],
    ['the OF core', 'packages/models/of', 'the VIO bus', '@pfo-workbench/vio'],
    ['the kernel', 'packages/models/kernel', 'the OF core', '@pfo-workbench/of'],
    [
      'the pseries platform',
      'packages/models/pseries',
      'firmware, other than through RTAS',
      '@pfo-workbench/powervm',
    ],
    ['a driver', 'packages/models/nx-842', 'the pseries platform', '@pfo-workbench/pseries'],
    ['a driver', 'packages/models/nx-842', 'another driver', '@pfo-workbench/nx-crypto'],
    ['a model', 'packages/models/of', 'the workbench', '@pfo-workbench/scenario'],
    ['a model', 'packages/models/kernel', 'the workbench', '@pfo-workbench/patch'],
    ['a patch', 'packages/workbench/patch', 'what is made of it', '@pfo-workbench/variant'],
    ['what a run is', 'packages/workbench/run', 'what plays it', '@pfo-workbench/play'],
    ['an oracle', 'packages/workbench/oracle', 'a model', '@pfo-workbench/of'],
    ['an oracle', 'packages/workbench/oracle', 'the text of scenarios', '@pfo-workbench/scenario'],
    ['an oracle', 'packages/workbench/oracle', 'an engine', '@pfo-workbench/engine-models'],
    ['who plays steps', 'packages/workbench/play', 'a kernel', '@pfo-workbench/kernel'],
    ['who plays steps', 'packages/workbench/play', 'an engine', '@pfo-workbench/engine-models'],
    ['a comparison', 'packages/workbench/compare', 'a report', '@pfo-workbench/report'],
    ['a comparison', 'packages/workbench/compare', 'an engine', '@pfo-workbench/engine-models'],
    ['a comparison', 'packages/workbench/compare', 'the text of scenarios', '@pfo-workbench/scenario'],
    ['a report', 'packages/workbench/report', 'an engine', '@pfo-workbench/engine-models'],
    ['a report', 'packages/workbench/report', 'the text of scenarios', '@pfo-workbench/scenario'],
    ['an engine', 'packages/engines/models', 'what compares', '@pfo-workbench/compare'],
    ['an engine', 'packages/engines/models', 'oracles', '@pfo-workbench/oracle'],
    ['a compiler', 'packages/c/clang', 'who decides what is compiled', '@pfo-workbench/kbuild'],
    ['a kernel tree', 'packages/c/kernel-tree', 'the workbench', '@pfo-workbench/patch'],
    ['a model', 'packages/models/of', 'what starts processes', '@pfo-workbench/process'],
    ['what starts processes', 'packages/shared/process', 'the workbench', '@pfo-workbench/run'],
    ['what starts processes', 'packages/shared/process', 'a compiler', '@pfo-workbench/clang'],
    ['the reader of IR', 'packages/c/ir', 'what is made of it', '@pfo-workbench/object'],
    ['an object', 'packages/c/object', 'the linker', '@pfo-workbench/image'],
  ])('refuses that %s (%s) imports %s', async (_who, file, _what, specifier) => {
    const [complaint, ...more] = await complaints(file, specifier)
    expect(complaint).toMatch(new RegExp(`^${rule}: `))
    expect(more).toEqual([])
  })

  it.each([
    ['packages/models/of', '@pfo-workbench/kernel'],
    ['packages/models/pseries', '@pfo-workbench/of'],
    ['packages/models/nx-842', '@pfo-workbench/vio'],
    ['packages/workbench/scenario', '@pfo-workbench/powervm'],
    ['packages/workbench/play', '@pfo-workbench/powervm'],
    ['packages/workbench/oracle', '@pfo-workbench/run'],
    ['packages/workbench/compare', '@pfo-workbench/oracle'],
    ['packages/workbench/report', '@pfo-workbench/run'],
    ['packages/engines/models', '@pfo-workbench/vio'],
    ['packages/engines/models', '@pfo-workbench/play'],
    ['apps/workbench', '@pfo-workbench/engine-models'],
    ['apps/workbench', '@pfo-workbench/report'],
    ['packages/c/kbuild', '@pfo-workbench/kernel-tree'],
    ['packages/c/image', '@pfo-workbench/object/wasm'],
    ['packages/c/kbuild', '@pfo-workbench/errors'],
    ['packages/workbench/variant', '@pfo-workbench/process'],
  ])('accepts that %s imports %s', async (file, specifier) => {
    expect(await complaints(file, specifier)).toEqual([])
  })

  it("refuses an import of another package's files past its index", async () => {
    expect(await complaints('packages/models/of', '../../kernel/src/mm/slab.ts')).toEqual([
      expect.stringContaining(rule) as string,
    ])
  })
})

describe('lint keeps models deterministic and by themselves: it', () => {
  it.each([
    ["import { readFileSync } from 'node:fs'\nexport const it: unknown = readFileSync\n", 'imports'],
    ["import { parse } from 'yaml'\nexport const it: unknown = parse\n", 'imports'],
    ['export const it: number = Date.now()\n', 'globals'],
    ['export const it: number = Math.random()\n', 'properties'],
    ['export let it = 0\n', 'syntax'],
    ['let count = 0\nexport const next = (): number => ++count\n', 'syntax'],
  ])('refuses %j', async (text, rule) => {
    expect(await complaintsOf('packages/models/of', text)).toEqual([
      expect.stringContaining(`no-restricted-${rule}`) as string,
    ])
  })

  it('allows host objects in code that is not a model', async () => {
    const text = "import { readFileSync } from 'node:fs'\nexport const it: unknown = readFileSync\n"
    expect(await complaintsOf('packages/workbench/patch', text)).toEqual([])
  })
})
