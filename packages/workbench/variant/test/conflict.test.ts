// SPDX-License-Identifier: GPL-2.0-only
import { parseSeries, type FileChange } from '@pfo-workbench/patch'
import { describe, expect, it } from 'vitest'
import { explainConflict } from '../src/apply/conflict.ts'

const base = 'of/base.ts'

const files = (body: string): readonly FileChange[] =>
  parseSeries(`--- a/${base}\n+++ b/${base}\n${body}`, 'x.patch', { accepted: 'any', fault: () => null })
    .patches[0]?.files ?? []

const explain = async (body: string, text: string): Promise<string | null> =>
  explainConflict(files(body), 'x.patch', (path) => Promise.resolve(path === base ? text : null))

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, i) => `line ${String(i + 1)}\n`).join('')

describe('an explanation', () => {
  it('is none when every hunk fits, wherever it stands by now', async () => {
    expect(await explain('@@ -2,3 +2,3 @@\n line 22\n-line 23\n+x\n line 24\n', numbered(40))).toBeNull()
  })

  it('counts on the changes of the hunks before', async () => {
    const body = '@@ -2,3 +2,3 @@\n line 2\n-line 3\n+x\n line 4\n@@ -4,3 +4,3 @@\n line 4\n-x\n+y\n line 6\n'
    expect(await explain(body, numbered(9))).toContain('hunk 2 of 2')
  })

  it('knows that a hunk without lines after it belongs at the end', async () => {
    expect(await explain('@@ -2,2 +2,2 @@\n line 2\n-line 3\n+x\n', numbered(9))).toContain('hunk 1 of 1')
    expect(await explain('@@ -2,2 +2,2 @@\n line 8\n-line 9\n+x\n', numbered(9))).toBeNull()
  })

  it('takes for the nearest match what is most alike, not where braces and empty lines stand alike', async () => {
    const text = `${'  return 0\n}\n\n/**\n'.repeat(9)}  before.sibling = np.sibling\n  np.flags = DETACHED\n}\n`
    const body =
      '@@ -3,5 +3,6 @@\n   before.next = np.sibling\n-  np.flags |= DETACHED\n+  x\n+  y\n }\n \n /**\n'
    expect(await explain(body, text)).toContain('found, at line 37, the nearest match:')
  })

  it('says when the file is too short', async () => {
    expect(await explain('@@ -20,3 +20,3 @@\n a\n-b\n+x\n c\n', numbered(3))).toContain(
      'found: the file ends before.',
    )
  })

  it('shows the part of a long hunk in which the difference is', async () => {
    const lines = numbered(40).trimEnd().split('\n')
    const body = `@@ -1,40 +1,40 @@\n${lines.map((line, i) => (i === 30 ? '-other\n+x' : ` ${line}`)).join('\n')}\n`
    const text = (await explain(body, numbered(40))) ?? ''
    expect(text).toContain('  ! other')
    expect(text).toContain('  ! line 31')
    expect(text.split('\n').length).toBeLessThan(32)
  })

  it('is given up rather than searched for at length', async () => {
    const many = 'a\n'.repeat(60_000)
    const body = `@@ -1,30000 +1,30000 @@\n${' a\n'.repeat(29_999)}-b\n+c\n`
    expect(await explain(body, many)).toBeNull()
    const hunks = Array.from(
      { length: 20_000 },
      (_, i) => `@@ -${String(i + 5)} +${String(i + 5)} @@\n-a\n+a\n`,
    )
    expect(await explain(`${hunks.join('')}@@ -59000 +59000 @@\n-b\n+c\n`, many)).toBeNull()
  })
})
