// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseTreeArgument } from '../src/index.ts'
import { makeFolder } from './support/sample.ts'

function folderNamed(name: string): string {
  const folder = join(makeFolder(), name)
  mkdirSync(folder)
  return folder
}

describe('a tree argument', () => {
  it.each([
    ['linux', '', null],
    ['linux', '@v6.6', 'v6.6'],
    ['linux', '@HEAD@{1}', 'HEAD@{1}'],
    ['linux', '@a/b@c', 'a/b@c'],
    ['linux@home', '', null],
    ['linux@home', '@v6.6', 'v6.6'],
    ['li nux', '@v6.6', 'v6.6'],
  ])('with folder %s and suffix %j names commit %j', (name, suffix, commit) => {
    const folder = folderNamed(name)
    expect(parseTreeArgument(folder + suffix)).toEqual({ folder, commit })
  })

  it('prefers an existing folder with an @ in its name to a commit', () => {
    const folder = folderNamed('linux')
    mkdirSync(`${folder}@v6.6`)
    expect(parseTreeArgument(`${folder}@v6.6`)).toEqual({ folder: `${folder}@v6.6`, commit: null })
  })

  it.each(['x', 'x@v6.6', '@v6.6', ''])('is refused if it is %j', (text) => {
    expect(() => parseTreeArgument(text)).toThrow('there is no folder')
  })

  it('is refused if no commit follows the @', () => {
    expect(() => parseTreeArgument(`${folderNamed('linux')}@`)).toThrow('names no commit after the @')
  })

  it('is refused if it names an archive; the message has the tar command and the resulting folder', () => {
    const file = join(makeFolder(), 'linux-source-6.1.tar.xz')
    writeFileSync(file, '')
    expect(() => parseTreeArgument(file)).toThrow(
      `${file} is an archive: unpack it with "tar -xf ${file}" and name the folder linux-source-6.1 instead`,
    )
    expect(() => parseTreeArgument(`${file}@v6.6`)).toThrow('is an archive')
  })

  it('is refused if it names a file', () => {
    const file = join(makeFolder(), 'x.c')
    writeFileSync(file, '')
    expect(() => parseTreeArgument(file)).toThrow(`${file} is not a folder`)
  })
})
