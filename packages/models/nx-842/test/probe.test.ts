// SPDX-License-Identifier: GPL-2.0-only
import {
  crypto_alg,
  crypto_register_alg,
  device_attach,
  device_release_driver,
  ENODEV,
  injectAllocationFailures,
  registeredAlgorithms,
  sysfs_create_file,
} from '@pfo-workbench/kernel'
import { of_detach_node, of_node_get } from '@pfo-workbench/of'
import { vio_driver, vio_register_driver } from '@pfo-workbench/vio'
import {
  callers,
  COMPRESSION,
  consoleOf,
  FACILITIES,
  nodeAt,
  refcountOf,
  run,
  words,
} from '@pfo-workbench/testing'
import { driverOf } from '@pfo-workbench/vio/testing'
import { describe, expect, it } from 'vitest'
import { nx842Snapshot } from '../src/index.ts'
import {
  boot,
  compression,
  compressionDevice,
  facilities,
  MODULE,
  syncCop,
  updateProperty,
  withCompression,
} from './support.ts'

const PREFIX = 'nx_compress_pseries ibm,compression-v1:'
const loaded = [
  `${PREFIX} nx842_OF_upd: max_sync_size new:4096 old:0`,
  `${PREFIX} nx842_OF_upd: max_sync_sg new:510 old:0`,
  `${PREFIX} nx842_OF_upd: max_sg_len new:4080 old:0`,
]

describe('loading the module', () => {
  it('prints the recorded lines and binds the device', () => {
    const machine = boot(facilities)
    expect(machine.insmod(MODULE)).toBe(0)
    expect(machine.console).toEqual(loaded)
    expect(driverOf(machine)).toBe(MODULE)
    expect(run(machine, registeredAlgorithms)).toEqual(['842-nx'])
  })

  it('takes one reference on the compression node and never puts it, on each load', () => {
    const machine = boot(facilities)
    const counts: number[] = []
    for (let i = 0; i < 3; i++) {
      machine.insmod(MODULE)
      counts.push(run(machine, () => refcountOf(nodeAt(COMPRESSION))))
      machine.rmmod(MODULE)
    }
    expect(counts).toEqual([3, 4, 5])
    const node = run(machine, () => nodeAt(COMPRESSION).slab?.id)
    const leaks = machine.events.filter(
      (event) =>
        event.type === 'ref.get' && event.object === node && callers(event).includes('nx842_pseries_init'),
    )
    expect(leaks.map((event) => callers(event).slice(0, 3))).toEqual(
      Array.from({ length: 3 }, () => ['of_find_compatible_node', 'nx842_pseries_init', 'do_one_initcall']),
    )
  })

  it('fails with -ENODEV and no message if the tree has no compression node', () => {
    const machine = boot({ [FACILITIES]: facilities[FACILITIES] ?? {} })
    expect(machine.insmod(MODULE)).toBe(-ENODEV)
    expect(machine.console).toEqual([])
  })

  it('fails with -ENODEV if the node was detached, although its device still exists', () => {
    const machine = boot(facilities)
    run(machine, () => {
      of_node_get(nodeAt(COMPRESSION))
      of_detach_node(nodeAt(COMPRESSION))
    })
    expect(machine.insmod(MODULE)).toBe(-ENODEV)
    expect(driverOf(machine)).toBeNull()
  })

  it('fails if a driver of that name is registered, frees its data and keeps the reference', () => {
    const machine = boot(facilities)
    run(machine, () => vio_register_driver(new vio_driver({ name: MODULE })))
    expect(machine.insmod(MODULE)).toBe(-16)
    expect(machine.console.slice(-1)).toEqual(['Could not register VIO driver -16'])
    expect(run(machine, () => refcountOf(nodeAt(COMPRESSION)))).toBe(3)
    const freed = machine.events.filter((event) => event.type === 'free').map((event) => event.struct)
    expect(freed).toContain('nx842_devdata')
  })

  it('fails with -ENOMEM, after it took the reference, if memory is short', () => {
    const machine = boot(facilities)
    run(machine, () => {
      injectAllocationFailures((struct) => struct === 'nx842_devdata')
    })
    expect(machine.insmod(MODULE)).toBe(-12)
    expect(run(machine, () => refcountOf(nodeAt(COMPRESSION)))).toBe(3)
  })
})

describe('nx842_probe', () => {
  it('publishes the limits of the node', () => {
    const machine = boot(
      withCompression({ 'ibm,max-sg-len': words([9000]), 'ibm,max-sync-cop': syncCop(0x20000, 7) }),
    )
    machine.insmod(MODULE)
    // The upper limits are a scatterlist of one page and 64 KiB per request.
    expect(machine.inspect(nx842Snapshot)).toEqual({
      device: 'ibm,compression-v1',
      maxSgLen: 4096,
      maxSyncSize: 65536,
      maxSyncSg: 7,
    })
  })

  it('uses the lower of the limits for compression and decompression', () => {
    const machine = boot(withCompression({ 'ibm,max-sync-cop': words([1, 0x3000, 20, 1, 0x2000, 30]) }))
    machine.insmod(MODULE)
    expect(machine.inspect(nx842Snapshot)).toMatchObject({ maxSyncSize: 0x2000, maxSyncSg: 20 })
  })

  it('gives the device seven files, which show only zeroes', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const dir = '/sys/devices/vio/ibm,compression-v1'
    for (const name of ['comp_complete', 'comp_failed', 'decomp_complete', 'decomp_failed', 'swdecomp']) {
      expect(machine.read(`${dir}/${name}`)).toBe('0\n')
    }
    const times = String(machine.read(`${dir}/comp_times`)).split('\n')
    expect(times.slice(0, 3)).toEqual(['0-1us:\t0', '2-3us:\t0', '4-7us:\t0'])
    expect(times.slice(-2)).toEqual(['32768us - :\t0', ''])
    expect(machine.read(`${dir}/decomp_times`)).toBe(times.join('\n'))
    machine.rmmod(MODULE)
    expect(machine.read(`${dir}/comp_complete`)).toBe(-2)
  })

  it('takes no reference on the node or the device', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const probing = machine.events.filter(
      (event) => event.type === 'ref.get' && callers(event).includes('nx842_probe'),
    )
    expect(probing).toEqual([])
  })

  it('rejects a second device while it has one', () => {
    const machine = boot({
      ...facilities,
      [`${FACILITIES}/ibm,compression-v1x`]: { ...compression, name: 'ibm,compression-v1x' },
    })
    machine.insmod(MODULE)
    expect(machine.console).toContain(
      `${MODULE} ibm,compression-v1: nx842_probe: Attempt to register more than one instance of the hardware`,
    )
    expect(machine.console).toContain(`${MODULE}: probe of ibm,compression-v1 failed with error -1`)
    expect(machine.events.filter((event) => event.type === 'driver.bind')).toHaveLength(1)
  })

  it.each(['nx842_devdata', 'ibm_nx842_counters'])(
    'fails with -ENOMEM if %s cannot be allocated',
    (short) => {
      const machine = boot(facilities)
      machine.insmod(MODULE)
      run(machine, () => {
        device_release_driver(compressionDevice())
        injectAllocationFailures((struct) => struct === short)
        device_attach(compressionDevice())
      })
      expect(machine.console.at(-1)).toBe(`${MODULE}: probe of ibm,compression-v1 failed with error -12`)
      expect(machine.inspect(nx842Snapshot)).toBeNull()
    },
  )

  it('logs nothing about a device that firmware disabled, but keeps it', () => {
    const machine = boot(withCompression({ status: 'disabled' }))
    expect(machine.insmod(MODULE)).toBe(0)
    expect(machine.console).toEqual([`${PREFIX} nx842_OF_upd: device disabled`])
    expect(driverOf(machine)).toBeNull()
    expect(machine.inspect(nx842Snapshot)).toMatchObject({ device: 'ibm,compression-v1', maxSyncSize: 0 })
    expect(run(machine, registeredAlgorithms)).toEqual([])
  })

  const failures: [string, Record<string, string | Uint8Array | undefined>, string[]][] = [
    ['a status it does not know', { status: 'fail' }, [`nx842_OF_upd_status: unknown status 'fail'`]],
    ['a node without "status"', { status: undefined }, ['nx842_OF_upd: Could not locate device properties']],
    [
      'a node without "ibm,max-sg-len"',
      { 'ibm,max-sg-len': undefined },
      ['nx842_OF_upd: Could not locate device properties'],
    ],
    [
      'a node without "ibm,max-sync-cop"',
      { 'ibm,max-sync-cop': undefined },
      ['nx842_OF_upd: Could not locate device properties'],
    ],
    [
      'an "ibm,max-sg-len" of two cells',
      { 'ibm,max-sg-len': words([1, 2]) },
      ['nx842_OF_upd_maxsglen: unexpected format for ibm,max-sg-len property'],
    ],
    [
      'an "ibm,max-sync-cop" that is too short',
      { 'ibm,max-sync-cop': words([1, 2, 3]) },
      ['nx842_OF_upd_maxsyncop: unexpected format for ibm,max-sync-cop property'],
    ],
    [
      'less than a page of data',
      { 'ibm,max-sync-cop': syncCop(4095, 10) },
      [
        'nx842_OF_upd_maxsyncop: hardware max data size (4095) is less than the driver minimum, unable to use the hardware device',
      ],
    ],
    [
      'no entry of a scatterlist',
      { 'ibm,max-sync-cop': syncCop(8192, 0) },
      [
        'nx842_OF_upd_maxsyncop: hardware max sg size (0) is less than the driver minimum, unable to use the hardware device',
      ],
    ],
  ]
  it.each(failures)('fails with -EINVAL for %s', (_what, changes, said) => {
    const machine = boot(withCompression(changes))
    machine.insmod(MODULE)
    expect(machine.console).toEqual([
      ...said.map((line) => `${PREFIX} ${line}`),
      `${PREFIX} nx842_OF_upd: device disabled`,
      `${MODULE}: probe of ibm,compression-v1 failed with error -22`,
    ])
    expect(machine.inspect(nx842Snapshot)).toEqual({
      device: 'ibm,compression-v1',
      maxSgLen: 0,
      maxSyncSize: 0,
      maxSyncSg: 0,
    })
  })

  it('undoes nothing after an error: no later probe succeeds', () => {
    const machine = boot(withCompression({ status: 'disabled' }))
    machine.insmod(MODULE)
    const lines = consoleOf(machine, () => {
      updateProperty(COMPRESSION, 'status', 'okay')
      device_attach(compressionDevice())
    })
    expect(lines.slice(-2)).toEqual([
      `${PREFIX} nx842_probe: Attempt to register more than one instance of the hardware`,
      `${MODULE}: probe of ibm,compression-v1 failed with error -1`,
    ])
  })

  it('fails if the algorithm cannot be registered', () => {
    const machine = boot(facilities)
    run(machine, () => crypto_register_alg(new crypto_alg('842-nx', 'name-of-the-driver', 300)))
    machine.insmod(MODULE)
    expect(machine.console.slice(-2)).toEqual([
      `${PREFIX} could not register comp alg: -17`,
      `${MODULE}: probe of ibm,compression-v1 failed with error -17`,
    ])
  })

  it("fails with -1 if one file cannot be created, and removes files by all of their names, even another owner's", () => {
    const machine = boot(facilities)
    run(machine, () => sysfs_create_file(compressionDevice().kobj, 'swdecomp', () => 'mine'))
    machine.insmod(MODULE)
    expect(machine.console.slice(-2)).toEqual([
      `${PREFIX} could not create sysfs device attributes`,
      `${MODULE}: probe of ibm,compression-v1 failed with error -1`,
    ])
    const names = machine.readdir('/sys/devices/vio/ibm,compression-v1')
    expect(names).not.toContain('comp_complete')
    expect(names).not.toContain('swdecomp')
  })
})
