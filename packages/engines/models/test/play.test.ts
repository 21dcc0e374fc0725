// SPDX-License-Identifier: GPL-2.0-only
import { EEXIST, EINVAL, ENODEV, ENOENT, EPERM } from '@pfo-workbench/kernel'
import { pseriesQemuDeviceTree } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import { playScenario } from '@pfo-workbench/play'
import {
  eventsOf,
  functionsOf,
  parseRunRecord,
  type NodeState,
  type RunRecord,
  type Snapshot,
  type StepResult,
} from '@pfo-workbench/run'
import { boot } from '../src/booted/boot.ts'
import { run, scenarioOf, stepOf } from './support.ts'

const facilities = '/ibm,platform-facilities'
const rng = `${facilities}/ibm,random-v1`
const load = '- load: [pseries_rng, nx_compress_pseries, nx_crypto]'

const nodesAt = ({ nodes }: Snapshot, path: string): NodeState[] => nodes.filter((node) => node.path === path)
const results = ({ steps }: RunRecord): StepResult[] => steps.map((step) => step.result)

describe('the results of steps', () => {
  it('are those of each call: 0, an errno, or the content', () => {
    const steps = `- load: [pseries_rng, pseries_rng, no_such_module]
- unload: [pseries_rng, pseries_rng]
- ofdt: ["remove_node ${rng}", remove_node /nowhere, nonsense]
- read: ["/sys/devices/vio/ibm,random-v1/name", /sys/nowhere]
- write: { path: /sys/nowhere, data: "1" }
- migrate: {}`
    const record = run(steps)
    expect(record.outcome).toBe('completed')
    expect(record.steps.map(({ step }) => step)).toEqual([null, ...scenarioOf(steps).steps])
    expect(results(record)).toEqual([
      { kind: 'boot', outcome: 'completed' },
      {
        kind: 'load',
        modules: [
          { module: 'pseries_rng', errno: 0 },
          { module: 'pseries_rng', errno: -EEXIST },
          { module: 'no_such_module', errno: -ENOENT },
        ],
      },
      {
        kind: 'unload',
        modules: [
          { module: 'pseries_rng', errno: 0 },
          { module: 'pseries_rng', errno: -ENOENT },
        ],
      },
      {
        kind: 'ofdt',
        writes: [
          { command: `remove_node ${rng}`, errno: 0 },
          { command: 'remove_node /nowhere', errno: -ENODEV },
          { command: 'nonsense', errno: -EINVAL },
        ],
      },
      {
        kind: 'read',
        files: [
          { path: '/sys/devices/vio/ibm,random-v1/name', content: 'ibm,random-v1\n', errno: 0 },
          { path: '/sys/nowhere', content: null, errno: -ENOENT },
        ],
      },
      { kind: 'write', errno: -ENOENT },
      { kind: 'migrate', errno: 0 },
    ])
  })
})

describe('firmware changes a property', () => {
  const update = (more: string): RunRecord =>
    run(`- update: { node: "${rng}", property: status, value: ${more} }`)
  const asked = (record: RunRecord): unknown =>
    eventsOf(record, 'rtas.call').find(({ service }) => service === 'ibm,update-properties')

  it.each(['migration', 'prrn'])('and the kernel fetches the change, by %s', (by) => {
    const record = update(`disabled, by: ${by}`)
    expect(stepOf(record, 1)).toMatchObject({
      step: { update: { node: rng, property: 'status', by } },
      result: { kind: 'update', errno: 0 },
      changes: [{ node: rng, property: 'status' }],
    })
    expect(asked(record)).toMatchObject({ status: 0, step: 1 })
    expect(record.events.some(({ type }) => type === 'node.detach')).toBe(false)
    const states = stepOf(record, 1).after.vio.filter(({ device }) => device.startsWith('ibm,'))
    expect(states.filter(({ enabled }) => !enabled).map(({ device }) => device)).toEqual(['ibm,random-v1'])
    // The device's node has the new value, so nothing is outdated.
    expect(stepOf(record, 1).after.vio.flatMap(({ outdated }) => outdated)).toEqual([])
  })

  it('to its current value: nothing changes', () => {
    const same = run(`- update: { node: "${rng}", property: compatible, value: "ibm,random" }`)
    expect(stepOf(same, 1)).toMatchObject({ result: { errno: 0 }, changes: [] })
  })
})

describe('a lookup of a node', () => {
  it('reports whether the node exists, and drops its reference', () => {
    const record = run(`- lookup: ["${rng}", /nowhere, 0xfffffff5, 0x1234]`)
    expect(results(record)[1]).toEqual({
      kind: 'lookup',
      lookups: [
        { target: rng, found: true },
        { target: '/nowhere', found: false },
        { target: 0xfffffff5, found: true },
        { target: 0x1234, found: false },
      ],
    })
    const counts = [0, 1].map((index) => nodesAt(stepOf(record, index).after, rng).map((one) => one.refcount))
    expect(counts[1]).toEqual(counts[0])
    const gets = record.events.filter(({ type, step }) => type === 'ref.get' && step === 1)
    expect(gets.some(({ chain }) => chain.at(-1)?.function === 'lookup_user')).toBe(true)
  })
})

it('firmware calls fail as a step requests and succeed again in the next step', () => {
  const record = run(`- migrate: { statuses: { "ibm,suspend-me": [-1] } }
- migrate: { statuses: { "ibm,update-nodes": [-1] } }
- migrate: {}`)
  expect(results(record).slice(1)).toEqual([
    { kind: 'migrate', errno: -EPERM },
    { kind: 'migrate', errno: expect.any(Number) as unknown },
    { kind: 'migrate', errno: 0 },
  ])
  const calls = (step: number, service: string): number[] =>
    eventsOf(record, 'rtas.call')
      .filter((one) => one.step === step && one.service === service)
      .map(({ status }) => status)
  expect(calls(1, 'ibm,suspend-me')).toEqual([-1])
  expect(calls(1, 'ibm,update-nodes')).toEqual([])
  expect(calls(2, 'ibm,update-nodes')[0]).toBe(-1)
  expect(calls(3, 'ibm,update-nodes')[0]).not.toBe(-1)
})

describe('snapshots', () => {
  const record = run(`${load}\n- migrate: { readd: hierarchy }`)
  const [boot, loaded, migrated] = [0, 1, 2].map((index) => stepOf(record, index).after) as [
    Snapshot,
    Snapshot,
    Snapshot,
  ]

  it('show the nodes after each step, including freed ones', () => {
    expect(nodesAt(boot, rng)).toMatchObject([{ generation: 0, life: 'allocated', flags: [], inTree: true }])
    expect(nodesAt(migrated, rng)).toMatchObject([
      { generation: 0, flags: ['OF_DETACHED'], inTree: false, sysfs: null },
      { generation: 1, inTree: false },
    ])
    expect(nodesAt(migrated, facilities)).toMatchObject([
      { generation: 0, life: 'released', inTree: false },
      {
        generation: 1,
        life: 'allocated',
        inTree: true,
        flags: ['OF_DYNAMIC'],
        sysfs: 'ibm,platform-facilities',
      },
    ])
  })

  it('show VIO devices with driver and node', () => {
    const [node] = nodesAt(boot, rng)
    const device = { device: 'ibm,random-v1', node: node?.object }
    expect(boot.vio).toContainEqual(expect.objectContaining({ ...device, driver: null }))
    expect(loaded.vio).toContainEqual(expect.objectContaining({ ...device, driver: 'pseries_rng' }))
    expect(migrated.vio).toContainEqual(expect.objectContaining({ ...device, driver: 'pseries_rng' }))
  })

  it('show the phandle cache, which still holds the nodes of the boot tree', () => {
    const [node] = nodesAt(boot, rng)
    for (const { phandleCache } of [boot, migrated]) {
      expect(phandleCache.filter((slot) => slot.node === node?.object)).toHaveLength(1)
    }
  })

  it("show firmware's tree, which has all facilities after a migration", () => {
    for (const { firmware } of [boot, migrated]) expect(firmware).toContain(rng)
  })
})

describe('a task that does not return', () => {
  const record = run(`${load}\n${Array(3).fill('- migrate: { readd: per-node }').join('\n')}`)

  it('does not end the run if an Oops killed it', () => {
    expect(record.outcome).toBe('oops')
    expect(results(record).slice(2)).toEqual([
      { kind: 'migrate', errno: null },
      { kind: 'migrate', errno: null },
    ])
    const died = record.events.find((event) => event.type === 'oops')
    expect(died).toMatchObject({ step: 2 })
  })

  it('ends the run if it hangs; the next step is not played', () => {
    expect(record.events.filter((event) => event.type === 'hang')).toMatchObject([{ step: 3 }])
    expect(record.steps.map((step) => step.index)).toEqual([0, 1, 2, 3])
  })
})

describe('events', () => {
  it('are those that oracles need, or all of them for a trace', () => {
    const few = run(load)
    const all = run(load, '', true)
    const background = new Set(['alloc', 'free', 'sysfs.create', 'sysfs.remove'])
    expect(few.events.some((event) => background.has(event.type))).toBe(false)
    expect(all.events.filter((event) => !background.has(event.type))).toEqual(few.events)
    expect(all.events.map((event) => event.seq)).toEqual(all.events.map((_, index) => index))
    expect(all.events.length).toBeGreaterThan(few.events.length)
  })

  it('carry step, task and call chain, innermost function first', () => {
    const attach = run(`${load}\n- migrate: {}`).events.findLast((event) => event.type === 'node.attach')
    expect(attach).toMatchObject({ step: 2, path: facilities })
    expect(attach?.task).toMatch(/^\w+\/\d+$/)
    const chain = functionsOf(attach?.chain ?? [])
    expect(chain.indexOf('of_attach_node')).toBeLessThan(chain.indexOf('dlpar_attach_node'))
    expect(chain.indexOf('dlpar_attach_node')).toBeLessThan(chain.indexOf('pseries_devicetree_update'))
  })
})

describe('the machine', () => {
  it('is configured by the scenario: without modules the phandle cache is gone after boot', () => {
    expect(stepOf(run('- migrate: {}'), 0).after.phandleCache).not.toEqual([])
    const without = run('- migrate: {}', 'machine: { config: { modules: false } }\n')
    expect(stepOf(without, 0).after.phandleCache).toEqual([])
  })

  it('boots from the given device tree blob', () => {
    const scenario = scenarioOf('- migrate: {}')
    const onBlob = (devicetree: readonly number[]): RunRecord =>
      playScenario({ scenario: { ...scenario, machine: { config: {}, devicetree } }, trace: false }, boot)
    expect(onBlob([...pseriesQemuDeviceTree()])).toEqual(run('- migrate: {}'))
    expect(() => onBlob([1, 2, 3])).toThrow(/magic|short|device tree/i)
  })

  it('is a new one for each run: the same scenario gives the same record', () => {
    expect(run(load, '', true)).toEqual(run(load, '', true))
  })
})

it('a record survives conversion to JSON and back', () => {
  expect(parseRunRecord(JSON.stringify(run(load)))).toEqual(run(load))
})
