// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'

it('the README example prints the table of agreement', async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const example = readme.match(/^ {4}.*$|^$/gm)?.join('\n') ?? ''
  const file = join(import.meta.dirname, '.example-of-readme.js')
  const log = vi.spyOn(console, 'log').mockReturnValue()
  writeFileSync(file, example)
  try {
    await import(file)
    expect(log.mock.lastCall?.[0]).toMatch(/^total +22 recordings +(\d+) +\1 +0$/m)
  } finally {
    rmSync(file)
    log.mockRestore()
  }
})
