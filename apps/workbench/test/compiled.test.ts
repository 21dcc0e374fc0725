// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildCommand, pfo, root, scratch } from './support.ts'

const app = join(root, 'apps/workbench')

beforeAll(buildCommand, 300_000)
afterAll(() => {
  rmSync(join(app, 'dist/bundle-of-test'), { recursive: true, force: true })
})

it('no compiled file imports a TypeScript file (tsc does not rewrite every import)', () => {
  const files = ['apps', 'packages'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\/dist\/.*\.js$/.test(file) && !file.includes('node_modules'))
      .map((file) => join(root, folder, file)),
  )
  expect(files.length).toBeGreaterThan(100)
  const importing = files.filter((file) =>
    /(?:from|import\()\s*['"]\.[^'"]*\.ts['"]/.test(readFileSync(file, 'utf8')),
  )
  expect(importing).toEqual([])
})

it('the C engine is loaded by the compiled command', async () => {
  const { code, stdout, stderr } = await pfo('compare', '--kernel', '/nope')
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^pfo: [^\n]*\n$/)
})

describe('the bundle', () => {
  const bundles = join(app, 'dist/bundle-of-test')
  const run = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [...args], { cwd: app, encoding: 'utf8' })
  interface Bundle {
    readonly main: string
    readonly inputs: readonly (readonly [path: string, size: number, mtimeMs: number])[]
  }
  function bundle(): Bundle {
    run('bundle.js', 'bundle-of-test')
    return JSON.parse(readFileSync(join(bundles, 'bundle.json'), 'utf8')) as Bundle
  }

  let before: Bundle
  let last: Bundle
  const now = Date.now()
  // Three earlier bundles. The second replaced the first more than a day ago. The third is from a build that crashed.
  const earlier = [400_000_000, 300_000_000, 200_000_000].map((age) => String(now - age))
  const [first = '', second = ''] = earlier
  beforeAll(() => {
    for (const name of earlier) mkdirSync(join(bundles, name), { recursive: true })
    for (const name of [first, second]) {
      writeFileSync(join(bundles, name, 'replaced'), '')
      utimesSync(join(bundles, name, 'replaced'), Number(name) / 1000, Number(name) / 1000)
    }
    before = bundle()
    last = bundle()
  }, 300_000)

  it('prints what the compiled files print', () => {
    for (const what of ['scenarios', 'patches']) {
      const printed = run(last.main, 'list', what)
      expect(printed.length).toBeGreaterThan(100)
      expect(printed).toBe(run('dist/main.js', 'list', what))
    }
  })

  it('stays for a day after it is replaced, for commands that still run', () => {
    expect(last.main).not.toBe(before.main)
    expect(existsSync(join(bundles, first))).toBe(false)
    expect(existsSync(join(bundles, second))).toBe(true)
    expect(run(before.main, 'list', 'scenarios')).toBe(run(last.main, 'list', 'scenarios'))
  })

  it('is made from modules, their package.json files and scenarios', () => {
    const paths = last.inputs.map(([path]) => path)
    for (const path of [
      'dist/main.js',
      'package.json',
      '../../packages/engines/c/dist/engine.js',
      '../../packages/engines/c/package.json',
      '../../packages/workbench/scenario/scenarios/standard',
    ]) {
      expect(paths).toContain(path)
    }
  })

  it('is used only while it exists and its inputs are unchanged', () => {
    const copy = join(scratch, 'app')
    for (const name of ['bin', 'dist/bundle/1']) mkdirSync(join(copy, name), { recursive: true })
    cpSync(join(app, 'bin/pfo.js'), join(copy, 'bin/pfo.js'))
    writeFileSync(join(copy, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(copy, 'dist/main.js'), 'console.log("compiled")')
    writeFileSync(join(copy, 'dist/bundle/1/main.js'), 'console.log("bundled")')
    const pfo = (): string => run(join(copy, 'bin/pfo.js'))
    expect(pfo()).toBe('compiled\n')
    const { size, mtimeMs } = statSync(join(copy, 'package.json'))
    const made = { main: 'dist/bundle/1/main.js', inputs: [['package.json', size, mtimeMs]] }
    writeFileSync(join(copy, 'dist/bundle/bundle.json'), JSON.stringify(made))
    expect(pfo()).toBe('bundled\n')
    renameSync(join(copy, made.main), join(copy, 'elsewhere.js'))
    expect(pfo()).toBe('compiled\n')
    renameSync(join(copy, 'elsewhere.js'), join(copy, made.main))
    expect(pfo()).toBe('bundled\n')
    writeFileSync(join(copy, 'package.json'), '{ "type": "module", "version": "2.0.0" }')
    expect(pfo()).toBe('compiled\n')
  })
})
