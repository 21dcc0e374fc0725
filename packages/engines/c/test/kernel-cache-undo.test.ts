// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import type * as files from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { limitKernelCache } from '../src/index.ts'

const renamed = vi.hoisted(() => ({ before: (_from: string): void => undefined }))
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof files>()
  const rename = async (from: string, to: string): Promise<void> => {
    renamed.before(from)
    await real.rename(from, to)
  }
  return { ...real, rename }
})

it('an entry that a command uses just before it is evicted returns to its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pfo-kernel-cache-'))
  const objects = join(folder, 'objects')
  try {
    mkdirSync(objects)
    for (const name of ['used', 'unused']) {
      writeFileSync(join(objects, name), Buffer.alloc(100))
      utimesSync(join(objects, name), 1000, 1000)
    }
    renamed.before = (from) => {
      if (from === join(objects, 'used')) utimesSync(from, 2000, 2000)
    }
    expect(await limitKernelCache(folder, 10)).toBe(100)
    expect(readdirSync(objects)).toEqual(['used'])
    expect(readdirSync(join(folder, 'evicted'))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
