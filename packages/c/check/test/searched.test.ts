// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { changedLines } from '../src/drive/changed-lines.ts'
import { judgeChange, type LineRange, type FileVersion } from '../src/index.ts'
import { irOf, options, textOf, version } from './support.ts'

const side = (source: string, changed: readonly LineRange[]): FileVersion =>
  version(source, irOf(source).replaceAll(`"${source}"`, '"searched.c"'), changed)

it('searches for changed lines that the budget would not reach', () => {
  const [before, after] = ['searched.c', 'searched-after.c'] as const
  const lines = changedLines(textOf(before), textOf(after))
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
