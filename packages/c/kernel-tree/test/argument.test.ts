// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parseTreeArgument } from '../src/index.ts'
import { makeFolder, removeSamples } from './support/sample.ts'

afterEach(removeSamples)

function folderNamed(name: string): string {
  const folder = join(makeFolder(), name)
  mkdirSync(folder)
  return folder
}

describe('a tree as it is typed', () => {
  it.each([
    ['linux', '', null],
    ['linux', '@v6.6', 'v6.6'],
    ['linux', '@HEAD@{1}', 'HEAD@{1}'],
    ['linux', '@a/b@c', 'a/b@c'],
    ['linux@home', '', null],
    ['linux@home', '@v6.6', 'v6.6'],
    ['li nux', '@v6.6', 'v6.6'],
  ])('of folder %s with %j behind it names commit %j', (name, suffix, commit) => {
    const folder = folderNamed(name)
    expect(parseTreeArgument(folder + suffix)).toEqual({ folder, commit })
  })

  it('is a folder with an @ in its name rather than a commit of another one', () => {
    const folder = folderNamed('linux')
    mkdirSync(`${folder}@v6.6`)
    expect(parseTreeArgument(`${folder}@v6.6`)).toEqual({ folder: `${folder}@v6.6`, commit: null })
  })

  it.each([
    ['x', 'there is no folder'],
    ['x@v6.6', 'there is no folder'],
    ['@v6.6', 'there is no folder'],
    ['', 'there is no folder'],
  ])('is refused when it is %j', (text, why) => {
    expect(() => parseTreeArgument(text)).toThrow(why)
  })

  it('is refused without a commit behind the @', () => {
    expect(() => parseTreeArgument(`${folderNamed('linux')}@`)).toThrow('names no commit behind the @')
  })

  it('is no archive: the message has the command that unpacks it, and the folder that this makes', () => {
    const file = join(makeFolder(), 'linux-source-6.1.tar.xz')
    writeFileSync(file, '')
    expect(() => parseTreeArgument(file)).toThrow(
      `${file} is an archive: unpack it with "tar -xf ${file}" and name the folder linux-source-6.1 instead`,
    )
    expect(() => parseTreeArgument(`${file}@v6.6`)).toThrow('is an archive')
  })

  it('is no other file', () => {
    const file = join(makeFolder(), 'x.c')
    writeFileSync(file, '')
    expect(() => parseTreeArgument(file)).toThrow(`${file} is not a folder`)
  })
})
