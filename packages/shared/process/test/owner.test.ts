// SPDX-License-Identifier: GPL-2.0-only
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ownedPrefix, removeStaleFolders } from '../src/stale-folders.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pfo-owner-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Creates a folder that belongs to the process with this mark. */
function directory(prefix: string): string {
  const path = join(folder, `${prefix}abcdef`)
  mkdirSync(path)
  writeFileSync(join(path, 'file'), 'text')
  return path
}

/** The mark of this process with another PID. */
const markOf = (pid: number): string =>
  ownedPrefix('kind').replace(`-${String(process.pid)}-`, `-${String(pid)}-`)

it('a directory of a dead process is reclaimed', async () => {
  const { pid } = spawnSync('true')
  const left = directory(markOf(pid))
  await removeStaleFolders(folder, 'kind')
  expect(existsSync(left)).toBe(false)
})

it('the directory of a live process is left alone', async () => {
  const own = directory(ownedPrefix('kind'))
  await removeStaleFolders(folder, 'kind')
  expect(existsSync(own)).toBe(true)
})

it.runIf(process.platform === 'linux')(
  'a directory of a process whose id another one has by now is reclaimed',
  async () => {
    const other = spawn('sleep', ['60'])
    try {
      const left = directory(markOf(other.pid ?? 0).replace(/-\d+-$/, '-1-'))
      await removeStaleFolders(folder, 'kind')
      expect(existsSync(left)).toBe(false)
    } finally {
      other.kill()
    }
  },
)

it('entries of another kind or namespace, and files, are left alone', async () => {
  const { pid } = spawnSync('true')
  const kept = [
    directory(markOf(pid).replace('kind', 'other')),
    directory(markOf(pid).replace(/^kind-\d+/, 'kind-1')),
    directory('kind-'),
  ]
  const outside = directory('outside')
  symlinkSync(outside, join(folder, `${markOf(pid)}link`))
  await removeStaleFolders(folder, 'kind')
  for (const path of [...kept, join(outside, 'file')]) expect(existsSync(path)).toBe(true)
})

it('nothing is reclaimed in a folder that does not exist', async () => {
  await expect(removeStaleFolders(join(folder, 'none'), 'kind')).resolves.toBeUndefined()
})
