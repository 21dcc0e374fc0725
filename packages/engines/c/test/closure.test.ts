// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openKernelTree } from '@pfo-workbench/kernel-tree'
import { describe, expect, it } from 'vitest'
import { closureOf, hostFunctionStatuses } from '../src/index.ts'

/** A tree with these files. All are empty except the Makefile. */
async function closureOfTree(...files: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pfo-closure-'))
  try {
    const tree = join(folder, 'linux')
    for (const file of files) {
      mkdirSync(dirname(join(tree, file)), { recursive: true })
      writeFileSync(join(tree, file), '')
    }
    writeFileSync(join(tree, 'Makefile'), 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\nEXTRAVERSION =\n')
    const opened = await openKernelTree(tree, { cacheFolder: join(folder, 'cache') })
    const found = await closureOf(opened)
    await opened.dispose()
    return found
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the files that run as C', () => {
  it('are the files of a list that exist in the tree', async () => {
    expect(await closureOfTree('lib/kobject.c', 'lib/raid6.c')).toEqual(['lib/kobject.c'])
  })

  it('include all C files of some folders, whatever their names', async () => {
    const files = ['drivers/of/base.c', 'drivers/of/brand-new.c', 'drivers/of/notes.txt']
    expect(await closureOfTree(...files)).toEqual(['drivers/of/base.c', 'drivers/of/brand-new.c'])
  })
})

describe('host functions', () => {
  it('are known by name without a machine', () => {
    expect(hostFunctionStatuses().get('kfree')?.status).toBe('modelled')
  })
})
