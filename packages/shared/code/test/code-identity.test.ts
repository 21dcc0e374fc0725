// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { codeIdentity } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'pfo-packages-'))
afterAll(() => {
  rmSync(root, { recursive: true })
})

/** Creates and installs a workbench package with one source file. */
function install(name: string, dependencies: readonly string[]): string {
  const dir = join(root, name)
  mkdirSync(join(dir, 'src/deep'), { recursive: true })
  writeFileSync(join(dir, 'src/deep/a.ts'), 'export const a = 1\n')
  const names = [...dependencies.map((one) => [`@pfo-workbench/${one}`, '1.0.0']), ['zod', '4.0.0']]
  writeFileSync(
    join(dir, 'package.json'),
    JSON.stringify({ name: `@pfo-workbench/${name}`, dependencies: Object.fromEntries(names) as unknown }),
  )
  mkdirSync(join(root, 'node_modules/@pfo-workbench'), { recursive: true })
  symlinkSync(dir, join(root, 'node_modules/@pfo-workbench', name))
  return dir
}

const core = install('core', [])
const middle = install('middle', ['core'])
const top = install('top', ['middle'])
const other = install('other', [])

describe("the hash of a package's code", () => {
  it('stays the same while nothing changes', () => {
    expect(codeIdentity(top)).toBe(codeIdentity(top))
  })

  it.each([
    ['a source of its own', join(top, 'src/new.ts')],
    ['a source of a package that it depends on', join(middle, 'src/new.ts')],
    ['a source of one that this depends on', join(core, 'src/deep/new.ts')],
    ['what such a package runs as', join(core, 'dist/new.js')],
  ])('changes with %s', (_what, file) => {
    const before = codeIdentity(top)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, 'export const it = 1\n')
    expect(codeIdentity(top)).not.toBe(before)
  })

  it('does not change with other packages, or with files that are not code', () => {
    const before = codeIdentity(top)
    writeFileSync(join(other, 'src/new.ts'), '')
    writeFileSync(join(top, 'src/notes.txt'), '')
    writeFileSync(join(core, 'dist/new.d.ts'), '')
    expect(codeIdentity(top)).toBe(before)
  })

  it('changes when a file is added, changed or renamed', () => {
    const dir = install('files', [])
    const write = (name: string, text: string): string => {
      writeFileSync(join(dir, 'src', name), text)
      return codeIdentity(dir)
    }
    const first = write('a.ts', 'a')
    const added = write('deep/b.ts', 'b')
    const changed = write('deep/b.ts', 'c')
    rmSync(join(dir, 'src/deep/b.ts'))
    const renamed = write('deep/d.ts', 'b')
    expect(new Set([first, added, changed, renamed]).size).toBe(4)
    expect(write('notes.txt', 'n')).toBe(renamed)
    expect(write('a.d.ts', 'n')).toBe(renamed)
  })

  it('needs all dependencies of the package', () => {
    expect(() => codeIdentity(install('lost', ['nothing']))).toThrow(
      '@pfo-workbench/nothing is not installed',
    )
  })
})
