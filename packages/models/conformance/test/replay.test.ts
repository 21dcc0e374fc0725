// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { jobOf } from '../src/index.ts'
import { recordedLines, recordingOf, replay } from './support.ts'

describe('a replay', () => {
  it('gets no results of the recording, only the choices of its allocator', () => {
    const job = jobOf(recordingOf(recordedLines('base/S4-single')))
    expect(Object.keys(job)).toEqual(['slubPoison', 'dynamicChildren', 'dynamicParent', 'steps'])
    for (const step of job.steps) expect(Object.keys(step)).toEqual(['step', 'action', 'memory'])
  })

  it('gives the same facts each time', () => {
    const recording = recordingOf(recordedLines('base/S9-single'))
    expect(replay(recording)).toEqual(replay(recording))
  })

  it('reuses freed memory as the recorded allocator did', () => {
    const lines = recordedLines('base/S4-single+dynamic')
    const migration = lines.find((line) => line['step'] === 5)
    const lifecycle = migration?.['lifecycle'] as string[]
    const birth = lifecycle.indexOf('new node facilities#2 (configure-connector)')
    lifecycle.splice(birth, 0, 'memory of sym-encryption#0 is reused')
    const step = replay(recordingOf(lines)).steps[6]
    expect(step?.nodes.find(({ id }) => id === 'sym-encryption#0')?.life).toBe('freed-reused')
    expect(step?.phandle_cache[3]?.entry).toBe('facilities#2')
    expect(step?.vio.find(({ dev }) => dev === 'ibm,sym-encryption-v1')?.of_node).toBe('facilities#2')
    // Without the reuse, this read would be an Oops on a freed node. Here it reads the new owner of the memory.
    expect(step?.sysfs['ibm,sym-encryption-v1']?.['devspec']).toBe('/ibm,platform-facilities')
  })

  it('continues after an Oops in a process of the shell and returns what it read before', () => {
    const step = replay(recordingOf(recordedLines('base/S4-single+dynamic'))).steps[6]
    expect(step?.outcome).toEqual({ kind: 'completed', rc: 0 })
    expect(step?.sysfs['ibm,sym-encryption-v1']).toMatchObject({ modalias: '', devspec: '', uevent: '' })
    expect(step?.misc['hwrng']).toBe('pseries_rng')
  })

  it('ends a dump if the shell itself hangs', () => {
    const run = replay(recordingOf(recordedLines('base/S3-per-node')))
    expect(run.steps[3]?.outcome).toEqual({ kind: 'killed' })
    expect(run.steps[4]?.outcome).toEqual({ kind: 'hung' })
    expect(run.steps[4]?.nodes).toHaveLength(6)
    expect(run.steps[4]?.device_tree).toEqual([])
  })
})
