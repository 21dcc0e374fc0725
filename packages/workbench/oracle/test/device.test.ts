// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { examine } from '../src/index.ts'
import { chainOf, detached, device, event, findingsOf, node, runOf, saysOf } from './support.ts'

const firmware = ['/ibm,platform-facilities/ibm,x-v1']
const path = '/ibm,platform-facilities/ibm,x-v1'
const load = event('module.load', { module: 'x', result: 0 })
const bound = { firmware, vio: [device('ibm,x-v1', 'n', 'xdrv')] }
const unbound = { firmware, vio: [device('ibm,x-v1', 'n')] }
const unbind = event('driver.unbind', { device: 'ibm,x-v1', driver: 'xdrv' }, 2)

describe('lost-device', () => {
  it('fires when firmware offers a facility and there is no device', () => {
    expect(saysOf('lost-device', runOf([bound, { firmware }]))).toEqual([
      'ibm,x-v1: firmware offers it: no vio device',
    ])
  })

  it('fires when the device lost its driver, which is loaded', () => {
    expect(findingsOf('lost-device', runOf([unbound, bound, unbound], [load]))).toMatchObject([{ step: 2 }])
  })

  describe('of a facility whose driver is known', () => {
    const random = 'ibm,random-v1'
    const there = { firmware: [`/ibm,platform-facilities/${random}`], vio: [device(random, 'n')] }
    const loads = (result: number) => event('module.load', { module: 'pseries_rng', result })

    it('fires when the driver is loaded and was never bound', () => {
      expect(saysOf('lost-device', runOf([there, there], [loads(0)]))).toEqual([
        'ibm,random-v1: firmware offers it: no driver, although pseries_rng is loaded',
      ])
    })

    it('is silent while firmware has it turned off, and fires when it is turned on again', () => {
      const off = { ...there, vio: [device(random, 'n', null, { enabled: false })] }
      expect(findingsOf('lost-device', runOf([there, off], [loads(0)]))).toEqual([])
      expect(findingsOf('lost-device', runOf([there, off, there], [loads(0)]))).toMatchObject([{ step: 2 }])
    })

    it('fires when a person asked for the driver and it cannot be loaded', () => {
      expect(saysOf('lost-device', runOf([there, there], [loads(-19)]))).toEqual([
        'ibm,random-v1: firmware offers it: no driver: pseries_rng cannot be loaded',
      ])
    })

    it('is silent if nobody asked for it, or it was unloaded', () => {
      expect(findingsOf('lost-device', runOf([there, there]))).toEqual([])
      const unload = event('module.unload', { module: 'pseries_rng', result: 0 }, 2)
      expect(findingsOf('lost-device', runOf([there, there, there], [loads(0), unload]))).toEqual([])
    })
  })

  it('fires beside what else is wrong with a device: its node is gone, its files are broken', () => {
    const came = device('ibm,x-v1', 'n', 'xdrv')
    const wreck = device('ibm,x-v1', 'n', null, { files: { ...came.files, of_node: null } })
    const run = runOf(
      [
        { firmware, nodes: [node('n', { path })], vio: [came] },
        { firmware, nodes: [detached('n', { path })], vio: [wreck] },
      ],
      [],
    )
    expect(examine(run).map(({ oracle, subject }) => `${oracle} ${subject}`)).toEqual([
      `lost-node ${path}`,
      'lost-device ibm,x-v1',
      'stale-device ibm,x-v1',
      'broken-sysfs ibm,x-v1/of_node',
    ])
  })

  it('has what cannot be said without the device count as mended by nobody', () => {
    const change = { node: path, property: 'status' }
    const masks = (last: object): readonly string[] | undefined =>
      findingsOf('lost-device', runOf([bound, { firmware, ...last }], [], [], [change]))[0]?.masks
    expect(masks({})).toEqual([
      'stale-device ibm,x-v1',
      'stale-device ibm,x-v1 to freed memory',
      'broken-sysfs ibm,x-v1/name',
      'broken-sysfs ibm,x-v1/devspec',
      'broken-sysfs ibm,x-v1/modalias',
      'broken-sysfs ibm,x-v1/of_node',
      'missed-update ibm,x-v1 status',
    ])
    expect(masks({ vio: [device('ibm,x-v1', 'n')] })).toEqual(['missed-update ibm,x-v1 status'])
  })

  it('is silent if a bound device is stale, broken and missed an update: it works', () => {
    const change = { node: path, property: 'status' }
    const came = device('ibm,x-v1', 'n', 'xdrv')
    const stale = {
      ...came,
      outdated: ['status'],
      files: { ...came.files, of_node: null },
    }
    const run = runOf(
      [
        { firmware, nodes: [node('n', { path })], vio: [came] },
        { firmware, nodes: [detached('n', { path })], vio: [stale] },
      ],
      [],
      [],
      [change],
    )
    expect(new Set(examine(run).map(({ oracle }) => oracle))).toEqual(
      new Set(['lost-node', 'stale-device', 'missed-update', 'broken-sysfs']),
    )
  })

  it('is silent if the driver was unloaded, or unbound by hand', () => {
    const unload = event('module.unload', { module: 'x', result: 0 }, 2)
    expect(findingsOf('lost-device', runOf([unbound, bound, unbound], [load, unload]))).toEqual([])
    const byHand = { ...unbind, chain: chainOf('device_release_driver < unbind_store') }
    expect(findingsOf('lost-device', runOf([unbound, bound, unbound], [load, byHand]))).toEqual([])
  })

  it('is silent if a person took its node out of the tree', () => {
    const chain = chainOf('of_detach_node < ofdt_write')
    const byHand = { ...event('node.detach', { object: 'n', path, again: false }), chain }
    expect(findingsOf('lost-device', runOf([bound, { firmware }], [byHand]))).toEqual([])
  })

  it('is silent in a step in which memory was short, and fires if that is not put right in the next one', () => {
    const short = event('alloc.failed', { struct: 'vio_dev' }, 1)
    expect(findingsOf('lost-device', runOf([bound, { firmware }], [short]))).toEqual([])
    expect(findingsOf('lost-device', runOf([bound, { firmware }, { firmware }], [short]))).toMatchObject([
      { subject: 'ibm,x-v1', step: 2 },
    ])
  })

  it('is silent if firmware offers the facility no more', () => {
    expect(findingsOf('lost-device', runOf([bound, {}]))).toEqual([])
  })
})

describe('interruption', () => {
  const told = event('rtas.call', { service: 'ibm,update-nodes', status: 0 }, 2)

  it('fires when what firmware told unbinds a driver of a facility that stays', () => {
    expect(findingsOf('interruption', runOf([unbound, bound, bound], [told, unbind]))).toMatchObject([
      {
        subject: 'ibm,x-v1',
        step: 2,
        count: 1,
        message: 'driver xdrv was unbound, and not bound again; firmware has the facility as before',
      },
    ])
  })

  it('says whether it was bound again in the same step', () => {
    const bind = event('driver.bind', { device: 'ibm,x-v1', driver: 'xdrv' }, 2)
    expect(findingsOf('interruption', runOf([unbound, bound, bound], [told, unbind, bind]))).toMatchObject([
      { message: 'driver xdrv was unbound, and bound again; firmware has the facility as before' },
    ])
  })

  it('says so of the last time that it was unbound', () => {
    const bind = event('driver.bind', { device: 'ibm,x-v1', driver: 'xdrv' }, 2)
    const again = [told, unbind, bind, { ...told, step: 3 }, { ...unbind, step: 3 }]
    expect(findingsOf('interruption', runOf([unbound, bound, bound, bound], again))).toMatchObject([
      {
        step: 2,
        count: 2,
        message:
          'driver xdrv was unbound (2 times), and not bound again; firmware has the facility as before',
      },
    ])
  })

  it('is silent if a person unbound it, or the facility went away', () => {
    expect(findingsOf('interruption', runOf([unbound, bound, unbound], [unbind]))).toEqual([])
    expect(findingsOf('interruption', runOf([unbound, bound, {}], [told, unbind]))).toEqual([])
  })
})

describe('missed-update', () => {
  const change = { node: path, property: 'ibm,max-sg-len' }
  const at = (driver: string | null, state: object): object => ({
    nodes: [node('n', { path })],
    vio: [device('ibm,x-v1', 'n', driver, state)],
  })
  const [old, now] = [{ settings: '4080' }, { settings: '2048' }]

  it("fires when the bound driver's node does not have the new value", () => {
    const run = runOf([at('d', old), at('d', { ...old, outdated: [change.property] })], [], [], [change])
    expect(saysOf('missed-update', run)).toEqual([
      'ibm,x-v1 ibm,max-sg-len: firmware changed it; the node that d uses still has the old value',
    ])
  })

  it('fires when the node has it and the driver goes on with the old one', () => {
    expect(saysOf('missed-update', runOf([at('d', old), at('d', old)], [], [], [change]))).toEqual([
      'ibm,x-v1 ibm,max-sg-len: firmware changed it; d goes on with what it made of the old value',
    ])
  })

  it('is silent if the driver took it, then or later', () => {
    expect(findingsOf('missed-update', runOf([at('d', old), at('d', now)], [], [], [change]))).toEqual([])
    const later = runOf([at('d', old), at('d', old), at('d', now)], [], [], [change])
    expect(findingsOf('missed-update', later)).toEqual([])
  })

  it('is silent without a driver, without a change, and for a driver that makes nothing of properties', () => {
    const free = runOf([at(null, old), at(null, { outdated: [change.property] })], [], [], [change])
    expect(findingsOf('missed-update', free)).toEqual([])
    expect(findingsOf('missed-update', runOf([at('d', old), at('d', old)]))).toEqual([])
    expect(findingsOf('missed-update', runOf([at('d', {}), at('d', {})], [], [], [change]))).toEqual([])
  })
})

describe('broken-sysfs', () => {
  const start = device('x', 'n')
  const broken = (files: Partial<typeof start.files>): RunRecord =>
    runOf([{ vio: [start] }, { vio: [{ ...start, files: { ...start.files, ...files } }] }])

  it('names who took the node away that the files are read from', () => {
    const nameless = { ...start, files: { ...start.files, name: '' } }
    const detach = {
      ...event('node.detach', { object: 'n', path: '/x', again: false }),
      chain: chainOf('f < g'),
    }
    const evidenceOf = (run: RunRecord): unknown => findingsOf('broken-sysfs', run)[0]?.evidence
    expect(evidenceOf(runOf([{ vio: [start] }, { vio: [nameless] }], [detach]))).toMatchObject([
      { text: 'its node was detached by', chain: chainOf('f < g') },
    ])
    expect(evidenceOf(broken({ name: '' }))).toEqual([])
  })

  it('fires when the link to the node leads nowhere', () => {
    expect(findingsOf('broken-sysfs', broken({ of_node: null }))).toMatchObject([
      { subject: 'x/of_node', step: 1, message: 'the link leads nowhere' },
    ])
  })

  it('fires when the link to the node leads elsewhere, and says where', () => {
    expect(saysOf('broken-sysfs', broken({ of_node: '/devices/x#1' }))).toEqual([
      'x/of_node: gives "/devices/x#1", gave "/devices/x" when the device came',
    ])
  })

  it('is silent about a link that the device got after it came', () => {
    const came = device('x', 'n', null, { files: { ...start.files, of_node: null } })
    expect(findingsOf('broken-sysfs', runOf([{ vio: [came] }, { vio: [start] }]))).toEqual([])
  })

  it('fires when files read otherwise than when the device came', () => {
    expect(saysOf('broken-sysfs', broken({ name: '', modalias: 'vio:TS' }))).toEqual([
      'x/name: gives "", gave "x" when the device came',
      'x/modalias: gives "vio:TS", gave "vio:TxSx" when the device came',
    ])
  })

  it('is silent if all is as it was, and about a device that came broken', () => {
    expect(findingsOf('broken-sysfs', broken({}))).toEqual([])
    const came = device('x', 'n', null, { files: { ...start.files, of_node: null } })
    expect(findingsOf('broken-sysfs', runOf([{}, { vio: [came] }, { vio: [came] }]))).toEqual([])
  })
})
