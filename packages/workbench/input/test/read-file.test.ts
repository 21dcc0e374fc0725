// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRegularFile } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'pfo-read-'))
const server = createServer()
beforeAll(async () => {
  writeFileSync(join(folder, 'file'), 'content')
  execFileSync('mkfifo', [join(folder, 'pipe')])
  await new Promise<void>((listening) => {
    server.listen(join(folder, 'socket'), listening)
  })
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

describe('reading a regular file', () => {
  it('returns no more than the requested number of bytes, and no more than the file has', () => {
    expect(readRegularFile(join(folder, 'file'), 4).toString()).toBe('cont')
    expect(readRegularFile(join(folder, 'file'), 100).toString()).toBe('content')
  })

  it.each([
    ['a pipe without a writer', () => join(folder, 'pipe'), 'it is a pipe. Accepted: a regular file'],
    ['an endless device', () => '/dev/zero', 'it is a device. Accepted: a regular file'],
    ['an empty device', () => '/dev/null', 'it is a device. Accepted: a regular file'],
    ['a directory', () => folder, 'it is a directory. Accepted: a regular file'],
    ['a socket', () => join(folder, 'socket'), /ENXIO/],
    ['a missing file', () => join(folder, 'none'), /there is no such file/],
  ])('refuses %s at once', (_what, file, message) => {
    expect(() => readRegularFile(file(), 10)).toThrow(message)
  })
})
