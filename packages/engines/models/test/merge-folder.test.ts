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

/** A stack in which the first patch changes a context line of the second, so that git merges them. */
const merged = (): ReturnType<typeof specOf> =>
  specOf(
    ['first', seriesOf('first', { [base]: replacing('return node.count\n', 'return node.count + 10\n') })],
    [
      'second',
      seriesOf('second', {
        [base]: replacing(
          'of_node_put(node: device_node): string {',
          'of_node_put(node: device_node): string { // x',
        ),
      }),
    ],
  )

describe('a merge', () => {
  it("leaves the user's repository untouched and ignores their git configuration, even if the environment points git at them", async () => {
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
    const spec = merged()
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
    try {
      const own = await VariantBuilder.create(workshop.fixture)
      const variant = await own.build(spec)
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

describe('the folder for merges', () => {
  // A private folder, because other tests and users create folders of this kind too.
  const temporary = mkdtempSync(join(tmpdir(), 'pfo-builder-test-'))
  const folders = (): string[] => readdirSync(temporary).filter((name) => name.startsWith('pfo-merge-'))

  beforeAll(() => {
    vi.stubEnv('TMPDIR', temporary)
  })

  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true })
  })

  it('is not created while all patches apply directly', async () => {
    const own = await VariantBuilder.create(workshop.fixture)
    const spec = specOf(['x', seriesOf('x', { [base]: replacing('return -1', 'return -2') })])
    expect((await own.build(spec, 'applied')).status).toBe('ok')
    expect(folders()).toEqual([])
    await own.dispose()
  })

  it('is empty between merges and removed with the builder, which is then unusable', async () => {
    const own = await VariantBuilder.create(workshop.fixture)
    expect((await own.build(merged(), 'applied')).status).toBe('ok')
    const [mine = ''] = folders()
    expect(mine).not.toBe('')
    expect(readdirSync(join(temporary, mine))).toEqual([])
    await own.dispose()
    expect(folders()).toEqual([])
    await expect(own.build({ id: 'late', title: '', patches: [] })).rejects.toThrow(VariantError)
  })

  it('is removed when the process exits', async () => {
    const listeners = new Set(process.listeners('exit'))
    const own = await VariantBuilder.create(workshop.fixture)
    await own.build(merged(), 'applied')
    expect(folders()).toHaveLength(1)
    for (const listener of process.listeners('exit')) if (!listeners.has(listener)) listener(0)
    expect(folders()).toEqual([])
    await own.dispose()
  })

  it('is reported in one line if it cannot be created', async () => {
    const spec = merged()
    vi.stubEnv('TMPDIR', join(temporary, 'missing'))
    const own = await VariantBuilder.create(workshop.fixture)
    await expect(own.build(spec, 'applied')).rejects.toMatchObject({
      code: 'temporary',
      message: expect.stringMatching(
        new RegExp(
          `^no temporary folder can be created in ${join(temporary, 'missing')}: ENOENT[^\\n]*\\. Accepted: a TMPDIR that exists and is writable\\.$`,
        ),
      ) as string,
    })
    await own.dispose()
    vi.stubEnv('TMPDIR', temporary)
  })
})

it('no builder is created for missing models', async () => {
  const models = [{ name: '@pfo-workbench/nothing', dir: join(workshop.fixture.root, 'nothing') }]
  await expect(VariantBuilder.create({ ...workshop.fixture, models })).rejects.toMatchObject({
    code: 'sources',
    message: expect.stringContaining('@pfo-workbench/nothing') as unknown,
  })
})
