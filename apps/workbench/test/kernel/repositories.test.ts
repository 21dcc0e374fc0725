// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildCommand, pfo, write } from '../support.ts'
import { findsClang, makeFolder, patchOf } from './support.ts'
import { writeKernel } from './tiny-kernel.ts'

const hasClang = await findsClang('Tests of repositories')

beforeAll(() => {
  buildCommand()
  write('my.patch', patchOf(['drivers/pump.c', 'return limit(speed);', 'return limit(speed + 1);']))
})

const person = ['-c', 'user.name=A', '-c', 'user.email=a@example.invalid']

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, ...person, ...args], { encoding: 'utf8' }).trim()

/** A repository whose HEAD is the tiny kernel, below `prefix`. */
function makeRepository(prefix = ''): string {
  const folder = makeFolder()
  writeKernel(join(folder, prefix))
  git(folder, 'init', '--quiet')
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message=first')
  return folder
}

/** Content, mode and times of every file below a folder, by path. */
function contentOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    paths.map((path) => {
      const file = join(folder, path)
      const { mode, mtimeMs, ctimeMs } = lstatSync(file)
      const text = lstatSync(file).isFile() ? readFileSync(file, 'base64') : ''
      return [path, `${mode.toString(8)} ${String(mtimeMs)} ${String(ctimeMs)} ${text}`]
    }),
  )
}

/** Runs `pfo build` on a tree, and expects that everything below `folder` is unchanged afterwards. */
async function buildOn(folder: string, tree = folder): ReturnType<typeof pfo> {
  const before = contentOf(folder)
  const ended = await pfo('build', 'my.patch', '--kernel', tree)
  expect(contentOf(folder)).toEqual(before)
  return ended
}

const compiles = 'drivers/pump.c: compiles; changed: pump_run()'

describe.runIf(hasClang)('pfo builds a patch on (skipped without clang)', () => {
  it('a bare repository', async () => {
    const folder = join(makeFolder(), 'bare.git')
    git(makeRepository(), 'clone', '--quiet', '--bare', '.', folder)
    const { code, stdout, stderr } = await buildOn(folder)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`6.6.3 (${git(folder, 'rev-parse', '--short=12', 'HEAD')})`)
    expect(stdout).toContain(compiles)
  })

  it('HEAD of a work tree with changes, and counts the files that it does not use', async () => {
    const folder = makeRepository()
    writeFileSync(join(folder, 'drivers/pump.c'), '#error changed\n')
    writeFileSync(join(folder, 'drivers/fan.c'), '#error staged\n')
    git(folder, 'add', 'drivers/fan.c')
    rmSync(join(folder, 'kernel/bounds.c'))
    const { code, stdout, stderr } = await buildOn(folder)
    const head = git(folder, 'rev-parse', '--short=12', 'HEAD')
    expect(stderr).toContain(`3 changed files of the work tree are not used: HEAD (${head}) is`)
    expect(code).toBe(0)
    expect(stdout).toContain(compiles)
  })

  it.each([
    ['the repository', '', 'drivers'],
    ['the kernel in a folder of the repository', 'src/linux', 'src/linux'],
    ['a folder of that kernel', 'src/linux', 'src/linux/drivers'],
  ])('a folder in a repository: %s', async (_what, prefix, below) => {
    const folder = makeRepository(prefix)
    const { code, stdout, stderr } = await buildOn(folder, join(folder, below))
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(compiles)
  })

  it('a folder without git, and a folder in it', async () => {
    const folder = writeKernel(makeFolder())
    for (const tree of [folder, join(folder, 'drivers')]) {
      const { code, stdout, stderr } = await buildOn(folder, tree)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toContain(compiles)
    }
  })

  it('a copy of a repository whose objects another repository holds', async () => {
    const origin = makeRepository()
    const folder = join(makeFolder(), 'shared')
    git(origin, 'clone', '--quiet', '--shared', '.', folder)
    const before = contentOf(origin)
    expect((await buildOn(folder)).stdout).toContain(compiles)
    expect(contentOf(origin)).toEqual(before)
  })
})

describe('pfo refuses', () => {
  it('a partial clone, because git would fetch into it', async () => {
    const origin = makeRepository()
    git(origin, 'config', 'uploadpack.allowFilter', 'true')
    const folder = join(makeFolder(), 'partial')
    git(origin, 'clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${origin}`, folder)
    const { code, stdout, stderr } = await buildOn(folder)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^pfo: [^\n]*partial clone[^\n]*\n$/)
  })
})
