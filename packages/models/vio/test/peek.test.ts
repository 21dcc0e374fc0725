// SPDX-License-Identifier: GPL-2.0-only
import { oops, text, type Machine } from '@pfo-workbench/kernel'
import { of_detach_node, of_node_get, of_node_put, ofState } from '@pfo-workbench/of'
import { FACILITIES, nodeAt, RANDOM, run } from '@pfo-workbench/testing'
import { describe, expect, it } from 'vitest'
import { vioState } from '../src/index.ts'
import { boot, facilities } from './support.ts'

const DEVICE = '/sys/devices/vio/ibm,random-v1'

function shown(machine: Machine, name: string): unknown {
  const peeked = machine.peek(`${DEVICE}/${name}`)
  return peeked.outcome === 'completed' ? peeked.value : peeked.outcome
}

describe('a peek at the files of a device', () => {
  it('returns what a read returns and leaves no trace', () => {
    const machine = boot(facilities)
    const before = [machine.events.length, machine.happened, machine.heap.length]
    const files = ['name', 'devspec', 'modalias', 'uevent'].map((name) => shown(machine, name))
    expect([machine.events.length, machine.happened, machine.heap.length]).toEqual(before)
    expect(files).toEqual(
      ['name', 'devspec', 'modalias', 'uevent'].map((name) => machine.read(`${DEVICE}/${name}`)),
    )
    expect(machine.peekLink(`${DEVICE}/of_node`)).toMatchObject({
      target: `/sys/firmware/devicetree/base${RANDOM}`,
    })
  })

  it('calls the current functions of the bus', () => {
    const machine = boot(facilities)
    const broken = boot(facilities)
    run(machine, () => {
      const { vio_bus_type } = vioState()
      vio_bus_type.uevent = (_dev, env) => {
        env.envp.push('PATCHED=1')
        return 0
      }
    })
    expect(shown(machine, 'uevent')).toMatch(/PATCHED=1\n$/)
    run(broken, () => {
      vioState().vio_bus_type.uevent = () => oops('x')
    })
    expect(shown(broken, 'uevent')).toBe('oops')
    expect(broken.outcome).toBe('completed')
  })

  it('shows the last content of a freed parent and reports the use after free', () => {
    const machine = boot(facilities, { dynamic: true })
    run(machine, () => {
      const parent = of_node_get(nodeAt(FACILITIES))
      for (let child = parent.child; child !== null; child = parent.child) of_detach_node(child)
      of_detach_node(parent)
      of_node_put(parent)
    })
    const before = machine.events.length
    expect(machine.peek(`${DEVICE}/devspec`).usedFreed).toBe(true)
    expect(machine.peek(`${DEVICE}/name`)).toMatchObject({ value: 'ibm,random-v1\n', usedFreed: false })
    expect(machine.peekLink(`${DEVICE}/of_node`)).toMatchObject({ outcome: 'completed', target: null })
    expect(machine.events).toHaveLength(before)
  })

  it('reports a hang if a task died holding the lock that the file needs', () => {
    const machine = boot(facilities)
    machine.task('init', () => {
      const { of_mutex } = ofState()
      of_mutex.holders.push(...machine.tasks.slice(-1))
      oops('x')
    })
    expect(shown(machine, 'uevent')).toBe('deadlock')
    expect(shown(machine, 'name')).toBe('ibm,random-v1\n')
    expect(text(run(machine, () => nodeAt(RANDOM).full_name ?? ''))).toBe('ibm,random-v1')
  })
})
