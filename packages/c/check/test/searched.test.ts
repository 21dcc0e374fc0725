// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { changedLines } from '../src/drive/changed-lines.ts'
import { judgeChange, type LineRange, type Version } from '../src/index.ts'
import { fixtures, irOf, options, version } from './support.ts'

const side = (source: string, changed: readonly LineRange[]): Version =>
  version(source, irOf(source).replaceAll(`"${source}"`, '"searched.c"'), changed)

it('searches for changed lines that the budget would not reach', () => {
  const [before, after] = ['searched-before.c', 'searched-after.c'] as const
  const text = (source: string): string => readFileSync(join(fixtures, source), 'utf8')
  const lines = changedLines(text(before), text(after))
  const budgets = { changed: { steps: 500_000, paths: 20 }, other: { steps: 150_000, paths: 20 } }
  const { findings } = judgeChange('searched.c', side(before, lines.before), side(after, lines.after), {
    ...options,
    budgets,
  })
  const changes = findings.filter(({ status }) => status !== 'kept')
  expect(changes.map(({ status, rule, entry }) => `${entry}(): ${status} ${rule}`)).toEqual([
    'behind_many_paths(): introduced double-put',
  ])
})
