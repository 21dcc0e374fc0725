// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { chainOf, event, findingsOf, node, runOf, saysOf, withMemory } from '../support.ts'

const lost = (object: string, chain: string, step = 1) => ({
  object,
  struct: object.replace(/#.*/, ''),
  step,
  chain: chainOf(chain),
})
const counters = lost('ibm_nx842_counters#0', 'kzalloc < nx842_probe < vio_bus_probe')
const names = ['bytes#4', 'bytes#7'].map((object, step) =>
  lost(object, 'kmalloc < kmemdup < kstrdup < f', step),
)

describe('memory-leak', () => {
  it('fires on memory that nothing points to, and names the function that allocated it', () => {
    const run = withMemory(runOf([{}, {}]), { unreachable: [counters] })
    expect(findingsOf('memory-leak', run)).toEqual([
      {
        oracle: 'memory-leak',
        kind: 'unreachable',
        subject: 'ibm_nx842_counters allocated by nx842_probe',
        step: 1,
        count: 1,
        data: { struct: 'ibm_nx842_counters', by: 'nx842_probe' },
        evidence: [
          {
            kind: 'allocated',
            data: { object: 'ibm_nx842_counters#0' },
            chain: chainOf('kzalloc < nx842_probe < vio_bus_probe'),
          },
        ],
      },
    ])
  })

  it('fires once for all allocations of one function, in the last step', () => {
    const run = withMemory(runOf([{}, {}]), { unreachable: names })
    expect(findingsOf('memory-leak', run)).toMatchObject([
      { subject: 'bytes allocated by f', count: 2, step: 1 },
    ])
  })

  it('is silent about a node that still has references: that is a leak of references', () => {
    const nodes = [node('device_node#1', { inTree: false, flags: ['OF_DETACHED'], refcount: 1 })]
    const run = withMemory(runOf([{}, { nodes }]), { unreachable: [lost('device_node#1', 'kzalloc < f')] })
    expect(findingsOf('memory-leak', run)).toEqual([])
  })

  it('fires on a node without references that was never freed', () => {
    const nodes = [node('device_node#1', { inTree: false, refcount: 0 })]
    const run = withMemory(runOf([{}, { nodes }]), { unreachable: [lost('device_node#1', 'kzalloc < f')] })
    expect(saysOf('memory-leak', run)).toMatchObject([{ subject: 'device_node allocated by f' }])
  })

  it('is silent about memory of a task that died or hung', () => {
    for (const type of ['oops', 'hang'] as const) {
      const run = withMemory(runOf([{}, {}], [event(type, { held: [] })]), { unreachable: [counters] })
      expect(findingsOf('memory-leak', run)).toEqual([])
    }
  })

  it('is silent about memory that something points to, and about an engine that does not know', () => {
    expect(findingsOf('memory-leak', withMemory(runOf([{}, {}]), {}))).toEqual([])
    expect(findingsOf('memory-leak', runOf([{}, {}]))).toEqual([])
  })
})
