// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { inputsOf, readInput } from '../src/files.ts'
import { diffOf, parse } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'pfo-inputs-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const at = (name: string): string => join(folder, name)
writeFileSync(at('0002-b.patch'), diffOf())
writeFileSync(at('0001-a.patch'), diffOf())
writeFileSync(at('notes.txt'), 'x')
mkdirSync(at('empty'))
symlinkSync('loop', at('loop'))

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

describe('an input', () => {
  it('may be a file', async () => {
    expect(text(await readInput(at('0001-a.patch')))).toBe(diffOf())
  })

  it('may be standard input', async () => {
    const stdin = Readable.from([Buffer.from(diffOf().slice(0, 9)), Buffer.from(diffOf().slice(9))])
    expect(text(await readInput('-', { stdin }))).toBe(diffOf())
  })

  it('may be a pipe, and the reader waits for it', async () => {
    execFileSync('mkfifo', [at('pipe')])
    const read = readInput(at('pipe'))
    const writer = createWriteStream(at('pipe'))
    writer.write(diffOf().slice(0, 9))
    writer.end(diffOf().slice(9))
    expect(text(await read)).toBe(diffOf())
  })

  it('is no longer waited for after an abort', async () => {
    execFileSync('mkfifo', [at('silent')])
    const abort = new AbortController()
    const read = readInput(at('silent'), { signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(read).rejects.toThrow('enough')
    await expect(readInput('-', { signal: abort.signal })).rejects.toThrow('enough')
  })

  it('is read no further than its limit', async () => {
    const stdin = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1_000)
      })(),
    )
    expect(await readInput('-', { stdin, maxBytes: 10_500 })).toHaveLength(10_501)
    expect(await readInput(at('0001-a.patch'), { maxBytes: 10 })).toHaveLength(11)
  })

  it.each([
    ['missing.patch', 'there is no such file.'],
    ['notes.txt/x.patch', 'there is no such file.'],
    ['empty', 'a folder. Accepted: a file.'],
    ['loop', 'its symbolic links form a loop.'],
  ])('reports in words why it cannot be read: %s', async (name, reason) => {
    await expect(readInput(at(name))).rejects.toMatchObject({
      code: 'unreadable',
      source: at(name),
      message: `${at(name)}: ${reason}`,
    })
  })

  it('must not be a device', async () => {
    await expect(readInput('/dev/zero')).rejects.toThrow(
      /^\/dev\/zero: a device\. Accepted: a file or a pipe\.$/,
    )
  })

  it('that is empty is not a patch', async () => {
    const bytes = await readInput('-', { stdin: Readable.from([]) })
    expect(() => parse(bytes, '-')).toThrow(/^-: the file is empty\./)
  })
})

describe('an argument', () => {
  it('that is a folder expands to its patches, sorted by name', async () => {
    expect(await inputsOf(folder)).toEqual([at('0001-a.patch'), at('0002-b.patch')])
  })

  it('that is not a folder expands to itself', async () => {
    expect(await inputsOf(at('notes.txt'))).toEqual([at('notes.txt')])
    expect(await inputsOf('-')).toEqual(['-'])
  })

  it('that is a folder without patches is refused', async () => {
    await expect(inputsOf(at('empty'))).rejects.toThrow(
      /empty: the folder has no patch\. Accepted: a folder with /,
    )
    await expect(inputsOf(at('missing'))).rejects.toThrow(/missing: there is no such file\.$/)
  })
})
