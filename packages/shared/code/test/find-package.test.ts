// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageOf } from '../src/index.ts'

describe('the package of a file', () => {
  let root: string

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'pfo-package-of-'))
    mkdirSync(join(root, 'outer/inner/src/deep'), { recursive: true })
    for (const folder of ['outer', 'outer/inner']) writeFileSync(join(root, folder, 'package.json'), '{}')
  })

  afterAll(() => {
    rmSync(root, { recursive: true })
  })

  it('is the nearest folder above the file with a package.json', () => {
    expect(packageOf(join(root, 'outer/inner/src/deep/a.ts'))).toBe(join(root, 'outer/inner'))
    expect(packageOf(join(root, 'outer/b.ts'))).toBe(join(root, 'outer'))
  })
})
