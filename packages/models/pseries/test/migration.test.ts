// SPDX-License-Identifier: GPL-2.0-only
import { type Machine } from '@pfo-workbench/kernel'
import { inspectOf } from '@pfo-workbench/of'
import { Partition, type MigrationPlan } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import {
  boot,
  bootWith,
  calls,
  cc,
  COMPRESSION,
  connector,
  consoleOf,
  count,
  eventsOf,
  FACILITIES,
  HANDLE,
  must,
  node,
  nodeList,
  propertyList,
  RANDOM,
  statuses,
  SYM_ENCRYPTION,
  treeWithout,
  withFailure,
} from './support.ts'

const FILE = '/sys/kernel/mobility/migration'

/** The services that the kernel called, one after the other, with how often in a row. */
function services(machine: Machine, body: () => unknown): string[] {
  const list: string[] = []
  for (const { service } of eventsOf(machine, 'rtas.call', body))
    if (list.at(-1) !== service) list.push(service)
  return list
}

describe('writing the migration file', () => {
  it('suspends, activates firmware, asks for the changes, and takes the whole text', () => {
    const machine = boot(new Partition())
    const called = services(machine, () => expect(machine.write(FILE, '0x12ab\n')).toBe(7))
    expect(called).toEqual([
      'ibm,suspend-me',
      'ibm,activate-firmware',
      'ibm,update-nodes',
      'ibm,configure-connector',
    ])
  })

  it.each(['0', '1', '12345678901234567890', '0x1F', '0X1f', '017', '+5', '5\n', '5\0', '5\0 and more'])(
    'takes %j for a stream id',
    (id) => {
      const machine = bootWith({ 'ibm,update-nodes': nodeList([0]) })
      expect(machine.write(FILE, id)).toBe(id.length)
    },
  )

  it.each(['', '\n', ' 1', '1 ', '-1', '+', '++1', '0x', '0xg', '08', '1a', '5\n\n', 'one', '\0' + '5'])(
    'refuses %j: -EINVAL, before anything is suspended',
    (id) => {
      const machine = boot(new Partition())
      expect(services(machine, () => expect(machine.write(FILE, id)).toBe(-22))).toEqual([])
    },
  )

  it.each([
    '18446744073709551616',
    '0x10000000000000000',
    '02000000000000000000000',
    '99999999999999999999x',
  ])('refuses %j, which does not fit into 64 bits: -ERANGE', (id) => {
    const machine = boot(new Partition())
    expect(services(machine, () => expect(machine.write(FILE, id)).toBe(-34))).toEqual([])
  })

  it('takes the largest 64-bit number', () => {
    const machine = bootWith({ 'ibm,update-nodes': nodeList([0]) })
    expect(machine.write(FILE, '18446744073709551615')).toBe(20)
    expect(machine.write(FILE, '0xffffffffffffffff')).toBe(18)
    expect(machine.write(FILE, '01777777777777777777777')).toBe(23)
  })

  it('takes its length for success, whatever happened to the tree', () => {
    const machine = bootWith({ 'ibm,update-nodes': statuses(-1) })
    const lines = consoleOf(machine, () => expect(machine.migrate('12')).toBe(2))
    expect(lines).toEqual(['Post-mobility device tree update failed: -1'])
  })
})

describe('the suspension', () => {
  it('is -ENOSYS without the service, and nothing follows', () => {
    const machine = boot(new Partition(), { devicetree: treeWithout('ibm,suspend-me') })
    expect(services(machine, () => expect(machine.migrate()).toBe(-38))).toEqual([])
  })

  it.each([-1, -2, -3, 1, 9900])('that fails with status %i gives the writer this number', (status) => {
    const machine = bootWith({ 'ibm,suspend-me': statuses(status) })
    const lines = consoleOf(machine, () => {
      const called = services(machine, () => expect(machine.migrate()).toBe(status))
      expect(called).toEqual(['ibm,suspend-me'])
    })
    expect(lines).toEqual(['Error doing global join'])
    expect(node(machine, RANDOM)?.inTree).toBe(true)
  })

  it('waits at the processor for other threads to stop', () => {
    const machine = bootWith({
      'ibm,suspend-me': statuses(-9005, -9005, 0),
      'ibm,update-nodes': nodeList([0]),
    })
    expect(consoleOf(machine, () => expect(machine.migrate()).toBe(1))).toEqual([])
    expect(calls(machine, 'ibm,suspend-me')).toBe(3)
  })

  it('is tried again as long as the hypervisor says that the migration is only prepared', () => {
    const partition = new Partition()
    partition.prepareMigration({ vasi: ['enabled', 'enabled', 'enabled'] })
    const machine = boot(partition)
    expect(machine.migrate()).toBe(1)
    expect(eventsOf(machine, 'hcall', undefined, 0)).toEqual(
      new Array(4).fill(expect.objectContaining({ call: 'H_VASI_STATE', status: 0 })),
    )
    expect(calls(machine, 'ibm,suspend-me')).toBe(1)
    expect(node(machine, RANDOM)?.inTree).toBe(false)
  })

  it.each(['invalid', 'aborted', 'suspended', 'resumed', 'completed'] as const)(
    'is refused with -EIO in the state "%s", and firmware is not called',
    (state) => {
      const partition = new Partition()
      partition.prepareMigration({ vasi: [state] })
      const machine = boot(partition)
      const number = { invalid: 0, aborted: 2, suspended: 4, resumed: 5, completed: 6 }[state]
      const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(-5))
      expect(lines).toEqual([`rtas_ibm_suspend_me: vasi_state returned state ${String(number)}`])
      expect(calls(machine, 'ibm,suspend-me')).toBe(0)
    },
  )

  it('ends with the status of the question when that fails, as where nobody answers it', () => {
    const partition = new Partition()
    partition.prepareMigration({ vasi: [-4] })
    const machine = boot(partition)
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(-4))
    expect(lines).toEqual(['rtas_ibm_suspend_me: vasi_state returned -4'])
    const without = boot(partition, { firmware: { rtas: (token, args) => partition.rtas(token, args) } })
    expect(without.migrate()).toBe(-2)
  })

  it.each([-1, -9004, 9000])('ends with %i when that is what firmware answers, which is said', (status) => {
    const machine = bootWith({ 'ibm,suspend-me': statuses(status) })
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(status))
    expect(lines).toEqual(['Error doing global join'])
    expect(calls(machine, 'ibm,suspend-me')).toBe(1)
  })

  it('that is never possible keeps the writer for ever: it sleeps, so nothing is said', () => {
    const partition = new Partition()
    const machine = boot(partition, {
      firmware: { rtas: (token, args) => partition.rtas(token, args), hcall: () => [0, 1] },
      callChains: false,
    })
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBeNull())
    expect(lines).toEqual([])
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'hang', undefined, 0)).toMatchObject([
      { lock: 'ibm,suspend-me', holder: 'firmware', held: [] },
    ])
  })
})

describe('the activation of firmware', () => {
  it('is repeated while firmware is busy', () => {
    const partition = new Partition()
    partition.prepareMigration({ statuses: { 'ibm,activate-firmware': [-2, 9900, 9905] } })
    const machine = boot(partition)
    expect(consoleOf(machine, () => machine.migrate())).toEqual([])
    expect(calls(machine, 'ibm,activate-firmware')).toBe(4)
    expect(calls(machine, 'ibm,update-nodes')).toBe(1)
  })

  it('that fails is complained about, and the tree is updated all the same', () => {
    const machine = bootWith({ 'ibm,activate-firmware': statuses(-1) })
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(1))
    expect(lines).toEqual(['Post-mobility activate-fw failed: -1'])
    expect(node(machine, RANDOM)?.inTree).toBe(false)
  })

  it('that is unknown to firmware keeps the tree as it was', () => {
    const machine = boot(new Partition(), { devicetree: treeWithout('ibm,activate-firmware') })
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(1))
    expect(lines).toEqual(['Could not make post-mobility activate-fw call.'])
    expect(calls(machine, 'ibm,update-nodes')).toBe(0)
    expect(node(machine, RANDOM)?.inTree).toBe(true)
  })

  it('that is busy for ever keeps the writer', () => {
    const machine = bootWith({ 'ibm,activate-firmware': statuses(9902) }, { callChains: false })
    expect(consoleOf(machine, () => expect(machine.migrate()).toBeNull())).toEqual([])
    expect(machine.outcome).toBe('deadlock')
  })
})

describe('the update of the tree', () => {
  it('without the service is complained about', () => {
    const machine = boot(new Partition(), { devicetree: treeWithout('ibm,update-nodes') })
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(1))
    expect(lines).toEqual(['Post-mobility device tree update failed: -22'])
  })

  it('without memory for the area is complained about', () => {
    const machine = boot(new Partition())
    const lines = consoleOf(machine, () => {
      withFailure(machine, 0, () => expect(machine.migrate()).toBe(1))
    })
    expect(lines).toEqual(['Post-mobility device tree update failed: -12'])
  })

  it('comes to its end whichever allocation fails, but for strings, which are not always checked', () => {
    const died: string[] = []
    for (let number = 0; ; number++) {
      const machine = bootWith(
        {
          'ibm,update-nodes': nodeList([0x03000001, HANDLE.facilities, 1, 0x02000001, HANDLE.random, 0]),
          'ibm,configure-connector': connector([
            cc.child('top'),
            cc.property('name', 'top\0'),
            cc.child('below'),
            cc.property('name', 'below\0'),
            cc.complete,
          ]),
          'ibm,update-properties': propertyList([{ name: 'a', vd: 1, value: 'x' }]),
        },
        { callChains: false },
      )
      const { failed, result: written } = withFailure(machine, number, () => machine.migrate())
      if (failed === null) break
      if (machine.outcome === 'completed') expect(written).toBe(1)
      else died.push(`${machine.outcome}: ${failed}`)
    }
    expect([...new Set(died)]).toEqual(['oops: bytes'])
  })
})

/** Counts of R0, C0, S0 and P0. */
function counts(machine: Machine): number[] {
  return [RANDOM, COMPRESSION, SYM_ENCRYPTION, FACILITIES].map((path) => count(machine, path))
}

function migrated(times: number, plan: MigrationPlan, machine: Machine, partition: Partition): string[] {
  return consoleOf(machine, () => {
    for (let i = 0; i < times; i++) {
      partition.prepareMigration(plan)
      machine.migrate()
    }
  })
}

describe('a migration as on PowerVM, without drivers', () => {
  it('is silent, detaches the four nodes, and brings back the parent alone', () => {
    const partition = new Partition()
    const machine = boot(partition)
    expect(counts(machine)).toEqual([2, 1, 1, 4])
    expect(migrated(1, {}, machine, partition)).toEqual([])
    // The reference that rng_init keeps is all that is left.
    expect(counts(machine)).toEqual([1, 0, 0, 0])
    expect(node(machine, FACILITIES, 1)).toMatchObject({
      inTree: true,
      refcount: 1,
      phandle: HANDLE.facilities,
    })
    for (const path of [RANDOM, COMPRESSION, SYM_ENCRYPTION]) {
      expect(node(machine, path, 1)).toMatchObject({
        inTree: false,
        refcount: 1,
        phandle: 0,
        life: 'allocated',
      })
    }
    const directories = must(machine.readdir('/proc/device-tree/ibm,platform-facilities'))
    expect(directories).not.toContain('ibm,random-v1')
  })

  it('a second time detaches the same four again, with a WARNING each, and renames the new parent', () => {
    const partition = new Partition()
    const machine = boot(partition, { config: { refcount: 'plain' } })
    migrated(1, {}, machine, partition)
    const lines = consoleOf(machine, () => {
      const warnings = eventsOf(machine, 'warn', () => migrated(1, {}, machine, partition))
      expect(warnings.map((event) => event.function)).toEqual(new Array(4).fill('__of_detach_node'))
    })
    expect(lines).toContain('Duplicate name in base, renamed to "ibm,platform-facilities#1"')
    // R: find, unconditional put, put. The others had none to lose: 0, 1, 0 (released again), -1.
    expect(counts(machine)).toEqual([0, 0xffffffff, 0xffffffff, 0xffffffff])
    expect(inspectOf(machine).nodes.filter((one) => one.path === FACILITIES && one.inTree)).toHaveLength(2)
  })

  it('with an ADD per node is an Oops in the sysfs half of the first child: the parent that is found is the old one', () => {
    const partition = new Partition()
    const machine = boot(partition)
    partition.prepareMigration({ readd: 'per-node' })
    expect(machine.migrate()).toBeNull()
    expect(machine.outcome).toBe('oops')
    const [oops] = eventsOf(machine, 'oops', undefined, 0)
    expect(oops).toMatchObject({ function: 'kernfs_find_ns' })
    expect(oops?.held).toContain('of_mutex')
    expect(oops?.held).toContain('kernfs_mutex')
  })

  it('with an ADD per node, on a kernel without modules and so without a phandle cache, is faultless', () => {
    const partition = new Partition()
    const machine = boot(partition, { config: { modules: false } })
    expect(migrated(3, { readd: 'per-node' }, machine, partition)).toEqual([])
    expect([RANDOM, COMPRESSION, SYM_ENCRYPTION, FACILITIES].map((path) => count(machine, path, 3))).toEqual([
      1, 1, 1, 4,
    ])
    expect([1, 2].map((generation) => node(machine, RANDOM, generation)?.life)).toEqual(['freed', 'freed'])
  })

  it('ends in the same tree, however many calls the list of nodes takes', () => {
    const partition = new Partition()
    const machine = boot(partition)
    migrated(1, { nodesPerCall: 1, unknownGroups: [{ action: 9, words: [1, 2] }] }, machine, partition)
    expect(calls(machine, 'ibm,update-nodes')).toBeGreaterThan(5)
    expect(counts(machine)).toEqual([1, 0, 0, 0])
    expect(node(machine, FACILITIES, 1)?.inTree).toBe(true)
  })

  it('leaves nodes without a name property nameless', () => {
    const partition = new Partition()
    const machine = boot(partition)
    migrated(1, { nameProperty: false }, machine, partition)
    expect(node(machine, FACILITIES, 1)?.name).toBe('<NULL>')
  })
})
