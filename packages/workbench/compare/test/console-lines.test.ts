// SPDX-License-Identifier: GPL-2.0-only
import { linuxFacts, type RunRecord } from '@pfo-workbench/run'
import { expect, it } from 'vitest'
import { consoleLines } from '../src/changes/console-lines.ts'

/** A run in which one call printed these lines. */
const runOf = (lines: readonly string[]): RunRecord => ({
  scenario: 'a-test',
  facts: linuxFacts,
  outcome: 'completed',
  unmodelled: null,
  assumed: [],
  steps: [],
  events: lines.map((text, seq) => ({
    type: 'printk',
    seq,
    step: 1,
    task: 'init/1',
    chain: [{ function: 'f' }],
    level: 4,
    text,
  })),
  console: lines,
})

const linesOf = (...lines: readonly string[]): string[] => consoleLines(runOf(lines)).map(({ line }) => line)

it('are the same whatever tainted the kernel before', () => {
  const cpu = (taint: string): string => `CPU: 0 PID: 7 Comm: init ${taint} 4.18.0`
  const same = ['CPU: N PID: N Comm: init TAINT 4.18.0']
  expect(linesOf(cpu('Not tainted'))).toEqual(same)
  expect(linesOf(cpu('Tainted: G        W        '))).toEqual(same)
  expect(linesOf(cpu('Tainted: G      D W        '))).toEqual(same)
  const slab = (taint: string): string => `BUG kmalloc-8 (${taint}): Object already free`
  expect(linesOf(slab('Tainted: G      D          '))).toEqual(linesOf(slab('Not tainted')))
})

it('are at level error only if they report a refused allocation or firmware call: others are findings', () => {
  const failed = (text: string, before: RunRecord['events']): RunRecord => {
    const run = runOf([text])
    const printed = run.events.map((event) => ({ ...event, level: 3, seq: 1 }) as typeof event)
    return { ...run, events: [...before, ...printed] }
  }
  const base = { seq: 0, step: 1, task: 'init/1', chain: [{ function: 'kzalloc' }] }
  expect(consoleLines(failed('no memory for x', []))).toEqual([])
  expect(consoleLines(failed('no memory for x', [{ type: 'alloc.failed', struct: 'x', ...base }]))).toEqual([
    { step: 1, line: 'no memory for x' },
  ])
})

it('keep the lines of a report around its call trace', () => {
  expect(linesOf('WARNING: at x', 'Call Trace:', 'f', 'g', '---[ end trace ]---', 'more')).toEqual([
    'WARNING: at x',
    'Call Trace:',
    '---[ end trace ]---',
    'more',
  ])
})

it('name the report by its first line that is no ruler, so that a ruler that is gone is a line of the same report', () => {
  const reportsOf = (...lines: readonly string[]) =>
    consoleLines(runOf(lines)).map(({ line, report }) => [line, report])
  const title = 'BUG kmalloc-8 (Not tainted): Object already free'
  const named = 'BUG kmalloc-8 (TAINT): Object already free'
  expect(reportsOf('=======', title, '-------')).toEqual([
    ['=======', named],
    [named, named],
    ['-------', named],
  ])
  expect(reportsOf(title, '-------')).toEqual([
    [named, named],
    ['-------', named],
  ])
  expect(reportsOf('------------[ cut here ]------------', 'refcount_t: underflow')).toEqual([
    ['------------[ cut here ]------------', 'refcount_t: underflow'],
    ['refcount_t: underflow', 'refcount_t: underflow'],
  ])
})

it('name an Oops by its function, so that it is the same Oops if its first line is gone', () => {
  const reportsOf = (after: number, ...lines: readonly string[]) => {
    const run = runOf(lines)
    const seq = lines.length - 1 + after
    const oops = { ...run.events.at(-1), type: 'oops', seq, function: 'f', reason: 'r', held: [] }
    return consoleLines({ ...run, events: [...run.events, oops as RunRecord['events'][number]] }).map(
      ({ report }) => report,
    )
  }
  const [first, ...rest] = ['Unable to handle kernel paging request', 'Oops: Kernel access', 'CPU: 0']
  expect(reportsOf(1, first, ...rest)).toEqual(Array(3).fill('Oops in f'))
  expect(reportsOf(1, ...rest)).toEqual(Array(2).fill('Oops in f'))
  // An Oops that happens later is another report.
  expect(reportsOf(2, first, ...rest)).toEqual(Array(3).fill(first))
})
