// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { examine } from '../../src/index.ts'
import { chainOf, detached, device, event, findingsOf, node, runOf, saysOf } from '../support.ts'

const firmware = ['/ibm,platform-facilities/ibm,x-v1']
const path = '/ibm,platform-facilities/ibm,x-v1'
const load = event('module.load', { module: 'x', result: 0 })
const bound = { firmware, vio: [device('ibm,x-v1', 'n', 'xdrv')] }
const unbound = { firmware, vio: [device('ibm,x-v1', 'n')] }
const unbind = event('driver.unbind', { device: 'ibm,x-v1', driver: 'xdrv' }, 2)

describe('lost-device', () => {
  it('fires when firmware offers a facility and there is no device', () => {
    expect(saysOf('lost-device', runOf([bound, { firmware }]))).toEqual([
      { subject: 'ibm,x-v1', kind: 'no-device', data: {} },
    ])
  })

  it('fires when the device lost its driver and the driver is loaded', () => {
    expect(findingsOf('lost-device', runOf([unbound, bound, unbound], [load]))).toMatchObject([
      { kind: 'driver-gone', step: 2, data: { had: 'xdrv' } },
    ])
  })

  describe('of a facility whose driver is known', () => {
    const random = 'ibm,random-v1'
    const there = { firmware: [`/ibm,platform-facilities/${random}`], vio: [device(random, 'n')] }
    const loads = (result: number) => event('module.load', { module: 'pseries_rng', result })

    it('fires when the driver is loaded and was never bound', () => {
      expect(saysOf('lost-device', runOf([there, there], [loads(0)]))).toEqual([
        { subject: 'ibm,random-v1', kind: 'driver-not-bound', data: { module: 'pseries_rng' } },
      ])
    })

    it('is silent while firmware has it turned off, and fires when it is turned on again', () => {
      const off = { ...there, vio: [device(random, 'n', null, { enabled: false })] }
      expect(findingsOf('lost-device', runOf([there, off], [loads(0)]))).toEqual([])
      expect(findingsOf('lost-device', runOf([there, off, there], [loads(0)]))).toMatchObject([{ step: 2 }])
    })

    it('fires when the user requested the driver and it cannot be loaded', () => {
      expect(saysOf('lost-device', runOf([there, there], [loads(-19)]))).toEqual([
        { subject: 'ibm,random-v1', kind: 'driver-not-loadable', data: { module: 'pseries_rng' } },
      ])
    })

    it('is silent if the driver was not requested, or was unloaded', () => {
      expect(findingsOf('lost-device', runOf([there, there]))).toEqual([])
      const unload = event('module.unload', { module: 'pseries_rng', result: 0 }, 2)
      expect(findingsOf('lost-device', runOf([there, there, there], [loads(0), unload]))).toEqual([])
    })
  })

  it('fires together with other findings about the device: detached node, broken files', () => {
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

  it('masks the findings that cannot arise without the device, so that they do not count as fixed', () => {
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

  it('is silent if the user unloaded or unbound the driver', () => {
    const unload = event('module.unload', { module: 'x', result: 0 }, 2)
    expect(findingsOf('lost-device', runOf([unbound, bound, unbound], [load, unload]))).toEqual([])
    const byHand = { ...unbind, chain: chainOf('device_release_driver < unbind_store') }
    expect(findingsOf('lost-device', runOf([unbound, bound, unbound], [load, byHand]))).toEqual([])
  })

  it('is reported if the user asked for the driver again, and it refused', () => {
    const byHand = { ...unbind, chain: chainOf('device_release_driver < unbind_store') }
    const refused = (by: string) =>
      event(
        'driver.probe-failed',
        { device: 'ibm,x-v1', error: -22, chain: chainOf(`really_probe < ${by}`) },
        3,
      )
    const after = (by: string) =>
      findingsOf('lost-device', runOf([unbound, bound, unbound, unbound], [load, byHand, refused(by)]))
    for (const by of ['bind_store', 'drivers_probe_store'])
      expect(after(by)).toMatchObject([{ kind: 'driver-gone', step: 3 }])
    // Loading another driver is not a request for this device.
    expect(after('driver_attach')).toEqual([])
  })

  it('is silent if the user removed its node from the tree', () => {
    const chain = chainOf('of_detach_node < ofdt_write')
    const byHand = { ...event('node.detach', { object: 'n', path, again: false }), chain }
    expect(findingsOf('lost-device', runOf([bound, { firmware }], [byHand]))).toEqual([])
  })

  it('is silent in a step in which memory was short, and fires if the next step does not repair the loss', () => {
    const short = event('alloc.failed', { struct: 'vio_dev' }, 1)
    expect(findingsOf('lost-device', runOf([bound, { firmware }], [short]))).toEqual([])
    expect(findingsOf('lost-device', runOf([bound, { firmware }, { firmware }], [short]))).toMatchObject([
      { subject: 'ibm,x-v1', step: 2 },
    ])
  })

  it('is silent if firmware no longer offers the facility', () => {
    expect(findingsOf('lost-device', runOf([bound, {}]))).toEqual([])
  })
})
