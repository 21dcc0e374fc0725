// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownedPrefix } from '@pfo-workbench/process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clearKernelCache, inspectKernelCache, limitKernelCache } from '../src/index.ts'

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
    expect(await limitKernelCache(folder, 200)).toBe(0)
    expect(await inspectKernelCache(folder)).toEqual({ files: 2, bytes: 200 })
  })

  it('loses the least recently used files', async () => {
    put('old', 'middle', 'new')
    expect(await limitKernelCache(folder, 250)).toBe(100)
    expect(readdirSync(join(folder, 'objects')).sort()).toEqual(['middle', 'new'])
  })

  it('loses parts of commits and headers as a whole, and counts what is in them', async () => {
    put('object')
    for (const [kind, used] of [
      ['trees', 900],
      ['generated', 950],
    ] as const) {
      const part = join(folder, kind, 'part')
      mkdirSync(join(part, 'deep'), { recursive: true })
      for (const name of ['a.h', 'deep/b.h']) writeFileSync(join(part, name), Buffer.alloc(100))
      utimesSync(part, used, used)
    }
    expect(await limitKernelCache(folder, 500)).toBe(0)
    expect(await limitKernelCache(folder, 400)).toBe(200)
    expect(readdirSync(join(folder, 'trees'))).toEqual([])
    expect(readdirSync(join(folder, 'generated', 'part')).sort()).toEqual(['a.h', 'deep'])
  })

  it('deletes what an interrupted run left', async () => {
    put('object')
    mkdirSync(join(folder, 'evicted', 'part'), { recursive: true })
    writeFileSync(join(folder, 'evicted', 'part', 'a.h'), Buffer.alloc(100))
    expect(await limitKernelCache(folder, 200)).toBe(0)
    expect(await inspectKernelCache(folder)).toEqual({ files: 1, bytes: 100 })
    expect(await limitKernelCache(folder, 10)).toBe(100)
    expect(await inspectKernelCache(folder)).toMatchObject({ bytes: 0 })
  })

  it('keeps what a running command may use, and files that are not its own', async () => {
    mkdirSync(join(folder, 'objects'))
    mkdirSync(join(folder, 'content'))
    for (const kind of ['objects', 'content']) writeFileSync(join(folder, kind, 'a'), Buffer.alloc(100))
    utimesSync(join(folder, 'content', 'a'), 1000, 1000)
    expect(await limitKernelCache(folder, 10)).toBe(0)
    expect((await inspectKernelCache(folder)).bytes).toBe(200)
  })

  it('keeps what a command has used since it began, however long it runs', async () => {
    put('before', 'since')
    const [now, hour] = [Date.now() / 1000, 3600]
    const command = join(folder, 'commands', `${ownedPrefix('command')}abc`)
    mkdirSync(command, { recursive: true })
    utimesSync(command, now - 9 * hour, now - 9 * hour)
    utimesSync(join(folder, 'objects', 'since'), now - 8 * hour, now - 8 * hour)
    expect(await limitKernelCache(folder, 10)).toBe(100)
    expect(readdirSync(join(folder, 'objects'))).toEqual(['since'])
  })

  it('forgets a command that was killed in another container after a day', async () => {
    put('object')
    const [now, hour] = [Date.now() / 1000, 3600]
    const command = join(folder, 'commands', 'command-1-2-3-abc')
    mkdirSync(command, { recursive: true })
    const begun = async (hours: number): Promise<number> => {
      utimesSync(command, now - hours * hour, now - hours * hour)
      utimesSync(join(folder, 'objects', 'object'), now - 22 * hour, now - 22 * hour)
      return limitKernelCache(folder, 10)
    }
    expect(await begun(23)).toBe(0)
    expect(existsSync(command)).toBe(true)
    expect(await begun(25)).toBe(100)
    expect(existsSync(command)).toBe(false)
  })

  it('keeps the notes of running commands when it is cleared', async () => {
    put('object')
    await limitKernelCache(folder)
    await clearKernelCache(folder)
    expect(readdirSync(folder)).toEqual(['commands'])
    expect(readdirSync(join(folder, 'commands'))).toHaveLength(1)
  })

  it('knows which commands run', async () => {
    await limitKernelCache(folder)
    await limitKernelCache(folder)
    expect(readdirSync(join(folder, 'commands'))).toEqual([
      expect.stringMatching(new RegExp(`^${ownedPrefix('command')}`)),
    ])
  })

  it('is empty without a folder', async () => {
    await clearKernelCache(join(folder, 'none'))
    expect(await inspectKernelCache(join(folder, 'none'))).toEqual({ files: 0, bytes: 0 })
    expect(await limitKernelCache(join(folder, 'none'))).toBe(0)
  })
})
