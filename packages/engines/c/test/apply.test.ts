// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openKernelTree, readText, type KernelTree } from '@pfo-workbench/kernel-tree'
import { kernelPaths, parseSeries } from '@pfo-workbench/patch'
import type { Stack } from '@pfo-workbench/run'
import type { PatchSeries } from '@pfo-workbench/patch'
import { MergeFolder } from '@pfo-workbench/variant'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyToKernel, type NotApplied, type PatchedKernel } from '../src/patch/apply.ts'
import { compileReason } from '../src/patch/diagnostics.ts'

const before = 'int f(void)\n{\n\tint a = 1;\n\n\treturn a;\n}\n'
const after = before.replace('a = 1', 'a = 2')
const hunk = [
  '@@ -1,6 +1,6 @@',
  ' int f(void)',
  ' {',
  '-\tint a = 1;',
  '+\tint a = 2;',
  ' ',
  ' \treturn a;',
  ' }',
]

function mail(subject: string, path: string, lines: readonly string[] = hunk, from = `a/${path}`): string {
  const to = lines === removal ? '/dev/null' : `b/${path}`
  return [
    'From: A Developer <a@example.org>',
    `Subject: [PATCH] ${subject}`,
    '',
    'Why.',
    '---',
    `diff --git a/${path} b/${path}`,
    ...(from === '/dev/null' ? ['new file mode 100644'] : []),
    `--- ${from}`,
    `+++ ${to}`,
    ...lines,
    '',
  ].join('\n')
}

const removal: readonly string[] = []

function stackOf(...texts: readonly string[]): Stack<PatchSeries> {
  const patches = texts.map((text, index) => ({
    id: `p${String(index)}`,
    series: parseSeries(text, { source: `p${String(index)}.patch`, paths: kernelPaths }),
  }))
  return { id: patches.map(({ id }) => id).join('+'), title: 'a stack', patches }
}

describe('a stack of patches for a kernel tree', () => {
  const root = mkdtempSync(join(tmpdir(), 'pfo-apply-'))
  const folder = new MergeFolder()
  let tree: KernelTree

  beforeAll(async () => {
    const files = {
      Makefile: 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\nEXTRAVERSION =\n',
      'drivers/of/old.c': before,
      'drivers/of/new.c': after,
      'drivers/of/other.c': before.replaceAll('a', 'b'),
    }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    tree = await openKernelTree(root, { cacheFolder: join(root, 'cache') })
  })
  afterAll(async () => {
    await tree.dispose()
    await folder.dispose()
    rmSync(root, { recursive: true, force: true })
  })

  const apply = async (stack: Stack<PatchSeries>, revert = false): Promise<PatchedKernel | NotApplied> =>
    applyToKernel(tree, stack, { revert, folder })
  const reason = async (stack: Stack<PatchSeries>, revert = false): Promise<string> => {
    const applied = await apply(stack, revert)
    return applied.status === 'ok' ? 'applied' : applied.reason
  }

  it('gives a tree with the new texts, and the changes line by line', async () => {
    const applied = await apply(stackOf(mail('fix', 'drivers/of/old.c')))
    if (applied.status !== 'ok') throw new Error(applied.reason)
    expect(await readText(applied.tree, 'drivers/of/old.c')).toBe(after)
    expect(applied.added).toEqual([])
    expect(applied.edits).toEqual([
      { path: 'drivers/of/old.c', edits: [{ line: 3, added: 1, gone: ['\tint a = 1;'] }] },
    ])
  })

  it('without patches is the tree', async () => {
    expect(await apply(stackOf())).toMatchObject({ status: 'ok', tree, edits: [] })
  })

  it('lists new files', async () => {
    const lines = ['@@ -0,0 +1 @@', '+int g;']
    const applied = await apply(stackOf(mail('add', 'drivers/of/brand-new.c', lines, '/dev/null')))
    expect(applied).toMatchObject({ status: 'ok', added: ['drivers/of/brand-new.c'] })
  })

  it('is not applied if the tree already has it, and the message says how to play the tree without it', async () => {
    expect(await reason(stackOf(mail('fix', 'drivers/of/new.c')))).toBe(
      "patch p0 ('fix'): the tree already contains it. --revert plays the tree without it",
    )
  })

  it('is reverted in a tree that has it, the last patch first', async () => {
    const second = hunk.map((line) => line.replace('a = 2', 'a = 3').replace('a = 1', 'a = 2'))
    const forth = stackOf(mail('fix', 'drivers/of/old.c'), mail('more', 'drivers/of/old.c', second))
    const there = await apply(forth)
    if (there.status !== 'ok') throw new Error(there.reason)
    const back = await applyToKernel(there.tree, forth, { revert: true, folder })
    if (back.status !== 'ok') throw new Error(back.reason)
    expect(await readText(back.tree, 'drivers/of/old.c')).toBe(before)
  })

  it('cannot be reverted if the tree does not have it', async () => {
    expect(await reason(stackOf(mail('fix', 'drivers/of/old.c')), true)).toMatch(
      /^patch p0 \('fix'\): the tree does not contain it, so it cannot be reverted$/,
    )
  })

  it('that does not apply is reported with patch, file, hunk, and the actual text', async () => {
    const why = await reason(stackOf(mail('first', 'drivers/of/old.c'), mail('second', 'drivers/of/other.c')))
    expect(why).toMatch(/^patch p1 \('second'\) drivers\/of\/other\.c: hunk 1 of 1 .*does not apply\./)
    expect(why).toContain('int b = 1;')
  })

  it('that the tree has only in part is reported with the place', async () => {
    const both =
      mail('both', 'drivers/of/new.c') + mail('', 'drivers/of/old.c').split('---\n').slice(1).join('---\n')
    expect(await reason(stackOf(both))).toMatch(
      /already applied in part: in drivers\/of\/new\.c, but not in drivers\/of\/old\.c/,
    )
  })

  it('whose patches cancel each other is not applied', async () => {
    const back = hunk.map((line) =>
      line.startsWith('-') ? `+${line.slice(1)}` : line.startsWith('+') ? `-${line.slice(1)}` : line,
    )
    const ordered = [...back.slice(0, 3), back[4] ?? '', back[3] ?? '', ...back.slice(5)]
    const both = stackOf(mail('fix', 'drivers/of/old.c'), mail('revert', 'drivers/of/old.c', ordered))
    expect(await reason(both)).toBe('the patches of the stack cancel each other out: no change remains')
  })
})

describe('why a patched kernel does not compile', () => {
  const error = (line: number): string =>
    `drivers/of/a.c:${String(line)}:1: error: no\n   ${String(line)} | x`
  it('quotes the compiler output up to its fifth error', () => {
    const diagnostics = `${[1, 2, 3, 4, 5, 6, 7].map(error).join('\n')}\n7 errors generated.\n`
    const reason = compileReason([{ file: 'drivers/of/a.c', diagnostics, status: 'invalid' }])
    expect(reason.split('\n')).toEqual([
      'drivers/of/a.c does not compile: line 1: no',
      ...[1, 2, 3, 4, 5].flatMap((line) => error(line).split('\n')),
      'and 2 more errors',
    ])
  })

  it('has the number of other files that do not compile either', () => {
    const one = { file: 'a.c', diagnostics: 'a.c:1:1: fatal error: no\n', status: 'invalid' } as const
    expect(compileReason([one, one])).toMatch(
      /^a\.c does not compile \(nor does another file\): line 1: no\na\.c:1:1/,
    )
    expect(compileReason([one, one, one])).toMatch(/\(nor do 2 others\)/)
  })

  it('reports a compiler that did not finish', () => {
    const status = 'timeout'
    expect(compileReason([{ file: 'a.c', diagnostics: 'it ran longer than 60 s', status }])).toBe(
      'a.c could not be compiled:\nit ran longer than 60 s',
    )
  })
})
