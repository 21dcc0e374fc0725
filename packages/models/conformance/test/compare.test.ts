// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { compareFacts } from '../src/index.ts'
import { compareWith, recordedLines, recordingOf, replay } from './support.ts'

type Line = Record<string, unknown>

/** A step of a recording, to be changed. */
function step(lines: readonly Line[], number: number): Line {
  const found = lines.find((line) => line['step'] === number)
  if (found === undefined) throw new Error(`no step ${number}`)
  return found
}

function list(line: Line, field: string): Line[] {
  return line[field] as Line[]
}

describe('a changed fact in a recording is reported', () => {
  const cases: readonly [what: string, kind: string, change: (lines: Line[]) => void][] = [
    [
      'the counter before a reference',
      'references',
      (lines) => Object.assign(list(step(lines, 3), 'refs')[0] ?? {}, { before: 7 }),
    ],
    [
      'the counter after a reference',
      'references',
      (lines) => Object.assign(list(step(lines, 3), 'refs')[0] ?? {}, { after: 7 }),
    ],
    [
      'the result of an entry of the node list',
      'calls',
      (lines) => {
        const calls = step(lines, 3)['calls'] as string[]
        calls[0] = String(calls[0]).replace('rc=0', 'rc=-2')
      },
    ],
    [
      'the node of a reference',
      'references',
      (lines) => Object.assign(list(step(lines, 3), 'refs')[0] ?? {}, { node: 'random#1' }),
    ],
    [
      'a caller of a reference',
      'references',
      (lines) =>
        Object.assign(list(step(lines, 3), 'refs')[0] ?? {}, {
          by: 'of_find_node_by_name < pseries_devicetree_update',
        }),
    ],
    [
      'a reference more',
      'references',
      (lines) => list(step(lines, 3), 'refs').push({ ...list(step(lines, 3), 'refs')[0] }),
    ],
    ['a reference less', 'references', (lines) => list(step(lines, 3), 'refs').pop()],
    ['the order of references', 'references', (lines) => list(step(lines, 3), 'refs').reverse()],
    ['a reference of the boot', 'references', (lines) => (lines[0]?.['boot'] as string[]).pop()],
    ['an event in the life of a node', 'lifecycle', (lines) => list(step(lines, 3), 'lifecycle').pop()],
    [
      'the counter of a node',
      'nodes',
      (lines) => Object.assign(list(step(lines, 4), 'nodes')[1] ?? {}, { kref: 9 }),
    ],
    [
      'the flags of a node',
      'nodes',
      (lines) => Object.assign(list(step(lines, 4), 'nodes')[1] ?? {}, { flags: [] }),
    ],
    [
      'the life of a node',
      'nodes',
      (lines) => Object.assign(list(step(lines, 4), 'nodes')[0] ?? {}, { life: 'allocated' }),
    ],
    [
      'an entry of the phandle cache',
      'phandle cache',
      (lines) => Object.assign(list(step(lines, 4), 'phandle_cache')[0] ?? {}, { entry: 'facilities#1' }),
    ],
    [
      'the slot of a handle',
      'phandle cache',
      (lines) => Object.assign(list(step(lines, 4), 'phandle_cache')[0] ?? {}, { slot: 5 }),
    ],
    [
      'the node of a vio device',
      'vio',
      (lines) => Object.assign(list(step(lines, 4), 'vio')[3] ?? {}, { of_node: 'random#1' }),
    ],
    [
      'the driver of a vio device',
      'vio',
      (lines) => Object.assign(list(step(lines, 4), 'vio')[0] ?? {}, { driver: 'none' }),
    ],
    ['a directory of the tree', 'device tree', (lines) => list(step(lines, 4), 'device_tree').pop()],
    [
      'the content of a file',
      'sysfs',
      (lines) =>
        Object.assign((step(lines, 4)['sysfs'] as Record<string, Line>)['ibm,random-v1'] ?? {}, {
          name: 'x',
        }),
    ],
    [
      'the devices of a driver',
      'drivers',
      (lines) => Object.assign(step(lines, 4)['drivers'] as Line, { pseries_rng: [] }),
    ],
    ['a driver', 'drivers', (lines) => Object.assign(step(lines, 4)['drivers'] as Line, { other: [] })],
    ['a service', 'misc', (lines) => Object.assign(step(lines, 4)['misc'] as Line, { hwrng: 'none' })],
    [
      'a console line',
      'console',
      (lines) => (step(lines, 3)['events'] as string[]).push('WARNING: something'),
    ],
    [
      'a report',
      'reports',
      (lines) => list(step(lines, 3), 'reports').push({ text: 'WARNING: x', at: 'f', trace: [] }),
    ],
    ['the status of a step', 'outcome', (lines) => Object.assign(step(lines, 3), { rc: 1 })],
    [
      'the result of the tree update',
      'outcome',
      (lines) =>
        (step(lines, 3)['calls'] as string[]).splice(-1, 1, 'pseries_devicetree_update() returned -22'),
    ],
  ]
  for (const [what, kind, change] of cases) {
    it(what, () => {
      const { differences } = compareWith('base/S2-single', change)
      expect(differences.map((difference) => difference.kind)).toContain(kind)
    })
  }

  it('with both sides', () => {
    const { differences } = compareWith('base/S2-single', (lines) => {
      Object.assign(list(step(lines, 4), 'phandle_cache')[0] ?? {}, { entry: 'facilities#1' })
    })
    expect(differences).toEqual([
      {
        kind: 'phandle cache',
        where: 'step 4 (dump)',
        recorded: 'cache 0xfffffff6 slot 54 -> facilities#1',
        replayed: 'cache 0xfffffff6 slot 54 -> facilities#0(released-not-freed)',
      },
    ])
  })

  it('in the trace and the location of a report', () => {
    for (const change of [{ at: 'of_detach_node' }, { trace: ['of_detach_node', 'system_call'] }]) {
      const { differences } = compareWith('base/S4-single', (lines) => {
        Object.assign(list(step(lines, 5), 'reports')[3] ?? {}, change)
      })
      expect(differences).toHaveLength(1)
      expect(differences[0]?.kind).toBe('reports')
    }
  })

  it('in the result of a lookup', () => {
    const { differences } = compareWith('base/S9-none', (lines) => {
      Object.assign(list(step(lines, 3), 'lookups')[2] ?? {}, {
        result: 'none',
        state: 'not-found',
        kref_with_ours: -1,
      })
    })
    expect(differences.map(({ kind }) => kind)).toEqual(['lookups'])
  })

  it('if an Oops is missing', () => {
    const { differences } = compareWith('base/S3-per-node', (lines) => {
      const migration = step(lines, 3)
      migration['rc'] = 0
      migration['reports'] = list(migration, 'reports').slice(0, 1)
      migration['events'] = (migration['events'] as string[]).slice(0, 2)
    })
    expect(differences.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['outcome', 'console', 'reports']),
    )
  })
})

describe('text from freed memory', () => {
  const released = (sysfs_name: string): ReturnType<typeof compareWith> =>
    compareWith('base/S2-single', (lines) => {
      Object.assign(list(step(lines, 4), 'nodes')[0] ?? {}, { sysfs_name })
    })
  const length = 'ibm,platform-facilities'.length

  it('is compared up to its poison and the red zone: SLUB poisons the whole object', () => {
    const asRecorded = `${'k'.repeat(31)}?????????`
    for (const behind of ['', 'Hq$?', '??']) expect(released(asRecorded + behind).differences).toEqual([])
    const { differences } = released(`${'k'.repeat(length)}?????????`)
    expect(differences.map(({ kind }) => kind)).toEqual(['nodes'])
  })

  it('is skipped and counted if it belongs to a new owner', () => {
    const { differences, skipped } = released('ibm,resource-id')
    expect([differences, skipped.get('freed-text')]).toEqual([[], 1])
  })

  it('is compared for a name that is freed a second time', () => {
    const renamed = (name: string): ReturnType<typeof compareWith> =>
      compareWith('base/S7-single', (lines) => {
        for (const line of lines) {
          for (const report of (line['reports'] ?? []) as Line[]) {
            const text = String(report['text'])
            report['text'] = text.replace(/(kernfs: can not remove ')k[^']*/, `$1${name}`)
          }
        }
      })
    expect(renamed('kkkkkkk?????????p)$?').differences).toEqual([])
    expect(renamed('kkkkkk?????????p)$?').differences.map(({ kind }) => kind)).toEqual(['reports'])
  })
})

describe('the comparison', () => {
  it('skips and counts the facts after the first dump following an Oops', () => {
    const lines = recordedLines('base/S3-per-node')
    const more = { ...step(lines, 4), step: 5, action: 'dump', rc: 0, nodes: [] }
    const recording = recordingOf([...lines, more])
    const comparison = compareFacts(recording, replay(recording))
    expect(comparison.differences).toEqual([])
    expect(comparison.skipped.get('after-oops')).toBe(2)
  })

  it('includes the state in the dump right after an Oops', () => {
    const { differences } = compareWith('base/S3-per-node', (lines) => {
      Object.assign(list(step(lines, 4), 'nodes')[0] ?? {}, { kref: 3 })
    })
    expect(differences.map(({ kind }) => kind)).toEqual(['nodes'])
  })
})

describe('console output', () => {
  it('is counted by reason if it is not compared', () => {
    const recording = recordingOf(recordedLines('vio-notifier/S2-single'))
    const { skipped } = compareFacts(recording, replay(recording))
    // The recorder's message that the migration hangs.
    expect(skipped.get('recorder-lines')).toBe(1)
    expect(skipped.get('quiet-lines')).toBeGreaterThan(0)
    expect(skipped.get('run-numbers')).toBeGreaterThan(0)
  })

  it('is compared without numbers that differ per run', () => {
    const warned = (change: (line: string) => string): ReturnType<typeof compareWith> =>
      compareWith('base/S4-single', (lines) => {
        const migration = step(lines, 5)
        migration['events'] = (migration['events'] as string[]).map(change)
      })
    expect(warned((line) => line.replace(/PID=\S+/, 'PID=77')).differences).toEqual([])
    expect(
      warned((line) => line.replace('__of_detach_node', '__of_attach_node')).differences.map(
        ({ kind }) => kind,
      ),
    ).toContain('console')
  })
})

describe('a message of the hung-task detector', () => {
  const line = 'INFO: task init:1 blocked for more than 10 seconds.'

  /** Compares step 3 of a recording with a replay, each with or without a message of the detector. */
  function compared(recordedToo: boolean, replayedToo: boolean): ReturnType<typeof compareFacts> {
    const lines = recordedLines('base/S2-single')
    const run = replay(recordingOf(lines))
    if (recordedToo) step(lines, 3)['events'] = [line]
    const steps = run.steps.map((one, index) =>
      index === 3 && replayedToo ? { ...one, console: [...one.console, line.replace(':1 ', ':7 ')] } : one,
    )
    return compareFacts(recordingOf(lines), { ...run, steps })
  }

  it('is compared in a step in which the recorder waited long enough for such a message', () => {
    expect(compared(true, true).differences).toEqual([])
    expect(compared(true, true).skipped.has('hung-task')).toBe(false)
    expect(compared(true, false).differences).toMatchObject([{ kind: 'console', replayed: '-' }])
  })

  it('of the replay is ignored in any other step', () => {
    expect(compared(false, true).differences).toEqual([])
    expect(compared(false, true).skipped.get('hung-task')).toBe(1)
  })
})
