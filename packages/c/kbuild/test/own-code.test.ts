// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hashOfCode, ownCode } from '../src/own-code.ts'

it('the hash of code changes when a file is added, renamed or changed, and with nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pfo-own-code-'))
  try {
    mkdirSync(join(folder, 'make'))
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return hashOfCode([folder])
    }
    const first = write('a.ts', 'a')
    const added = write('make/b.ts', 'b')
    const changed = write('make/b.ts', 'c')
    rmSync(join(folder, 'make/b.ts'))
    const renamed = write('make/d.ts', 'b')
    expect(new Set([first, added, changed, renamed]).size).toBe(4)
    expect(write('notes.txt', 'n')).toBe(renamed)
    expect(write('a.d.ts', 'n')).toBe(renamed)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('the hash of the own code covers this package and the one that reads trees', () => {
  expect(ownCode()).toBe(
    hashOfCode([join(import.meta.dirname, '../src'), join(import.meta.dirname, '../../kernel-tree/src')]),
  )
})
