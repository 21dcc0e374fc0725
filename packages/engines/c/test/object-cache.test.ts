// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseModule } from '@pfo-workbench/ir'
import { translate } from '@pfo-workbench/object'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
  const headers = ['a.c', 'a.h']
  const hashOf = async (path: string): Promise<string> => Promise.resolve(path)

  it('marks an object as used, and the list of its headers', async () => {
    const object = translate(parseModule('define i32 @f() {\n  ret i32 1\n}\n'), {
      file: 'a.c',
      module: null,
    })
    await new ObjectCache(folder).keep(source, { object, headers }, hashOf)
    const files = readdirSync(join(folder, 'objects')).map((name) => join(folder, 'objects', name))
    expect(files.map((file) => /[a-z]+$/.exec(file)?.[0]).sort()).toEqual(['headers', 'object'])
    for (const file of files) utimesSync(file, 1000, 1000)
    expect(await new ObjectCache(folder).find(source, hashOf)).toMatchObject({ headers })
    expect(files.filter((file) => statSync(file).mtimeMs === 1_000_000)).toEqual([])
  })
})
