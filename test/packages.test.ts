// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { exampleOf, install, packAll, type PackedPackage, type ReadmeExample } from './support/packed.ts'

const folder = mkdtempSync(join(tmpdir(), 'pfo-packed-'))
const packed: PackedPackage[] = packAll(folder)

interface Project {
  readonly project: string
  readonly example: ReadmeExample
  readonly source: string
}

const projects = new Map<string, Project>()

/** Returns the project of a package: the example of its README and the packages that it asks for. Made only once. */
function projectOf(one: PackedPackage): Project {
  const made = projects.get(one.name) ?? makeProject(one)
  projects.set(one.name, made)
  return made
}

function makeProject({ name, readme }: PackedPackage): Project {
  const example = exampleOf(readme)
  const project = mkdtempSync(join(folder, `${name.replace('/', '+')}-`))
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n')
  install(project, example.packages, packed)
  const source = join(project, `example.${example.language}`)
  writeFileSync(source, example.code)
  return { project, example, source }
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

/** Compiler messages for JavaScript or TypeScript programs under a module resolution mode. */
function complaints(files: readonly string[], moduleResolution: 'node16' | 'bundler'): string[] {
  const options: ts.CompilerOptions = {
    ...(moduleResolution === 'node16'
      ? { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }
      : { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }),
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
    allowJs: true,
    checkJs: true,
    skipDefaultLibCheck: true,
    types: ['node'],
  }
  return ts
    .getPreEmitDiagnostics(ts.createProgram(files, options))
    .map(
      ({ file, messageText }) =>
        `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    )
}

describe.each(packed)('$name, packed', (one) => {
  it('contains what it needs and nothing else', () => {
    const files = execFileSync('tar', ['-tzf', one.tarball], { encoding: 'utf8' }).trim().split('\n')
    const allowed =
      /^package\/(LICENSE|README\.md|package\.json|(dist|src|scenarios|schema|assets|data)\/.*)$/
    expect(
      files.filter((file) => !allowed.test(file) || /tsbuildinfo|[/]tests?[/]|\.test\.|fixture/.test(file)),
    ).toEqual([])
    expect(files).toEqual(
      expect.arrayContaining(['package/LICENSE', 'package/README.md', 'package/dist/index.js']),
    )
  })

  it('runs the example of its README in an empty project, with the output that the README shows', () => {
    const { project, example } = projectOf(one)
    const program = join(project, 'program.js')
    writeFileSync(
      program,
      ts.transpileModule(example.code, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
      }).outputText,
    )
    const printed = execFileSync(process.execPath, [program], { cwd: project, encoding: 'utf8' })
    expect(printed).toBe(example.output)
  })

  it('has no complaint of publint', async () => {
    const tarball = readFileSync(one.tarball)
    const { messages, pkg } = await publint({
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) },
      strict: true,
    })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  it('has correct types in every resolution mode for ES modules', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(one.tarball)))
    const problems = analysis.types === false ? ['no types'] : analysis.problems
    // Packages are ES modules. `require()` and the resolution mode of Node 10 are not supported.
    const promised = problems.filter(
      (problem) =>
        typeof problem === 'string' ||
        !('resolutionKind' in problem) ||
        (problem.resolutionKind !== 'node10' && problem.resolutionKind !== 'node16-cjs'),
    )
    expect(promised).toEqual([])
  })
})

it.each(['node16', 'bundler'] as const)('the examples type-check with moduleResolution %s', (resolution) => {
  expect(
    complaints(
      packed.map((one) => projectOf(one).source),
      resolution,
    ),
  ).toEqual([])
})

describe('comparePatches, from an empty project', () => {
  const compare = packed.find(({ name }) => name === '@pfo-workbench/compare')
  if (compare === undefined) throw new Error('compare was not packed')
  const patch = join(import.meta.dirname, '../patches/wipe.patch')
  const begin = `
    import { comparePatches } from '@pfo-workbench/compare'
    import { ModelEngine } from '@pfo-workbench/engine-models'
    import { shippedScenarios } from '@pfo-workbench/scenario'
    import { readFileSync } from 'node:fs'
    const engine = new ModelEngine()
    const children = () => readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim()
  `

  /** JSON that a JavaScript program prints. */
  const run = (name: string, program: string): unknown => {
    const file = join(projectOf(compare).project, name)
    writeFileSync(file, begin + program)
    return JSON.parse(execFileSync(process.execPath, [file, patch], { encoding: 'utf8' }))
  }

  it('reports the findings of a custom oracle, and no others', () => {
    const found = run(
      'own-oracle.js',
      `
      const oracle = {
        id: 'long-console',
        title: 'the console has many lines',
        examine: (run) => [{
          oracle: 'long-console', kind: 'in-words', subject: 'console', step: run.steps.length - 1,
          count: run.console.length, data: { message: run.console.length + ' lines' }, evidence: [],
        }],
      }
      const scenarios = shippedScenarios().filter(({ id }) => id === 'lpm-twice-hierarchy')
      const { cells, oracles } = await comparePatches({ engine, patches: [process.argv[2]], scenarios, oracles: [oracle] })
      console.log(JSON.stringify({
        oracles,
        found: cells.map(({ variant, findings }) => [variant, ...findings.map(({ oracle }) => oracle)]),
        children: children(),
      }))
      `,
    )
    expect(found).toEqual({
      oracles: [{ id: 'long-console', title: 'the console has many lines' }],
      found: [
        ['baseline', 'long-console'],
        ['wipe', 'long-console'],
      ],
      children: '',
    })
  })

  it.each(['applying and checking', 'ran 1/'])(
    'ends when it is aborted, and leaves no child: %s',
    (moment) => {
      const ended = run(
        'aborted.js',
        `
      const abort = new AbortController()
      const onProgress = ({ doing }) => {
        if (doing?.startsWith(${JSON.stringify(moment)})) abort.abort(new Error('enough'))
      }
      const options = { engine, patches: [process.argv[2]], scenarios: shippedScenarios(), signal: abort.signal, onProgress }
      const message = await comparePatches(options).then(() => 'it went on', ({ message }) => message)
      console.log(JSON.stringify({ message, children: children() }))
      `,
      )
      expect(ended).toEqual({ message: 'enough', children: '' })
    },
  )
})
