// SPDX-License-Identifier: GPL-2.0-only
import { text, type Machine } from '@pfo-workbench/kernel'
import { consoleOf, must, run, runToDeath } from '@pfo-workbench/kernel/testing'
import { Partition } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import { MIGRATION_SCOPE, PRRN_SCOPE, pseries_devicetree_update } from '../src/index.ts'
import {
  boot,
  bootWith,
  callers,
  calls,
  cc,
  childrenOf,
  COMPRESSION,
  connector,
  count,
  DRC,
  eventsOf,
  FACILITIES,
  HANDLE,
  inTurns,
  leftBehind,
  node,
  nodeAt,
  nodeList,
  putWords,
  RANDOM,
  statuses,
  SYM_ENCRYPTION,
  treeWithout,
  withFailure,
  type Service,
} from './support.ts'

const DELETE = 0x01000000
const UPDATE = 0x02000000
const ADD = 0x03000000

function update(machine: Machine, scope = MIGRATION_SCOPE): number {
  return run(machine, () => pseries_devicetree_update(scope))
}

/** Paths of detached nodes in the order in which they were detached. */
function detached(machine: Machine, body: () => unknown): string[] {
  return eventsOf(machine, 'node.detach', body).map((event) => event.path)
}

describe('pseries_devicetree_update', () => {
  it('applies the groups entry by entry and returns the last status', () => {
    const machine = bootWith({
      'ibm,update-nodes': nodeList([
        ADD | 1,
        HANDLE.compression,
        1,
        DELETE | 2,
        HANDLE.random,
        HANDLE.compression,
        0,
        DELETE | 1,
        HANDLE.facilities,
      ]),
      'ibm,configure-connector': connector([cc.child('new'), cc.complete]),
    })
    const from = machine.events.length
    expect(update(machine)).toBe(0)
    const changes = machine.events
      .slice(from)
      .flatMap((event) =>
        event.type === 'node.attach' || event.type === 'node.detach' ? [`${event.type} ${event.path}`] : [],
      )
    expect(changes).toEqual([
      `node.attach ${COMPRESSION}/new`,
      `node.detach ${RANDOM}`,
      `node.detach ${COMPRESSION}/new`,
      `node.detach ${COMPRESSION}`,
    ])
    expect(node(machine, FACILITIES)?.inTree).toBe(true)
  })

  it('emits an event with the result of each entry, because the kernel ignores it', () => {
    const machine = bootWith({
      'ibm,update-nodes': nodeList([
        DELETE | 2,
        HANDLE.random,
        0x1234,
        ADD | 1,
        0x1234,
        7,
        UPDATE | 1,
        0x1234,
        0,
      ]),
      'ibm,update-properties': () => [0],
    })
    const entries = eventsOf(machine, 'mobility.entry', () => expect(update(machine)).toBe(0))
    expect(
      entries.map(({ action, phandle, drcIndex, result }) => [action, phandle, drcIndex, result]),
    ).toEqual([
      ['delete', HANDLE.random, null, 0],
      ['delete', 0x1234, null, -2],
      ['add', 0x1234, 7, -2],
      ['update', 0x1234, null, -2],
    ])
  })

  it('calls again with the same area while the status is 1, and applies each answer before the next call', () => {
    const seen: number[] = []
    const remember =
      (next: Service, word: number): Service =>
      (args) => {
        const [area] = args
        if (!(area instanceof Uint8Array)) return [-3]
        seen.push(new DataView(area.buffer, area.byteOffset).getUint32(0))
        const answer = next(args)
        putWords(area, 0, [word])
        return answer
      }
    const machine = bootWith({
      'ibm,update-nodes': inTurns(
        remember(nodeList([DELETE | 1, HANDLE.random, 0], 1), 0xabcd),
        remember(nodeList([0], 1), 0x1234),
        remember(nodeList([DELETE | 1, HANDLE.compression, 0]), 0),
      ),
    })
    expect(detached(machine, () => expect(update(machine)).toBe(0))).toEqual([RANDOM, COMPRESSION])
    expect(seen).toEqual([0, 0xabcd, 0x1234])
    const calledAndDone = machine.events.flatMap((event) =>
      event.type === 'rtas.call' ? ['call'] : event.type === 'node.detach' ? ['detach'] : [],
    )
    expect(calledAndDone).toEqual(['call', 'detach', 'call', 'call', 'detach'])
  })

  it.each([-1, -2, -3, 2, 9900, -9004])(
    'stops at status %i without reading the answer, and returns it',
    (status) => {
      const machine = bootWith({ 'ibm,update-nodes': nodeList([DELETE | 1, HANDLE.random, 0], status) })
      expect(detached(machine, () => expect(update(machine)).toBe(status))).toEqual([])
      expect(calls(machine, 'ibm,update-nodes')).toBe(1)
    },
  )

  it('keeps the changes made before a later call failed', () => {
    const machine = bootWith({
      'ibm,update-nodes': inTurns(nodeList([DELETE | 1, HANDLE.random, 0], 1), () => [-1]),
    })
    expect(detached(machine, () => expect(update(machine)).toBe(-1))).toEqual([RANDOM])
  })

  it('passes its scope to firmware', () => {
    const scopes: unknown[] = []
    const machine = bootWith({
      'ibm,update-nodes': ([, scope]) => {
        scopes.push(scope)
        return [0]
      },
    })
    update(machine)
    update(machine, PRRN_SCOPE)
    expect(scopes).toEqual([1, -2])
  })

  it('returns -EINVAL without the service, and -ENOMEM if memory is short', () => {
    const without = boot(new Partition(), { devicetree: treeWithout('ibm,update-nodes') })
    expect(update(without)).toBe(-22)
    const machine = boot(new Partition())
    withFailure(machine, 0, () => expect(update(machine)).toBe(-12))
    expect(calls(machine, 'ibm,update-nodes')).toBe(0)
  })

  it('ends immediately if the first header has no action, regardless of its count', () => {
    const machine = bootWith({ 'ibm,update-nodes': nodeList([0x00ffffff, DELETE | 1, HANDLE.random]) })
    expect(detached(machine, () => update(machine))).toEqual([])
  })

  it('skips groups of unknown actions, one word per entry', () => {
    const machine = bootWith({
      'ibm,update-nodes': nodeList([
        0x04000002,
        HANDLE.random,
        HANDLE.compression,
        0xff000001,
        HANDLE.random,
        DELETE | 1,
        HANDLE.compression,
        0,
      ]),
    })
    expect(detached(machine, () => expect(update(machine)).toBe(0))).toEqual([COMPRESSION])
  })

  it('silently skips failing entries: unknown phandles, parents and connectors', () => {
    const machine = bootWith({
      'ibm,update-nodes': nodeList([
        DELETE | 2,
        0,
        0x77777777,
        UPDATE | 1,
        0x77777777,
        ADD | 2,
        0x77777777,
        DRC.facilities,
        HANDLE.facilities,
        0x12345678,
        DELETE | 1,
        HANDLE.random,
        0,
      ]),
      'ibm,configure-connector': connector([cc.complete]),
    })
    const before = count(machine, FACILITIES)
    const lines = consoleOf(machine, () => {
      expect(detached(machine, () => expect(update(machine)).toBe(0))).toEqual([RANDOM])
    })
    expect(lines).toEqual([])
    // Only the directory of the random node.
    expect(count(machine, FACILITIES)).toBe(before - 1)
  })

  it('reads an answer that fills the area and stops at its end', () => {
    const full = new Array<number>(1020).fill(0x77777777)
    full[0] = DELETE | 0xffffff
    full[1019] = HANDLE.random
    const machine = bootWith({ 'ibm,update-nodes': nodeList(full) })
    expect(detached(machine, () => expect(update(machine)).toBe(0))).toEqual([RANDOM])
  })

  it('never returns if firmware always has more: a soft lockup', () => {
    const machine = bootWith({ 'ibm,update-nodes': statuses(1) }, { callChains: false })
    runToDeath(machine, () => pseries_devicetree_update(MIGRATION_SCOPE))
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'hang', undefined, 0)).toMatchObject([{ lock: 'ibm,update-nodes', held: [] }])
  })

  it('frees its area in every case', () => {
    for (const status of [0, -1]) {
      const machine = bootWith({ 'ibm,update-nodes': nodeList([0], status) })
      expect(leftBehind(machine, () => update(machine))).toEqual([])
    }
  })
})

describe('a DELETE', () => {
  it('takes a reference in the lookup and drops it after the node and its subtree are detached', () => {
    const machine = bootWith({ 'ibm,update-nodes': nodeList([DELETE | 1, HANDLE.facilities, 0]) })
    const { object } = must(node(machine, FACILITIES))
    const own = (type: 'ref.get' | 'ref.put'): string[][] =>
      eventsOf(machine, type, undefined, from)
        .filter((event) => event.object === object)
        .map((event) => callers(event, 'delete_dt_node'))
        .filter((chain) => !chain.includes('dlpar_detach_node') && chain.length > 0)
    const from = machine.events.length
    expect(detached(machine, () => update(machine))).toEqual([
      RANDOM,
      COMPRESSION,
      SYM_ENCRYPTION,
      FACILITIES,
    ])
    expect(own('ref.get').map((chain) => chain.at(-2))).toEqual(['of_find_node_by_phandle'])
    expect(own('ref.put').map((chain) => chain.at(-2))).toEqual(['of_node_put'])
    expect(count(machine, FACILITIES)).toBe(0)
    expect(node(machine, FACILITIES)?.life).toBe('released')
  })
})

describe('an ADD', () => {
  function bootAdding(parent: number): Machine {
    return bootWith({
      'ibm,update-nodes': nodeList([ADD | 1, parent, 1, 0]),
      'ibm,configure-connector': connector([cc.child('new'), cc.complete]),
    })
  }

  it('gets the node from the connector and attaches it below the parent, whose reference it drops', () => {
    const machine = bootAdding(HANDLE.random)
    const before = count(machine, RANDOM)
    expect(update(machine)).toBe(0)
    expect(childrenOf(machine, RANDOM)).toEqual(['new'])
    expect(count(machine, RANDOM)).toBe(before + 1)
    expect(count(machine, `${RANDOM}/new`)).toBe(1)
  })

  it('requests the connector in its second word', () => {
    const asked: unknown[] = []
    const machine = bootWith({
      'ibm,update-nodes': nodeList([ADD | 1, HANDLE.facilities, 0x50000042, 0]),
      'ibm,configure-connector': ([area]) => {
        if (area instanceof Uint8Array) asked.push([...area.subarray(0, 8)])
        return [-9003]
      },
    })
    const lines = consoleOf(machine, () => expect(update(machine)).toBe(0))
    expect(asked).toEqual([[0x50, 0, 0, 0x42, 0, 0, 0, 0]])
    expect(lines).toEqual(['Unexpected Error (-9003) returned from configure-connector'])
  })

  it('also drops the reference on the parent if the connector has no node', () => {
    const machine = bootWith({
      'ibm,update-nodes': nodeList([ADD | 1, HANDLE.random, 1, 0]),
      'ibm,configure-connector': () => [-1],
    })
    const before = count(machine, RANDOM)
    expect(update(machine)).toBe(0)
    expect(count(machine, RANDOM)).toBe(before)
  })

  it('becomes the first child of its parent', () => {
    const machine = bootAdding(HANDLE.facilities)
    update(machine)
    const first = run(machine, () => text(must(must(nodeAt(FACILITIES).child).full_name)))
    expect(first).toBe('new')
  })
})

describe('PRRN', () => {
  it('looks up the node of each UPDATE again, because an unknown phandle is a block of memory; references are balanced', () => {
    const lookups = (scope: number): string[] => {
      const machine = bootWith({
        'ibm,update-nodes': nodeList([UPDATE | 2, HANDLE.random, 0x77777777, 0]),
        'ibm,update-properties': () => [0],
      })
      const before = count(machine, RANDOM)
      const gets = eventsOf(machine, 'ref.get', () => update(machine, scope))
      expect(count(machine, RANDOM)).toBe(before)
      return gets.map((event) => must(callers(event, 'pseries_devicetree_update').at(-2)))
    }
    expect(lookups(MIGRATION_SCOPE)).toEqual(['update_dt_node'])
    expect(lookups(PRRN_SCOPE)).toEqual(['update_dt_node', 'prrn_update_node'])
  })

  it('applies the changes for its scope, but not those for a migration', () => {
    const partition = new Partition()
    const machine = boot(partition)
    const change = (name: string): void => {
      partition.updateProperties(
        [{ node: COMPRESSION, properties: [{ kind: 'set', name, value: Uint8Array.of(1) }] }],
        name === 'prrn' ? 'prrn' : 'migration',
      )
    }
    change('prrn')
    change('lpm')
    const properties = (): string[] => Object.keys(must(node(machine, COMPRESSION)).properties)
    update(machine, PRRN_SCOPE)
    expect(properties()).toContain('prrn')
    expect(properties()).not.toContain('lpm')
    update(machine)
    expect(properties()).toContain('lpm')
  })
})
