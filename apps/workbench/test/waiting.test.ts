// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildCommand, command } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'pfo-waiting-'))
const pipe = join(folder, 'pipe.patch')

beforeAll(() => {
  buildCommand()
  execFileSync('mkfifo', [pipe])
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('says that it waits for a pipe that nobody writes to, and goes on when somebody does', async () => {
  const child = spawn(process.execPath, [command, 'compare', pipe], { stdio: ['ignore', 'ignore', 'pipe'] })
  let messages = ''
  for await (const part of child.stderr) {
    messages += String(part)
    if (messages === `pfo: waiting for the end of ${pipe}; Ctrl-C stops\n`) writeFileSync(pipe, 'no diff\n')
  }
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode).toBe(2)
  expect(messages).toContain('there is no diff in the text')
})
