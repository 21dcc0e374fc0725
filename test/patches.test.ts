// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const models = 'packages/models'
const files = readdirSync(join(root, 'patches'))
  .filter((name) => name.endsWith('.patch'))
  .sort()
  .map((name) => join(root, 'patches', name))

let clone: string

function git(...args: string[]): string {
  const identity = [
    '-c',
    'user.name=A Tester',
    '-c',
    'user.email=tester@example.invalid',
    '-c',
    'commit.gpgsign=false',
  ]
  return execFileSync('git', [...identity, ...args], {
    cwd: clone,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  })
}

/** A repository that holds the model sources as they are here. */
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'pfo-clone-'))
  for (const name of readdirSync(join(root, models))) {
    mkdirSync(join(clone, models, name), { recursive: true })
    cpSync(join(root, models, name, 'src'), join(clone, models, name, 'src'), { recursive: true })
  }
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'The models')
})

afterAll(() => {
  rmSync(clone, { recursive: true, force: true })
})

describe('the shipped patches', () => {
  it('apply with plain git am on the repository, one after the other, without fuzz', () => {
    git('am', '--quiet', ...files)
    expect(git('log', '--format=%s').trim().split('\n')).toHaveLength(files.length + 1)
    expect(git('status', '--porcelain')).toBe('')
  })

  it('change nothing but model sources', () => {
    const first = git('rev-list', '--max-parents=0', 'HEAD').trim()
    for (const path of git('diff', '--name-only', first, 'HEAD').trim().split('\n')) {
      expect(path).toMatch(/^packages\/models\/[\w-]+\/src\/[\w/-]+\.ts$/)
    }
  })

  it.each(files)('say in the mail what they do and who proposed it (%s)', (file) => {
    const mail = readFileSync(file, 'utf8')
    expect(mail).toMatch(/^Subject: \[PATCH\] [\w/]+: \S/m)
    const body = mail.slice(mail.indexOf('\n\n'), mail.indexOf('\n---\n'))
    expect(body.trim().split('\n').length).toBeGreaterThan(5)
    expect(body).toMatch(/\b(Proposed|Suggested) by \w+ \w+ on linuxppc-dev\b/)
  })
})
