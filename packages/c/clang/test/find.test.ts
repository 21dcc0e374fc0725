// SPDX-License-Identifier: GPL-2.0-only
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { findClang } from '../src/index.ts'
import { folderWith } from './support/folders.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const allTargets = 'ppc32 ppc64 ppc64le arm'

/** A folder with programs that answer `--version` and `-print-targets` like the given clangs. */
function fakeClangs(programs: Readonly<Record<string, { version: string; targets?: string }>>): string {
  const texts = Object.entries(programs).map(([name, { version, targets = allTargets }]) => {
    const list = targets.split(' ').map((target) => `    ${target} - X`)
    return [
      name,
      `#!/bin/sh\ncase "$1" in\n--version) echo "${version}";;\n-print-targets) printf '%s\\n' "  Registered Targets:" ${list.map((line) => `"${line}"`).join(' ')};;\nesac\n`,
    ]
  })
  const folder = folderWith(Object.fromEntries(texts) as Record<string, string>)
  for (const name of Object.keys(programs)) chmodSync(join(folder, name), 0o755)
  return folder
}

describe('a compiler is found', () => {
  it('in PATH, the tested versions first', async () => {
    const folder = fakeClangs({
      clang: { version: 'clang version 21.0.0' },
      'clang-19': { version: 'Debian clang version 19.1.8 (1)' },
      'clang-16': { version: 'clang version 16.0.6' },
    })
    vi.stubEnv('PATH', folder)
    expect(await findClang({ env: {} })).toEqual({
      file: join(folder, 'clang-19'),
      version: 190108,
      versionText: 'Debian clang version 19.1.8 (1)',
    })
  })

  it('by path, by name, and by PFO_CLANG', async () => {
    const folder = fakeClangs({ mine: { version: 'clang version 17.0.1' } })
    vi.stubEnv('PATH', folder)
    const file = join(folder, 'mine')
    expect((await findClang({ named: file, env: {} })).file).toBe(file)
    expect((await findClang({ named: 'mine', env: { PFO_CLANG: 'other' } })).file).toBe(file)
    expect((await findClang({ env: { PFO_CLANG: 'mine' } })).version).toBe(170001)
  })

  it('when an earlier one in the list cannot be used', async () => {
    const folder = fakeClangs({
      'clang-19': { version: 'clang version 19.1.7', targets: 'x86-64' },
      'clang-18': { version: 'clang version 18.1.0' },
    })
    vi.stubEnv('PATH', folder)
    expect((await findClang({ env: {} })).file).toBe(join(folder, 'clang-18'))
  })
})

describe('an unusable compiler is refused; the message states what was found and how to install one:', () => {
  it.each([
    ['another program', { version: 'gcc (Debian) 12.2.0' }, 'not-found', 'is not clang'],
    [
      'an old clang',
      { version: 'clang version 14.0.6' },
      'too-old',
      'is clang 14.0.6; 16 or later is needed',
    ],
    [
      'a clang without targets',
      { version: 'clang version 19.1.7', targets: 'arm ppc64le' },
      'no-target',
      'was built without ppc64, ppc32',
    ],
  ])('%s', async (_what, program, code, message) => {
    const folder = fakeClangs({ c: program })
    const result = findClang({ named: join(folder, 'c'), env: {} })
    await expect(result).rejects.toMatchObject({ code })
    await expect(result).rejects.toThrow(message)
    await expect(result).rejects.toThrow('apt-get install clang-19')
  })

  it.each(['/no/such/clang', 'no-such-clang'])('a program that does not exist: %s', async (named) => {
    await expect(findClang({ named, env: {} })).rejects.toThrow(`there is no program ${named}; install one`)
  })
})
