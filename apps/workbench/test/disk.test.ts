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
import { UsageError } from '../src/usage-error.ts'
import { checkWritable, writeFileAtomically } from '../src/output.ts'
import { buildCommand, pfoWith, scratch, shippedPatch, write, type Ended } from './support.ts'

const isRoot = process.getuid?.() === 0
const mounted: string[] = []

/** Mounts a separate file system; null if the user may not mount one. */
function mountedAt(name: string, options: string): string | null {
  const folder = join(scratch, name)
  mkdirSync(folder)
  if (!isRoot) return null
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return null
  mounted.push(folder)
  return folder
}

/** A read-only folder. Root can write regardless of the mode, so for root it is a read-only mount. */
function readOnlyFolder(): string | null {
  if (isRoot) return mountedAt('read-only', 'ro,size=64k')
  const folder = join(scratch, 'read-only')
  mkdirSync(folder)
  chmodSync(folder, 0o555)
  return folder
}

const readOnly = readOnlyFolder()
const small = mountedAt('small', 'size=192k')

/** Fills the small disk until this number of bytes is free. */
function fill(folder: string, left: number): void {
  for (const name of readdirSync(folder))
    if (name !== 'report.txt') rmSync(join(folder, name), { recursive: true })
  const file = join(folder, 'filling')
  try {
    writeFileSync(file, Buffer.alloc(1 << 20))
  } catch {
    // The disk is expected to be full.
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

describe.skipIf(readOnly === null)('on a read-only file system', () => {
  const folder = readOnly ?? ''

  it('the report is refused before the work starts', async () => {
    const file = join(folder, 'report.txt')
    await expect(checkWritable(file)).rejects.toThrow(
      `${file}: the report cannot be written: the file system of ${folder} is read-only`,
    )
  })

  it('a failed compilation is reported, and not as an internal error', async () => {
    const { code, stdout, stderr } = await compareWith({ TMPDIR: folder }, '--no-cache')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^pfo: no temporary folder can be created in [^\n]*: E[^\n]*\n$/)
  })
})

describe.skipIf(small === null)('on a full disk', () => {
  const folder = small ?? ''

  it('the old report stays, and no temporary files are left', () => {
    const file = join(folder, 'report.txt')
    writeFileSync(file, 'old')
    fill(folder, 16_384)
    expect(() => {
      writeFileAtomically(file, 'x'.repeat(100_000))
    }).toThrow(UsageError)
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(folder).toSorted()).toEqual(['filling', 'report.txt'])
  })

  it('a failed compilation is reported, and its files are removed', async () => {
    fill(folder, 65_536)
    const { code, stdout, stderr } = await compareWith({ TMPDIR: folder }, '--no-cache')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^pfo: [^\n]*TMPDIR[^\n]*\n$/)
    expect(readdirSync(folder).toSorted()).toEqual(['filling', 'report.txt'])
  })
})

describe.skipIf(small === null || readOnly === null)('a cache that is not writable', () => {
  it('causes a message, but the report is the same', async () => {
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
      expect(stderr).toMatch(new RegExp(`^pfo: results cannot be cached in [^\\n]*: ${reason}[^\\n]*\\n$`))
    }
  }, 180_000)
})
