// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from '../src/errors.ts'
import { checkWritable, writeWhole } from '../src/output.ts'
import { buildCommand, pfoWith, scratch, shippedPatch, write, type Ended } from './support.ts'

const isRoot = process.getuid?.() === 0
const mounted: string[] = []

/** A file system of its own; null where this user may not mount one. */
function mountedAt(name: string, options: string): string | null {
  const folder = join(scratch, name)
  mkdirSync(folder)
  if (!isRoot) return null
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return null
  mounted.push(folder)
  return folder
}

/** A folder in which nothing can be written: root may write where the mode forbids it, so for root it is a disk. */
function readOnlyFolder(): string | null {
  if (isRoot) return mountedAt('read-only', 'ro,size=64k')
  const folder = join(scratch, 'read-only')
  mkdirSync(folder)
  chmodSync(folder, 0o555)
  return folder
}

const readOnly = readOnlyFolder()
const small = mountedAt('small', 'size=192k')

/** Fills the small disk but for so many bytes. */
function fill(folder: string, left: number): void {
  for (const name of readdirSync(folder))
    if (name !== 'report.txt') rmSync(join(folder, name), { recursive: true })
  const file = join(folder, 'filling')
  try {
    writeFileSync(file, Buffer.alloc(1 << 20))
  } catch {
    // That is the purpose.
  }
  truncateSync(file, statSync(file).size - left)
}

async function compareWith(env: Record<string, string>, ...args: string[]): Promise<Ended> {
  return pfoWith(env, 'compare', 'wipe.patch', ...scenario, ...args)
}

const scenario = ['--scenario', 'lpm-once-hierarchy']

beforeAll(() => {
  buildCommand()
  write('wipe.patch', shippedPatch('wipe'))
}, 180_000)

afterAll(() => {
  for (const folder of mounted) spawnSync('umount', [folder])
  if (readOnly !== null && !isRoot) chmodSync(readOnly, 0o755)
})

describe.skipIf(readOnly === null)('where nothing can be written', () => {
  const folder = readOnly ?? ''

  it('a report is refused before the work is done', async () => {
    const file = join(folder, 'report.txt')
    await expect(checkWritable(file)).rejects.toThrow(
      `${file}: the report cannot be written: the file system of ${folder} is read-only`,
    )
  })

  it('nothing can be compiled, which is said, and not called a fault of the program', async () => {
    const { code, stdout, stderr } = await compareWith({ TMPDIR: folder }, '--no-cache')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^pfo: no folder for temporary files can be made in [^\n]*: E[^\n]*\n$/)
  })
})

describe.skipIf(small === null)('where a disk is full', () => {
  const folder = small ?? ''

  it('the report that was there stays, and nothing is left beside it', () => {
    const file = join(folder, 'report.txt')
    writeFileSync(file, 'old')
    fill(folder, 16_384)
    expect(() => {
      writeWhole(file, 'x'.repeat(100_000))
    }).toThrow(UsageError)
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(folder).toSorted()).toEqual(['filling', 'report.txt'])
  })

  it('nothing can be compiled, which is said, and what was begun is removed', async () => {
    fill(folder, 65_536)
    const { code, stdout, stderr } = await compareWith({ TMPDIR: folder }, '--no-cache')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^pfo: [^\n]*TMPDIR[^\n]*\n$/)
    expect(readdirSync(folder).toSorted()).toEqual(['filling', 'report.txt'])
  })
})

describe.skipIf(small === null || readOnly === null)('a cache that cannot be written', () => {
  it('costs a message, and the report is the same', async () => {
    fill(small ?? '', 32_768)
    const [usual, full, closed] = await Promise.all([
      compareWith({}),
      compareWith({ XDG_CACHE_HOME: small ?? '' }),
      compareWith({ XDG_CACHE_HOME: readOnly ?? '' }),
    ])
    expect([usual.code, usual.stderr]).toEqual([0, ''])
    for (const [{ code, stdout, stderr }, reason] of [
      [full, 'ENOSPC'],
      [closed, 'E(ROFS|ACCES)'],
    ] as const) {
      expect([code, stdout]).toEqual([0, usual.stdout])
      expect(stderr).toMatch(new RegExp(`^pfo: results cannot be kept in [^\\n]*: ${reason}[^\\n]*\\n$`))
    }
  }, 180_000)
})
