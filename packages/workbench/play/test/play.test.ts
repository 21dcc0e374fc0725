// SPDX-License-Identifier: GPL-2.0-only
import { propertyOf } from '@pfo-workbench/powervm'
import type { RunEvent, Step } from '@pfo-workbench/run'
import { nodeState } from '@pfo-workbench/run/testing'
import { describe, expect, it } from 'vitest'
import { playScenario } from '../src/index.ts'
import { fakes, scenarioOf } from './fake.ts'

const random = '/ibm,platform-facilities/ibm,random-v1'
const chain = [{ function: 'kmalloc' }]

/** Plays steps on a fake. Returns the run and the calls that the fake recorded. */
function play(steps: readonly Step[], prepare?: Parameters<typeof fakes>[0]) {
  const { boot, booted } = fakes(prepare)
  const run = playScenario({ scenario: scenarioOf(...steps), trace: false }, boot)
  return { run, asked: booted[0]?.asked ?? [] }
}

describe('the steps of a scenario', () => {
  it('are played in order, and the machine settles after each', () => {
    const { run, asked } = play([
      { load: ['a', 'b'] },
      { unload: ['a'] },
      { migrate: { readd: 'hierarchy' } },
      { lookup: ['/', 7] },
      { ofdt: ['remove_node /x'] },
      { read: ['/sys/x'] },
      { write: { path: '/sys/y', data: '1' } },
    ])
    expect(asked.filter((one) => !one.endsWith('settle'))).toEqual([
      '1 insmod a',
      '1 insmod b',
      '2 rmmod a',
      '3 migrate',
      '4 lookup /',
      '4 lookup 7',
      '5 write /proc/powerpc/ofdt remove_node /x',
      '6 read /sys/x',
      '7 write /sys/y 1',
    ])
    expect(asked.filter((one) => one.endsWith('settle'))).toHaveLength(7)
    expect(run.steps.map(({ index, step }) => [index, step && Object.keys(step)[0]])).toEqual([
      [0, null],
      [1, 'load'],
      [2, 'unload'],
      [3, 'migrate'],
      [4, 'lookup'],
      [5, 'ofdt'],
      [6, 'read'],
      [7, 'write'],
    ])
  })

  it('can set statuses that the next firmware calls return, in any later step', () => {
    const { boot, booted } = fakes()
    const steps: Step[] = [{ firmware: { statuses: { 'get-sensor-state': [-1] } } }, { read: ['/x'] }]
    const run = playScenario({ scenario: scenarioOf(...steps), trace: false }, boot)
    expect(run.steps[1]?.result).toEqual({ kind: 'firmware' })
    const partition = booted[0]?.booted.partition
    if (partition === undefined) throw new Error('nothing was booted')
    const sense = (): number | undefined =>
      partition.rtas(partition.token('get-sensor-state'), [9003, 0x10000000])[0]
    expect([sense(), sense()]).toEqual([-1, 0])
  })

  it('can make firmware remove a property', () => {
    const steps: Step[] = [
      { update: { node: random, property: 'status', value: 'okay', by: 'prrn' } },
      { update: { node: random, property: 'status', value: null, by: 'prrn' } },
    ]
    const { run } = play(steps)
    expect(run.steps.map(({ changes }) => changes.length)).toEqual([0, 1, 1])
  })

  it("can boot a partition in the kernel's byte order, or in the one that the scenario asks for", () => {
    const { boot, booted } = fakes()
    const ofKernel = Object.assign(boot, { endian: 'big' } as const)
    const little = { config: { endian: 'little' }, devicetree: null } as const
    const scenario = scenarioOf({ read: ['/x'] })
    for (const one of [scenario, { ...scenario, machine: little }])
      playScenario({ scenario: one, trace: false }, ofKernel)
    const limits = booted.map(({ booted: { partition } }) => {
      const placed = partition.tree().find(({ path }) => path.endsWith('ibm,sym-encryption-v1'))
      return placed && [...(propertyOf(placed.node, 'ibm,max-sg-len') ?? [])]
    })
    expect(limits).toEqual([
      [0, 0, 0x0f, 0xf0],
      [0xf0, 0x0f, 0, 0],
    ])
  })

  it('can boot a partition whose nodes collide in the phandle cache', () => {
    const { boot, booted } = fakes()
    const machine = { config: {}, devicetree: null, partition: { phandles: 'colliding' } } as const
    playScenario({ scenario: { ...scenarioOf({ read: ['/x'] }), machine }, trace: false }, boot)
    playScenario({ scenario: scenarioOf({ read: ['/x'] }), trace: false }, boot)
    const [colliding, separate] = booted.map((one) => one.booted.partition.devicetree())
    expect(colliding).not.toEqual(separate)
  })

  it.each([
    [1, 0],
    [0, 0],
    [-22, -22],
    [null, null],
  ])('that return %j have the errno %j: the number of bytes written is dropped', (result, errno) => {
    const { run } = play([{ write: { path: '/x', data: 'y' } }], (fake) => {
      fake.result = result
    })
    expect(run.steps[1]?.result).toEqual({ kind: 'write', errno })
  })

  it.each([
    ['text\n', { content: 'text\n', errno: 0 }],
    [-2, { content: null, errno: -2 }],
    [null, { content: null, errno: null }],
  ])('that read %j are recorded as %j', (content, file) => {
    const { run } = play([{ read: ['/x'] }], (fake) => {
      fake.content = content
    })
    expect(run.steps[1]?.result).toEqual({ kind: 'read', files: [{ path: '/x', ...file }] })
  })

  it('end at the step in which a task waits forever or the machine lacks a function', () => {
    const steps: Step[] = [{ load: ['a'] }, { load: ['b'] }]
    const waiting = play(steps, (fake) => {
      fake.insmod = () => {
        fake.waits = true
        return null
      }
    })
    expect(waiting.run.steps).toHaveLength(2)
    const unmodelled = { function: 'do_exit', chain: [{ function: 'f' }] }
    const lacking = play(steps, (fake) => {
      fake.assumed = ['msleep']
      fake.insmod = () => {
        fake.outcome = 'unmodelled'
        fake.unmodelled = unmodelled
        return null
      }
    })
    expect(lacking.run.steps).toHaveLength(2)
    expect(lacking.run).toMatchObject({ outcome: 'unmodelled', unmodelled, assumed: ['msleep'] })
  })
})

describe('a failing allocation', () => {
  const steps: Step[] = [{ fail: { allocation: 2, in: null } }, { load: ['a'] }, { load: ['b'] }]

  it('is injected for the next step only', () => {
    const { asked } = play(steps)
    expect(asked.filter((one) => one.startsWith('2 ') || one.includes('fail'))).toEqual([
      '2 fail 2',
      '2 insmod a',
      '2 settle',
      '2 fail no more',
    ])
  })

  it('is recorded with its call chain, or with null if the allocation did not happen', () => {
    const failed = play(steps, (fake) => {
      fake.failed = chain
    })
    expect(failed.run.steps.map(({ failure }) => failure)).toEqual([null, null, { chain }, null])
    expect(play(steps).run.steps[2]?.failure).toEqual({ chain: null })
  })
})

describe('firmware', () => {
  const update: Step = { update: { node: random, property: 'status', value: 'disabled', by: 'prrn' } }

  it('changes a property, and the kernel fetches the change as after a PRRN event or a migration', () => {
    expect(play([update]).asked[0]).toBe('1 update tree')
    expect(play([update]).run.steps[1]?.changes).toEqual([{ node: random, property: 'status' }])
    const later: Step = { update: { ...update.update, by: 'migration' } }
    expect(play([later]).asked[0]).toBe('1 migrate')
  })

  it('is compared with the nodes of devices: disabled devices and outdated properties are reported', () => {
    const node = { ...nodeState('device_node#1', { path: random }), properties: {} }
    const files = { name: 'x', devspec: 'x', modalias: 'x', of_node: null }
    const device = { object: 'd', device: 'x', driver: null, node: node.object, files, settings: null }
    const { run } = play([update], (fake) => {
      fake.nodes = [
        node,
        { ...node, object: 'device_node#2', inTree: false },
        { ...node, object: 'device_node#3', inTree: false, life: 'freed' },
      ]
      fake.vio = [device]
    })
    expect(run.steps.map(({ after }) => after.vio)).toEqual([
      [{ ...device, enabled: true, complete: false, outdated: [] }],
      [{ ...device, enabled: false, complete: false, outdated: ['status'] }],
    ])
    expect(run.steps.map(({ after }) => after.nodes[0]?.outdated)).toEqual([undefined, ['status']])
    // A detached node is outdated in the same way. A freed node has no properties.
    expect(run.steps.map(({ after }) => after.nodes[1]?.outdated)).toEqual([undefined, ['status']])
    expect(run.steps.map(({ after }) => after.nodes[2]?.outdated)).toEqual([undefined, undefined])
  })
})

describe('call chains', () => {
  it('are not read by the player: the machine is booted once, and chains are resolved on access', () => {
    let reads = 0
    const event: RunEvent = {
      type: 'printk',
      seq: 0,
      step: 1,
      task: 'init/1',
      get chain() {
        reads++
        return chain
      },
      level: 6,
      text: 'x',
    }
    const { boot, booted } = fakes((fake) => {
      fake.events = [event]
    })
    const run = playScenario({ scenario: scenarioOf({ load: ['a'] }), trace: false }, boot)
    expect([booted.length, reads]).toEqual([1, 0])
    expect(run.events[0]?.chain).toEqual(chain)
  })
})
