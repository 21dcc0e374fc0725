// SPDX-License-Identifier: GPL-2.0-only
import { type Machine } from '@pfo-workbench/kernel'
import { consoleOf, must, run, runToDeath } from '@pfo-workbench/kernel/testing'
import { of_find_node_by_path, of_node_get, of_node_put } from '@pfo-workbench/of'
import { Partition } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import {
  dlpar_acquire_drc,
  dlpar_attach_node,
  dlpar_configure_connector,
  dlpar_detach_node,
  dlpar_release_drc,
} from '../src/index.ts'
import {
  boot,
  bootWith,
  cc,
  childrenOf,
  COMPRESSION,
  connector,
  count,
  DRC,
  eventsOf,
  FACILITIES,
  node,
  nodeAt,
  RANDOM,
  statuses,
  SYM_ENCRYPTION,
  treeWithout,
} from './support.ts'
import type { Service } from './support.ts'

describe('dlpar_attach_node', () => {
  it('attaches only the top node: the subtree below it is lost, and leaked with one reference each', () => {
    const machine = bootWith({
      'ibm,configure-connector': connector([
        cc.child('top'),
        cc.property('name', 'top\0'),
        cc.property('ibm,phandle', '\0\0\x20\0'),
        cc.child('below'),
        cc.property('ibm,phandle', '\0\0\x20\x01'),
        cc.complete,
      ]),
    })
    run(machine, () => {
      const dn = must(dlpar_configure_connector(1, nodeAt('/')))
      expect(dlpar_attach_node(dn, nodeAt('/'))).toBe(0)
    })
    expect(node(machine, '/top')).toMatchObject({
      inTree: true,
      refcount: 1,
      name: 'top',
      phandle: 0x2000,
      sysfs: 'top',
      flags: ['OF_DYNAMIC'],
    })
    expect(node(machine, '/top/below')).toMatchObject({
      inTree: false,
      refcount: 1,
      phandle: 0,
      parent: node(machine, '/top')?.object,
      flags: ['OF_DYNAMIC'],
      sysfs: null,
    })
    expect(machine.readdir('/proc/device-tree/top')).toEqual(['ibm,phandle', 'name'])
  })

  it('sets the parent; only the directory takes a reference on it', () => {
    const machine = bootWith({ 'ibm,configure-connector': connector([cc.child('top'), cc.complete]) })
    const before = count(machine, RANDOM)
    run(machine, () => {
      dlpar_attach_node(must(dlpar_configure_connector(1, nodeAt('/'))), nodeAt(RANDOM))
    })
    expect(childrenOf(machine, RANDOM)).toEqual(['top'])
    expect(count(machine, RANDOM)).toBe(before + 1)
  })
})

describe('dlpar_detach_node', () => {
  it('detaches the children before their parent, recursively', () => {
    const machine = boot(new Partition())
    const detached = eventsOf(machine, 'node.detach', () =>
      run(machine, () => dlpar_detach_node(nodeAt(FACILITIES))),
    )
    expect(detached.map((event) => event.path)).toEqual([RANDOM, COMPRESSION, SYM_ENCRYPTION, FACILITIES])
  })

  it('drops one reference on each node, and one on the parent per removed directory', () => {
    const machine = boot(new Partition())
    const dn = run(machine, () => of_node_get(nodeAt(FACILITIES)))
    const root = count(machine, '/')
    expect(run(machine, () => dlpar_detach_node(dn))).toBe(0)
    expect([RANDOM, COMPRESSION, SYM_ENCRYPTION].map((path) => count(machine, path))).toEqual([1, 0, 0])
    expect(count(machine, FACILITIES)).toBe(1)
    expect(count(machine, '/')).toBe(root - 1)
    expect(node(machine, FACILITIES)?.flags).toEqual(['OF_DETACHED'])
  })

  it('leaves parent, phandle and name of the nodes unchanged', () => {
    const machine = boot(new Partition())
    const before = must(node(machine, RANDOM))
    run(machine, () => dlpar_detach_node(nodeAt(FACILITIES)))
    expect(node(machine, RANDOM)).toMatchObject({
      inTree: false,
      parent: before.parent,
      phandle: before.phandle,
      name: before.name,
    })
  })

  it('frees a dynamic node without other owners', () => {
    const machine = bootWith({ 'ibm,configure-connector': connector([cc.child('top'), cc.complete]) })
    run(machine, () => dlpar_attach_node(must(dlpar_configure_connector(1, nodeAt('/'))), nodeAt('/')))
    run(machine, () => {
      const dn = must(of_find_node_by_path('/top'))
      dlpar_detach_node(dn)
      of_node_put(dn)
    })
    expect(node(machine, '/top')?.life).toBe('freed')
  })
})

describe('the connector of a node', () => {
  const drc = DRC.facilities

  it('is acquired in the state unusable and released in the state present', () => {
    const machine = boot(new Partition())
    expect(run(machine, () => dlpar_acquire_drc(drc))).toBe(-1)
    expect(run(machine, () => dlpar_release_drc(drc))).toBe(0)
    expect(run(machine, () => dlpar_release_drc(drc))).toBe(-1)
    expect(run(machine, () => dlpar_acquire_drc(drc))).toBe(0)
  })

  it('is neither acquired nor released if firmware does not know it', () => {
    const machine = boot(new Partition())
    expect(run(machine, () => dlpar_acquire_drc(0x1234))).toBe(-1)
    expect(run(machine, () => dlpar_release_drc(0x1234))).toBe(-1)
  })

  it('cannot be sensed without get-sensor-state, and not changed without set-indicator: -ENOENT', () => {
    const blind = boot(new Partition(), { devicetree: treeWithout('get-sensor-state') })
    expect(run(blind, () => dlpar_release_drc(drc))).toBe(-1)
    const lame = boot(new Partition(), { devicetree: treeWithout('set-indicator') })
    expect(run(lame, () => dlpar_release_drc(drc))).toBe(-2)
  })

  /** A firmware whose sensor returns `state`, and the set-indicator calls it received. */
  function indicators(
    state: number,
    ...answers: readonly [number, ...number[]]
  ): { machine: Machine; calls: (readonly unknown[])[] } {
    const calls: (readonly unknown[])[] = []
    const answer = statuses(...answers)
    const setIndicator: Service = (args) => {
      calls.push(args)
      return answer(args)
    }
    return {
      machine: bootWith({ 'get-sensor-state': () => [0, state], 'set-indicator': setIndicator }),
      calls,
    }
  }

  it('is allocated, then unisolated; isolated, then made unusable', () => {
    const acquired = indicators(2, 0)
    expect(run(acquired.machine, () => dlpar_acquire_drc(drc))).toBe(0)
    expect(acquired.calls).toEqual([
      [9003, drc, 1],
      [9001, drc, 1],
    ])
    const released = indicators(1, 0)
    expect(run(released.machine, () => dlpar_release_drc(drc))).toBe(0)
    expect(released.calls).toEqual([
      [9001, drc, 0],
      [9003, drc, 0],
    ])
  })

  it('returns to its state if the second step fails, and keeps it if the first does', () => {
    const acquired = indicators(2, 0, -9000, 0)
    expect(run(acquired.machine, () => dlpar_acquire_drc(drc))).toBe(-14)
    expect(acquired.calls).toEqual([
      [9003, drc, 1],
      [9001, drc, 1],
      [9003, drc, 0],
    ])
    const released = indicators(1, 0, -9001, 0)
    expect(run(released.machine, () => dlpar_release_drc(drc))).toBe(-17)
    expect(released.calls).toEqual([
      [9001, drc, 0],
      [9003, drc, 0],
      [9001, drc, 1],
    ])
    for (const [state, change] of [
      [2, dlpar_acquire_drc],
      [1, dlpar_release_drc],
    ] as const) {
      const failing = indicators(state, -1)
      expect(run(failing.machine, () => change(drc))).toBe(-5)
      expect(failing.calls).toHaveLength(1)
    }
  })

  it.each([
    [-1, -5],
    [-3, -22],
    [-9000, -14],
    [-9001, -17],
    [-9002, -19],
    [7, 7],
  ])('turns status %i of set-indicator into result %i', (status, result) => {
    const { machine } = indicators(1, status)
    expect(consoleOf(machine, () => expect(run(machine, () => dlpar_release_drc(drc))).toBe(result))).toEqual(
      [],
    )
  })

  it('turns an unknown status into -ERANGE and logs an error', () => {
    const { machine } = indicators(1, -42)
    const lines = consoleOf(machine, () => expect(run(machine, () => dlpar_release_drc(drc))).toBe(-34))
    expect(lines).toEqual(['rtas_error_rc: unexpected RTAS error -42'])
  })

  it('is requested again while firmware is busy', () => {
    const { machine, calls } = indicators(1, -2, 9900, 0, 9905, 0)
    expect(run(machine, () => dlpar_release_drc(drc))).toBe(0)
    expect(calls).toHaveLength(5)
  })

  it('blocks the task forever if firmware is always busy, and no watchdog reports it', () => {
    const { machine } = indicators(1, 9905)
    const lines = consoleOf(machine, () => {
      runToDeath(machine, () => dlpar_release_drc(drc))
    })
    expect(lines).toEqual([])
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'hang', undefined, 0)).toMatchObject([
      { lock: 'set-indicator', holder: 'firmware' },
    ])
  })
})
