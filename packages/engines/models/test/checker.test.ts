// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import fc from 'fast-check'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { compilerOptions, TypeChecker } from '../src/compile/checker.ts'
import type { SourceFiles } from '@pfo-workbench/variant'
import type { ModelSources } from '../src/sources.ts'
import { virtualPath, VirtualHost } from '../src/compile/virtual-host.ts'

it('models are checked with the compiler options of the repository', () => {
  const file = join(import.meta.dirname, '../../../../tsconfig.base.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    join(file, '..'),
  )
  // Excludes options that concern files on disk or that models set differently. `declaration` follows from `composite`.
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

const base = 'packages/models/of/src/base.ts'
const index = 'packages/models/of/src/index.ts'
const bus = 'packages/models/vio/src/index.ts'
const driver = 'packages/models/nx/src/index.ts'

/** A driver that uses types of the bus, which depend on types of the core. */
const models: ModelSources = {
  files: new Map([
    [base, 'export function count(): number {\n  return 1\n}\n'],
    [index, "export * from './base.ts'\n"],
    [driver, "import { twice } from 'vio'\n\nexport const four: number = twice.of\n"],
    [
      bus,
      "import { count } from 'of'\n\nexport const twice: { of: ReturnType<typeof count> } = { of: count() }\n",
    ],
  ]),
  entries: new Map([
    ['of', index],
    ['vio', bus],
    ['nx', driver],
  ]),
}

type Change = Readonly<Record<string, string | null>>

function filesWith(change: Change): SourceFiles {
  const all = new Map<string, string | null>([...models.files, ...Object.entries(change)])
  return new Map([...all].flatMap(([path, text]) => (text === null ? [] : [[path, text]])))
}

const check = (checker: TypeChecker, change: Change): string[] =>
  checker.check(filesWith(change), Object.keys(change))

const countsText = 'export function count(): string {\n  return "1"\n}\n'

describe('a check of a variant', () => {
  it('includes unchanged files whose types depend, directly or indirectly, on changed files', () => {
    const checker = new TypeChecker(models)
    for (let time = 0; time < 2; time++) {
      expect(check(checker, { [base]: countsText })).toEqual([
        `${driver}:3: Type 'string' is not assignable to type 'number'.`,
      ])
    }
  })

  it('includes a file again that passed with other types', () => {
    const checker = new TypeChecker(models)
    const adapted = "import { twice } from 'vio'\n\nexport const four: string = twice.of\n"
    expect(check(checker, { [base]: countsText, [driver]: adapted })).toEqual([])
    expect(check(checker, { [driver]: adapted })).toHaveLength(1)
  })

  it('includes all files if one of them declares a global', () => {
    const globals = `export {}\ndeclare global {\n  interface Number {\n    missed: number\n  }\n}\n`
    const asks = 'export const four: Number extends { missed: number } ? 1 : 2 = 2\n'
    const before = { ...models, files: filesWith({ [driver]: asks }) }
    const checker = new TypeChecker(before)
    const after = new Map([...before.files, ['packages/models/of/src/globals.ts', globals]])
    expect(checker.check(after, ['packages/models/of/src/globals.ts'])).toHaveLength(1)
  })
})

/** Number of errors that TypeScript finds in all files without earlier results. */
function checkAll(files: SourceFiles, parsed: Map<string, ts.SourceFile>): number {
  const host = new VirtualHost(files, models.entries, parsed)
  const program = ts.createProgram([...files.keys()].map(virtualPath), compilerOptions, host)
  return ts.sortAndDeduplicateDiagnostics([
    ...program.getSyntacticDiagnostics(),
    ...program.getSemanticDiagnostics(),
    ...program.getDeclarationDiagnostics(),
  ]).length
}

it('finds as many errors as a check of all files, whatever was checked before', () => {
  const choices: Readonly<Record<string, readonly (string | null)[]>> = {
    [base]: [
      countsText,
      'export function count(): number {\n  return "1"\n}\n',
      '/** One. */\nexport function count(): number {\n  const one = 1\n  return one\n}\n',
      'export const count = () => 1\n',
      'export function count(): number {\n',
      null,
    ],
    [index]: ["export { count } from './base.ts'\n", "export type * from './base.ts'\n", 'export {}\n'],
    [bus]: [
      "import { count } from 'of'\n\nexport const twice: { of: number } = { of: count() }\n",
      'export const twice: { of: number } = { of: 2 }\n',
    ],
    [driver]: [
      "import { count } from 'of'\n\nexport const four: number = count()\n",
      'declare global {\n  interface Number {\n    x: 1\n  }\n}\nexport const four: number = (4).x\n',
    ],
  }
  const change = fc
    .record(
      Object.fromEntries(Object.entries(choices).map(([path, texts]) => [path, fc.constantFrom(...texts)])),
      { requiredKeys: [] },
    )
    .map((chosen): Change =>
      Object.fromEntries(
        Object.entries(chosen).flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])),
      ),
    )
  const parsed = new Map<string, ts.SourceFile>()
  fc.assert(
    fc.property(fc.array(change, { minLength: 2, maxLength: 6 }), (changes) => {
      const checker = new TypeChecker(models)
      for (const one of changes) expect(check(checker, one)).toHaveLength(checkAll(filesWith(one), parsed))
    }),
    { numRuns: 8 },
  )
}, 60_000)
