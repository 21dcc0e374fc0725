// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clearKernelCache, inspectKernelCache, limitFolder } from '../src/index.ts'

describe('the kernel cache', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pfo-kernel-cache-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  /** Files of 100 bytes, each used one second after the previous one. */
  function put(...names: readonly string[]): void {
    mkdirSync(join(folder, 'objects'))
    for (const [index, name] of names.entries()) {
      const file = join(folder, 'objects', name)
      writeFileSync(file, Buffer.alloc(100))
      utimesSync(file, 1000 + index, 1000 + index)
    }
  }

  it('is measured including subfolders', async () => {
    put('a', 'b')
    expect(await inspectKernelCache(folder)).toEqual({ files: 2, bytes: 200 })
  })

  it('is left alone below the limit', async () => {
    put('a', 'b')
    expect(await limitFolder(folder, 200)).toBe(0)
    expect(await inspectKernelCache(folder)).toEqual({ files: 2, bytes: 200 })
  })

  it('loses the least recently used files', async () => {
    put('old', 'middle', 'new')
    expect(await limitFolder(folder, 250)).toBe(100)
    expect(readdirSync(join(folder, 'objects')).sort()).toEqual(['middle', 'new'])
  })

  it('is empty without a folder', async () => {
    await clearKernelCache(join(folder, 'none'))
    expect(await inspectKernelCache(join(folder, 'none'))).toEqual({ files: 0, bytes: 0 })
    expect(await limitFolder(join(folder, 'none'))).toBe(0)
  })
})
