// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { buildCommand, pfo, write } from '../support.ts'
import { findsClang, makeFolder, patchOf } from './support.ts'
import { tinyKernel, writeKernel } from './tiny-kernel.ts'

const hasClang = await findsClang('Tests of the base-commit')

beforeAll(buildCommand)

const person = ['-c', 'user.name=A', '-c', 'user.email=a@example.invalid']

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, ...person, ...args], { encoding: 'utf8' }).trim()

/** A repository whose first commit is Linux 4.9 and whose HEAD is 6.6. */
function makeRepository(): { readonly folder: string; readonly old: string } {
  const folder = makeFolder()
  const makefile = (tinyKernel['Makefile'] ?? '').replace('VERSION = 6', 'VERSION = 4')
  writeKernel(folder, { ...tinyKernel, Makefile: makefile.replace('PATCHLEVEL = 6', 'PATCHLEVEL = 9') })
  git(folder, 'init', '--quiet')
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message=first')
  const old = git(folder, 'rev-parse', 'HEAD')
  writeFileSync(join(folder, 'Makefile'), tinyKernel['Makefile'] ?? '')
  git(folder, 'commit', '--quiet', '--all', '--message=second')
  return { folder, old }
}

it('refuses a commit of an old kernel, and ends', async () => {
  const { folder, old } = makeRepository()
  const { code, stdout, stderr } = await pfo('list', 'patches', '--kernel', `${folder}@${old}`)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('is Linux 4.9.3; accepted: 4.18 and later')
})

it.runIf(hasClang)('says why it does not use the base-commit of a patch', async () => {
  const { folder, old } = makeRepository()
  const missing = '0123456789abcdef0123456789abcdef01234567'
  for (const [base, reason] of [
    [old, `using HEAD, not commit ${old.slice(0, 12)}, for which the patch was made: `],
    [missing, 'using HEAD: the repository does not have commit 0123456789ab, for which the patch was made'],
  ] as const) {
    const diff = patchOf(['drivers/pump.c', 'return limit(speed);', 'return limit(speed + 1);'])
    write(
      'based.patch',
      `From: A <a@example.invalid>\nSubject: [PATCH] x\n\n---\n${diff}\nbase-commit: ${base}\n`,
    )
    const { stderr } = await pfo('check', '--kernel', folder, 'based.patch')
    expect(stderr).toContain(reason)
  }
})
