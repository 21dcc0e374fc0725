// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildCommand, pfo, root } from './support.ts'

const app = join(root, 'apps/workbench')

beforeAll(buildCommand, 300_000)
afterAll(() => {
  rmSync(join(app, 'dist/bundle-of-test'), { recursive: true, force: true })
})

it('no compiled file imports a TypeScript file, which tsc leaves in some functions', () => {
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

it('the bundle prints what the compiled files print', () => {
  const run = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [...args], { cwd: app, encoding: 'utf8' })
  run('bundle.js', 'bundle-of-test')
  for (const what of ['scenarios', 'patches']) {
    const printed = run('dist/bundle-of-test/main.js', 'list', what)
    expect(printed.length).toBeGreaterThan(100)
    expect(printed).toBe(run('dist/main.js', 'list', what))
  }
})
