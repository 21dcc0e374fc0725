// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clearKernelCache, inspectKernelCache, limitFolder } from '../src/index.ts'

describe('what is kept of kernels', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pfo-kernel-cache-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  /** Files of 100 bytes, each used a second after the one before. */
  function put(...names: readonly string[]): void {
    mkdirSync(join(folder, 'objects'))
    for (const [index, name] of names.entries()) {
      const file = join(folder, 'objects', name)
      writeFileSync(file, Buffer.alloc(100))
      utimesSync(file, 1000 + index, 1000 + index)
    }
  }

  it('is counted, folders inside included', async () => {
    put('a', 'b')
    expect(await inspectKernelCache(folder)).toEqual({ files: 2, bytes: 200 })
  })

  it('stays as it is below the limit', async () => {
    put('a', 'b')
    expect(await limitFolder(folder, 200)).toBe(0)
    expect(await inspectKernelCache(folder)).toEqual({ files: 2, bytes: 200 })
  })

  it('loses what was not used for the longest time', async () => {
    put('old', 'middle', 'new')
    expect(await limitFolder(folder, 250)).toBe(100)
    expect(readdirSync(join(folder, 'objects')).sort()).toEqual(['middle', 'new'])
  })

  it('is nothing where there is no folder', async () => {
    await clearKernelCache(join(folder, 'none'))
    expect(await inspectKernelCache(join(folder, 'none'))).toEqual({ files: 0, bytes: 0 })
    expect(await limitFolder(join(folder, 'none'))).toBe(0)
  })
})
