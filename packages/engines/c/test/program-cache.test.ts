// SPDX-License-Identifier: GPL-2.0-only
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readIntact, writeIntact } from '../src/build/intact-file.ts'
import { programCode } from '../src/program/bundle.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pfo-program-cache-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the code of a program', () => {
  const playModule = join(import.meta.dirname, '../../../workbench/compare/src/play/program.ts')
  const kept = (): string => {
    const [name = ''] = readdirSync(join(folder, 'programs'))
    return join(folder, 'programs', name)
  }

  it('is taken from the cache, and made again if the cached file is damaged', async () => {
    const code = await programCode(playModule, folder)
    expect(code).toContain('pfoEngine')
    await writeIntact(kept(), Buffer.from('cached'))
    expect(await programCode(playModule, folder)).toBe('cached')
    appendFileSync(kept(), 'x')
    expect(await programCode(playModule, folder)).toBe(code)
  })

  it('is not cached for a module outside of the code that the key covers', async () => {
    await programCode(join(import.meta.dirname, 'support/play-module.ts'), folder)
    expect(existsSync(join(folder, 'programs'))).toBe(false)
  })
})

describe('a file that notices damage', () => {
  it.each([
    ['is missing', null],
    ['was extended', 'x'],
  ])('gives nothing if it %s', async (_what, more) => {
    const file = join(folder, 'file')
    if (more !== null) {
      await writeIntact(file, Buffer.from('content'))
      expect((await readIntact(file))?.toString()).toBe('content')
      appendFileSync(file, more)
    }
    expect(await readIntact(file)).toBeNull()
  })
})
