// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { Partition } from '../src/index.ts'
import { askConnector, migrated, workArea } from './work-area.ts'

describe('an RTAS call', () => {
  it('returns -3 for an unknown token or wrong arguments', () => {
    const partition = new Partition()
    expect(partition.rtas(0xffffffff, [])).toEqual([-3])
    expect(partition.rtas(partition.token('ibm,update-nodes'), [1, 1])).toEqual([-3])
    expect(partition.rtas(partition.token('ibm,update-nodes'), [workArea(), 5])).toEqual([-3])
    expect(partition.rtas(partition.token('ibm,update-nodes'), [new Uint8Array(64), 1])).toEqual([-3])
    expect(partition.rtas(partition.token('ibm,update-properties'), [workArea(1)])).toEqual([-3])
    expect(partition.rtas(partition.token('ibm,configure-connector'), [])).toEqual([-3])
    expect(partition.rtas(partition.token('get-sensor-state'), [9003])).toEqual([-3, 0])
    expect(partition.rtas(partition.token('set-indicator'), [workArea()])).toEqual([-3])
  })

  it('accepts token and scope signed or unsigned', () => {
    const partition = new Partition()
    expect(partition.rtas(partition.token('ibm,update-nodes') - 2 ** 32, [workArea(), 0xfffffffe])).toEqual([
      0,
    ])
    expect(partition.rtas(partition.token('ibm,update-nodes'), [workArea(), -2])).toEqual([0])
  })
})

describe('ibm,activate-firmware', () => {
  it('succeeds after the scripted statuses', () => {
    const partition = migrated({ statuses: { 'ibm,activate-firmware': [-2, 9900] } })
    const activate = (): readonly number[] => partition.rtas(partition.token('ibm,activate-firmware'), [])
    expect([activate(), activate(), activate()]).toEqual([[-2], [9900], [0]])
  })
})

describe('get-sensor-state and set-indicator', () => {
  const DRC = 0x50000002
  const sense = (partition: Partition, drc = DRC): readonly number[] =>
    partition.rtas(partition.token('get-sensor-state'), [9003, drc])
  const set = (partition: Partition, indicator: number, value: number): readonly number[] =>
    partition.rtas(partition.token('set-indicator'), [indicator, DRC, value])

  it('release a connector and acquire it again, like dlpar_release_drc and dlpar_acquire_drc', () => {
    const partition = new Partition()
    expect(sense(partition)).toEqual([0, 1])
    expect([set(partition, 9001, 0), set(partition, 9003, 0)]).toEqual([[0], [0]])
    expect(sense(partition)).toEqual([0, 2])
    expect(askConnector(partition, DRC)).toEqual([{ status: -9003 }])
    expect([set(partition, 9003, 1), set(partition, 9001, 1)]).toEqual([[0], [0]])
    expect(sense(partition)).toEqual([0, 1])
    expect(askConnector(partition, DRC).at(-1)).toEqual({ status: 0 })
  })

  it('reject steps in the wrong order', () => {
    const partition = new Partition()
    expect(set(partition, 9003, 0)).toEqual([-3])
    set(partition, 9001, 0)
    set(partition, 9003, 0)
    expect(set(partition, 9001, 1)).toEqual([-3])
  })

  it('reject unknown sensors, indicators and connectors', () => {
    const partition = new Partition()
    expect(sense(partition, 0x12345)).toEqual([-3, 0])
    expect(partition.rtas(partition.token('get-sensor-state'), [9002, DRC])).toEqual([-3, 0])
    expect(set(partition, 9002, 1)).toEqual([-3])
    expect(set(partition, 9003, 2)).toEqual([-3])
  })

  it('fail as scripted, with their outputs', () => {
    const partition = new Partition()
    partition.prepareMigration({ statuses: { 'get-sensor-state': [-1], 'set-indicator': [0, -1] } })
    expect(sense(partition)).toEqual([-1, 0])
    expect([set(partition, 9001, 0), set(partition, 9003, 0), set(partition, 9003, 0)]).toEqual([
      [0],
      [-1],
      [0],
    ])
  })
})
