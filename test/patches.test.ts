// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const models = 'packages/models'
const ids = readdirSync(join(root, 'patches'))
  .filter((name) => name.endsWith('.patch'))
  .map((name) => name.slice(0, -'.patch'.length))
  .sort()

/** Alternative fixes of the same problem. They change the same lines, so a stack has at most one of each pair. */
const alternatives = [
  ['cache-fix', 'cache-skip-detached'],
  ['vio-notifier', 'vio-notifier-wq'],
  ['ignore-pfo', 'ignore-pfo-children'],
]

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

function am(...patches: readonly string[]): void {
  git('am', '--quiet', ...patches.map(fileOf))
}

function fileOf(id: string): string {
  return join(root, 'patches', `${id}.patch`)
}

/** All patches, without one of each pair of alternatives. */
function stackWithout(left: 0 | 1): string[] {
  const without = alternatives.map((pair) => pair[left])
  return ids.filter((id) => !without.includes(id))
}

/** Creates a repository with the current model sources. */
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'pfo-clone-'))
  for (const name of readdirSync(join(root, models))) {
    mkdirSync(join(clone, models, name), { recursive: true })
    cpSync(join(root, models, name, 'src'), join(clone, models, name, 'src'), { recursive: true })
  }
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'The models')
  git('tag', 'models')
})

beforeEach(() => {
  git('reset', '--quiet', '--hard', 'models')
})

afterAll(() => {
  rmSync(clone, { recursive: true, force: true })
})

describe.each(ids)('the patch %s', (id) => {
  const mail = readFileSync(fileOf(id), 'utf8')

  it('applies to the repository on its own with plain git am', () => {
    am(id)
    expect(git('rev-list', '--count', 'models..HEAD').trim()).toBe('1')
    expect(git('status', '--porcelain')).toBe('')
  })

  it('changes nothing but model sources', () => {
    am(id)
    const paths = git('diff', '--name-only', 'models', 'HEAD').trim().split('\n')
    for (const path of paths) expect(path).toMatch(/^packages\/models\/[\w-]+\/src\/[\w/-]+\.ts$/)
  })

  it('is a mail as git format-patch writes it, with a subject in the style of the kernel', () => {
    expect(mail).toMatch(/^From 0{40} Mon Sep 17 00:00:00 2001\nFrom: .+ <.+@.+>\nDate: .+\n/)
    expect(mail).toMatch(/^Subject: \[PATCH\] (of|powerpc|powerpc\/[\w/]+|crypto(\/nx)?): \S/m)
    expect(mail).toMatch(/^---\n( .+\n)+/m)
  })

  it('describes in its body the change, its origin and its current status', () => {
    const body = mail.slice(mail.indexOf('\n\n'), mail.indexOf('\n---\n'))
    expect(body.trim().split('\n').length).toBeGreaterThan(5)
    expect(body).toMatch(/\bJuly\s+2018|\bmainline\s+commit\b|\bnot\s+proposed\b/i)
    expect(body).toMatch(/\bmainline\b|\bNever merged\b|\bnot\s+proposed\b/i)
    for (const line of body.split('\n'))
      if (!line.startsWith('Link: ')) expect(line.length).toBeLessThanOrEqual(75)
  })

  it('links to the mail or the commit, or states that it was not proposed', () => {
    const body = mail.slice(mail.indexOf('\n\n'), mail.indexOf('\n---\n'))
    expect(body).toMatch(/^Link: https:\/\/(lore|git)\.kernel\.org\/\S+$|\bnot\s+proposed\b/m)
  })
})

describe('the patches together', () => {
  it.each([
    ['mainline’s', 0],
    ['the thread’s', 1],
  ] as const)('apply one after the other with %s alternatives, in any order', (_which, left) => {
    const stack = stackWithout(left === 0 ? 1 : 0)
    am(...stack)
    const forwards = git('rev-parse', 'HEAD^{tree}')
    git('reset', '--quiet', '--hard', 'models')
    am(...stack.reverse())
    expect(git('rev-parse', 'HEAD^{tree}')).toBe(forwards)
  })

  it.each(alternatives)('do not apply with both %s and %s', (one, other) => {
    am(one)
    expect(() => {
      am(other)
    }).toThrow()
    git('am', '--abort')
  })
})
