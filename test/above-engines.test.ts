// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root, workspaceFolders } from './support/workspace.ts'

/** Names that only an engine and its models may use. */
const ofEngines = /v4\.18|packages\/models\//

/** `apps/agreement` may use the names, because it replays the recordings of v4.18. */
const aboveEngines = workspaceFolders.filter(
  (folder) => /^(?:packages\/workbench|apps)\//.test(folder) && folder !== 'apps/agreement',
)

it.each(aboveEngines)('%s names neither the kernel version of the models nor their folders', (folder) => {
  const files = readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  )
  expect(files).not.toEqual([])
  expect(
    files.filter((file) => ofEngines.test(readFileSync(join(root, folder, 'src', file), 'utf8'))),
  ).toEqual([])
})
