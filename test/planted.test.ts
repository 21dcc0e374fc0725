// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifestOf, root, workspaceFolders } from './support/workspace.ts'

describe('each package', () => {
  it.each(workspaceFolders)('is of one kind, and has a name for the rules of imports: %s', (folder) => {
    expect(manifestOf(folder).nx?.tags).toEqual([
      expect.stringMatching(/^scope:(shared|model|workbench|engine|c|c-with-models|app)$/),
      expect.stringMatching(/^package:[a-z0-9-]+$/),
    ])
  })
})

/** Packages to plant in a copy of the repository, with their kind. */
const planted = {
  'packages/c/planted-ir': 'scope:c',
  'packages/c/planted-machine': 'scope:c-with-models',
  'packages/engines/planted-c': 'scope:engine',
  'packages/shared/planted-shared': 'scope:shared',
} as const

/** npm name of a planted package. */
const nameOf = (folder: string): string => `@pfo-workbench/${basename(folder)}`

/** Imports to try in the copy, and whether lint accepts them. */
const imports: readonly (readonly [folder: keyof typeof planted, specifier: string, isAccepted: boolean])[] =
  [
    ['packages/c/planted-ir', '@pfo-workbench/run', false],
    ['packages/c/planted-ir', '@pfo-workbench/play', false],
    ['packages/c/planted-ir', '@pfo-workbench/patch', false],
    ['packages/c/planted-ir', '@pfo-workbench/kernel', false],
    ['packages/c/planted-ir', '@pfo-workbench/engine-models', false],
    ['packages/c/planted-ir', '@pfo-workbench/planted-machine', true],
    ['packages/c/planted-ir', '@pfo-workbench/errors', true],
    ['packages/shared/planted-shared', '@pfo-workbench/run', false],
    ['packages/shared/planted-shared', '@pfo-workbench/clang', false],
    ['packages/shared/planted-shared', '@pfo-workbench/kernel', false],
    ['packages/shared/planted-shared', '@pfo-workbench/errors', true],
    ['packages/c/planted-machine', '@pfo-workbench/run', false],
    ['packages/c/planted-machine', '@pfo-workbench/oracle', false],
    ['packages/c/planted-machine', '@pfo-workbench/of', false],
    ['packages/c/planted-machine', '@pfo-workbench/kernel', true],
    ['packages/c/planted-machine', '@pfo-workbench/powervm', true],
    ['packages/c/planted-machine', '@pfo-workbench/planted-ir', true],
    ['packages/engines/planted-c', '@pfo-workbench/compare', false],
    ['packages/engines/planted-c', '@pfo-workbench/report', false],
    ['packages/engines/planted-c', '@pfo-workbench/run', true],
    ['packages/engines/planted-c', '@pfo-workbench/planted-machine', true],
  ]

/** Lints in the copy, in a separate process, because the project graph depends on the working directory. */
const program = `
import { ESLint } from 'eslint'
const rule = '@nx/enforce-module-boundaries'
const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => ruleId === rule,
  overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false, project: false } } },
})
const told = []
for (const [folder, specifier] of JSON.parse(process.argv[1])) {
  const text = \`import * as other from '\${specifier}'\\n\\nexport const it: unknown = other\\n\`
  const [{ messages }] = await eslint.lintText(text, { filePath: \`\${folder}/src/new-file.ts\` })
  told.push(messages.map(({ ruleId, message }) => \`\${ruleId}: \${message}\`))
}
process.stdout.write(JSON.stringify(told))
`

describe('lint, in a repository with packages for C,', () => {
  const copy = mkdtempSync(join(tmpdir(), 'pfo-planted-'))
  let told: string[][]

  beforeAll(() => {
    for (const file of [
      'package.json',
      'package-lock.json',
      'nx.json',
      'eslint.config.js',
      'tsconfig.base.json',
    ])
      cpSync(join(root, file), join(copy, file))
    for (const folder of workspaceFolders) {
      mkdirSync(join(copy, folder), { recursive: true })
      cpSync(join(root, folder, 'package.json'), join(copy, folder, 'package.json'))
    }
    for (const [folder, tag] of Object.entries(planted)) {
      mkdirSync(join(copy, folder), { recursive: true })
      const manifest = {
        name: nameOf(folder),
        version: '0.1.0',
        exports: './src/index.ts',
        nx: { tags: [tag, `package:${basename(folder)}`] },
      }
      writeFileSync(join(copy, folder, 'package.json'), JSON.stringify(manifest))
    }
    // External packages come from this repository, workspace packages from the copy.
    mkdirSync(join(copy, 'node_modules/@pfo-workbench'), { recursive: true })
    for (const name of readdirSync(join(root, 'node_modules')).filter((one) => one !== '@pfo-workbench'))
      symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
    const names = [
      ...workspaceFolders.map((folder) => [folder, manifestOf(folder).name] as const),
      ...Object.keys(planted).map((folder) => [folder, nameOf(folder)] as const),
    ]
    for (const [folder, name] of names) symlinkSync(join(copy, folder), join(copy, 'node_modules', name))
    const args = ['--input-type=module', '--eval', program, JSON.stringify(imports)]
    const output = execFileSync(process.execPath, args, { cwd: copy, encoding: 'utf8' })
    told = JSON.parse(output.slice(output.lastIndexOf('\n') + 1)) as string[][]
  }, 180_000)

  afterAll(() => {
    rmSync(copy, { recursive: true, force: true })
  })

  it.each(imports.map((one, index) => [index, ...one] as const))(
    '%i: accepts or refuses that %s imports %s (accepted: %s)',
    (index, _folder, _specifier, isAccepted) => {
      const complaints = told[index]
      if (isAccepted) expect(complaints).toEqual([])
      else
        expect(complaints).toEqual([
          expect.stringMatching(
            /^@nx\/enforce-module-boundaries: A project tagged with "scope:.* can only depend on/,
          ),
        ])
    },
  )
})
