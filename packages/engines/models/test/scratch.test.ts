// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { VariantError } from '@pfo-workbench/variant'
import { VariantBuilder } from '../src/index.ts'
import { base, replacing, seriesOf, specOf, useWorkshop } from './fixture.ts'

const workshop = useWorkshop()

describe('the user', () => {
  it('finds their own repository untouched and their configuration without a say, even when git is told about them', async () => {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: workshop.fixture.root, encoding: 'utf8' })
    git('init', '--quiet')
    writeFileSync(
      join(workshop.fixture.root, '.git/hooks/post-applypatch'),
      '#!/bin/sh\ntouch "$PWD/hook-ran"\n',
      {
        mode: 0o755,
      },
    )
    git('add', '--all')
    git('-c', 'user.name=U', '-c', 'user.email=u@example.org', 'commit', '--quiet', '--message=x')
    const state = (): unknown => [
      git('status', '--porcelain', '--ignored'),
      git('for-each-ref'),
      git('stash', 'list'),
      readFileSync(join(workshop.fixture.root, '.git/index')).toString('hex'),
      statSync(join(workshop.fixture.root, '.git/config')).mtimeMs,
      readdirSync(join(workshop.fixture.root, '.git')).sort(),
    ]
    const before = state()
    const trace = join(workshop.fixture.root, 'config-ran')
    const home = mkdtempSync(join(tmpdir(), 'pfo-home-'))
    writeFileSync(join(home, 'attributes'), '* filter=own diff=own\n')
    writeFileSync(
      join(home, '.gitconfig'),
      `[core]
  attributesFile = ${home}/attributes
  fsmonitor = touch ${trace}
  autocrlf = true
[alias]
  am = !touch ${trace}
[filter "own"]
  clean = touch ${trace}
  smudge = touch ${trace}
[diff]
  external = touch ${trace}
[diff "own"]
  textconv = touch ${trace}
[commit]
  gpgSign = true
[gpg]
  program = false
`,
    )
    const variables = {
      HOME: home,
      XDG_CONFIG_HOME: home,
      GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
      GIT_EXTERNAL_DIFF: `touch ${trace}`,
      GIT_DIR: join(workshop.fixture.root, '.git'),
      GIT_WORK_TREE: workshop.fixture.root,
      GIT_INDEX_FILE: join(workshop.fixture.root, '.git/index'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: join(workshop.fixture.root, '.git/hooks'),
    }
    const series = seriesOf('x', { [base]: replacing('return -1', 'return -2') })
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    try {
      const own = await VariantBuilder.create(workshop.fixture)
      const variant = await own.build(specOf(['x', series]))
      await own.dispose()
      expect(variant.status).toBe('ok')
    } finally {
      vi.unstubAllEnvs()
      rmSync(home, { recursive: true })
    }
    expect(existsSync(trace)).toBe(false)
    expect(state()).toEqual(before)
  })
})

describe('the scratch repository', () => {
  // A temporary folder of their own: other tests and other users make scratch repositories too.
  const temporary = mkdtempSync(join(tmpdir(), 'pfo-builder-test-'))
  const scratch = (): string[] => readdirSync(temporary).filter((name) => name.startsWith('pfo-scratch-'))

  beforeAll(() => {
    vi.stubEnv('TMPDIR', temporary)
  })

  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true })
  })

  it('is gone when the builder is disposed of, and the builder of no use', async () => {
    const before = new Set(scratch())
    const own = await VariantBuilder.create(workshop.fixture)
    const [mine = ''] = scratch().filter((name) => !before.has(name))
    expect(mine).not.toBe('')
    await own.dispose()
    expect(scratch()).not.toContain(mine)
    await expect(own.build({ id: 'late', title: '', patches: [] })).rejects.toThrow(VariantError)
  })

  it('is gone when the process exits', async () => {
    const before = new Set(scratch())
    const listeners = new Set(process.listeners('exit'))
    const own = await VariantBuilder.create(workshop.fixture)
    const mine = scratch().filter((name) => !before.has(name))
    for (const listener of process.listeners('exit')) if (!listeners.has(listener)) listener(0)
    for (const name of mine) expect(scratch()).not.toContain(name)
    expect(mine).not.toEqual([])
    await own.dispose()
  })

  it('is not made for models that are not there', async () => {
    const before = scratch().length
    const models = [{ name: '@pfo-workbench/nothing', dir: join(workshop.fixture.root, 'nothing') }]
    await expect(VariantBuilder.create({ ...workshop.fixture, models })).rejects.toMatchObject({
      code: 'sources',
      message: expect.stringContaining('@pfo-workbench/nothing') as unknown,
    })
    expect(scratch().length).toBe(before)
  })
})
