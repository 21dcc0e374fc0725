// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { compareReplayInC, type ReplayComparison } from '../src/index.ts'
import { recordedLines, recordingOf, replay } from './support.ts'

interface Step {
  readonly events: string[]
  readonly refs: { by: string }[]
  readonly reports: { text: string; at: string | null; trace: string[] }[]
}

/** Replays a recording and compares it like a replay in C, after `change` modified its sixth step. */
function compareSecondMigration(change: (step: Step) => void): ReplayComparison {
  const lines = recordedLines('base/S4-single')
  const run = replay(recordingOf(lines))
  change(lines[5] as unknown as Step)
  return compareReplayInC(recordingOf(lines), run)
}

describe('the comparison with a kernel in C', () => {
  it('agrees without changes, in as many facts as the other comparison', () => {
    const { compared, differences, inFile } = compareSecondMigration(() => undefined)
    expect(differences).toEqual([])
    expect(compared).toBe(267)
    expect(inFile).toBeGreaterThanOrEqual(compared)
  })

  it('ignores line numbers and inlined functions', () => {
    const { differences } = compareSecondMigration(({ events, refs, reports }) => {
      for (const [index, line] of events.entries())
        events[index] = line.replace('drivers/of/dynamic.c:257', 'drivers/of/dynamic.c:1')
      for (const ref of refs) ref.by = ref.by.replace('kobject_add <', 'kobject_add_varg < kobject_add <')
      for (const report of reports) report.text = report.text.replace('dynamic.c:257', 'dynamic.c:1')
    })
    expect(differences).toEqual([])
  })

  it('checks the function and the file of a WARN', () => {
    const elsewhere = compareSecondMigration(({ reports }) => {
      const report = reports.find(({ text }) => text.includes('dynamic.c'))
      if (report !== undefined) report.at = 'of_attach_node'
    })
    expect(new Set(elsewhere.differences.map(({ kind }) => kind))).toEqual(new Set(['reports']))
    const otherFile = compareSecondMigration(({ events }) => {
      const index = events.findIndex((line) => line.includes('drivers/of/dynamic.c'))
      events[index] = events[index]?.replace('dynamic.c', 'base.c') ?? ''
    })
    // A worker runs concurrently with the step's task, so a missing and an extra line are not paired.
    expect(otherFile.differences).toEqual([
      expect.objectContaining({
        kind: 'console',
        recorded: expect.stringContaining('drivers/of/base.c') as unknown,
        replayed: '-',
      }),
      expect.objectContaining({
        kind: 'console',
        recorded: '-',
        replayed: expect.stringContaining('drivers/of/dynamic.c') as unknown,
      }),
    ])
  })

  it('reports a different caller', () => {
    const { differences } = compareSecondMigration(({ refs }) => {
      const [ref] = refs
      if (ref !== undefined) ref.by = `nobody < ${ref.by}`
    })
    expect(differences).toHaveLength(1)
  })
})
