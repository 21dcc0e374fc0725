// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { afterAll, onTestFinished } from 'vitest'
import type { CacheOptions, Stack } from '../src/index.ts'

/** The engine for the tests of one file. */
export const engine: ModelEngine = new ModelEngine()
afterAll(async () => engine[Symbol.asyncDispose]())

/** Results shared between test files, for tests that only need the results. */
export const sharedCache: CacheOptions = {
  folder: process.env['PFO_TEST_RESULTS'] ?? join(tmpdir(), 'pfo-tests'),
  warn: (message) => {
    throw new Error(message)
  },
}

/** The root folder of the repository. */
export const root: string = findRoot(import.meta.dirname)

function findRoot(folder: string): string {
  return existsSync(join(folder, 'nx.json')) ? folder : findRoot(dirname(folder))
}

/** Creates a folder with these files, which is removed after the test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'pfo-compare-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** Makes a diff of a model source that inserts `added` after the only line that starts with `after`. */
export function diffAfter(path: string, after: string, added: string): string {
  const lines = readFileSync(join(root, path), 'utf8').split('\n')
  const at = lines.findIndex((line) => line.startsWith(after))
  if (at < 3) throw new Error(`there is no line "${after}" in ${path}`)
  const before = lines.slice(at - 2, at + 1)
  const behind = lines.slice(at + 1, at + 4)
  const first = String(at - 1)
  return [
    `diff --git a/${path} b/${path}`,
    `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -${first},6 +${first},7 @@`,
    ...before.map((line) => ` ${line}`),
    `+${added}`,
    ...behind.map((line) => ` ${line}`),
    '',
  ].join('\n')
}

/** Makes a stack of patches with the ids `id`, `id-2` and so on. */
export function stackOf(id: string, ...diffs: string[]): Stack {
  const patches = diffs.map((diff, index) => {
    const name = index === 0 ? id : `${id}-${String(index + 1)}`
    return { id: name, series: engine.readPatch(diff, `${name}.patch`) }
  })
  return { id: patches.map((patch) => patch.id).join('+'), title: `Does ${id}`, patches }
}
