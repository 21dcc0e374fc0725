// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseModule } from '@pfo-workbench/ir'
import { translate } from '@pfo-workbench/object'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ObjectCache } from '../src/build/object-cache.ts'

describe('the cache of objects', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pfo-object-cache-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const source = { file: 'a.c', flags: [], context: [] }
  const inputs = { headers: ['a.c', 'a.h'], hiders: ['b/a.h'] }
  const object = translate(parseModule('define i32 @f() {\n  ret i32 1\n}\n'), { file: 'a.c', module: null })
  const hashOf = async (path: string): Promise<string> => Promise.resolve(path)
  const hidersOf = vi.fn(async (): Promise<string[]> => Promise.resolve(inputs.hiders))
  const state = { id: 'tree', hashOf, hidersOf }

  it('marks an object as used, and the list of its headers', async () => {
    await new ObjectCache(folder).keep(source, { object, ...inputs }, state)
    const files = readdirSync(join(folder, 'objects')).map((name) => join(folder, 'objects', name))
    expect(files.map((file) => /[a-z]+$/.exec(file)?.[0]).sort()).toEqual(['headers', 'object'])
    for (const file of files) utimesSync(file, 1000, 1000)
    expect(await new ObjectCache(folder).find(source, state)).toMatchObject(inputs)
    expect(files.filter((file) => statSync(file).mtimeMs === 1_000_000)).toEqual([])
  })

  it('searches a tree for files that hide headers, unless the last command had the same tree', async () => {
    const cache = new ObjectCache(folder)
    await cache.keep(source, { object, ...inputs }, state)
    hidersOf.mockClear()
    for (const [id, searches] of [
      ['tree', 0],
      ['other', 1],
      ['other', 1],
      // A patched tree.
      [null, 2],
      [null, 3],
      ['other', 3],
    ] as const) {
      expect(await cache.find(source, { ...state, id })).toMatchObject(inputs)
      expect(hidersOf).toHaveBeenCalledTimes(searches)
    }
    hidersOf.mockResolvedValueOnce([...inputs.hiders, 'c/a.h'])
    expect(await cache.find(source, { ...state, id: 'third' })).toBeNull()
  })
})
