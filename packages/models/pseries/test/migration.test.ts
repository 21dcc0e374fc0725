// SPDX-License-Identifier: GPL-2.0-only
import { type Machine } from '@pfo-workbench/kernel'
import { consoleOf, must } from '@pfo-workbench/kernel/testing'
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
  count,
  eventsOf,
  FACILITIES,
  HANDLE,
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

/** The services that the kernel called, in order, with the number of consecutive calls. */
function services(machine: Machine, body: () => unknown): string[] {
  const list: string[] = []
  for (const { service } of eventsOf(machine, 'rtas.call', body))
    if (list.at(-1) !== service) list.push(service)
  return list
}

describe('writing the migration file', () => {
  it('suspends, activates firmware, requests the changes, and consumes the whole text', () => {
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
    'accepts %j as a stream id',
    (id) => {
      const machine = bootWith({ 'ibm,update-nodes': nodeList([0]) })
      expect(machine.write(FILE, id)).toBe(id.length)
    },
  )

  it.each(['', '\n', ' 1', '1 ', '-1', '+', '++1', '0x', '0xg', '08', '1a', '5\n\n', 'one', '\0' + '5'])(
    'rejects %j with -EINVAL before it suspends',
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
  ])('rejects %j, which does not fit in 64 bits: -ERANGE', (id) => {
    const machine = boot(new Partition())
    expect(services(machine, () => expect(machine.write(FILE, id)).toBe(-34))).toEqual([])
  })

  it('accepts the largest 64-bit number', () => {
    const machine = bootWith({ 'ibm,update-nodes': nodeList([0]) })
    expect(machine.write(FILE, '18446744073709551615')).toBe(20)
    expect(machine.write(FILE, '0xffffffffffffffff')).toBe(18)
    expect(machine.write(FILE, '01777777777777777777777')).toBe(23)
  })

  it('returns its length even if the update of the tree failed', () => {
    const machine = bootWith({ 'ibm,update-nodes': statuses(-1) })
    const lines = consoleOf(machine, () => expect(machine.migrate('12')).toBe(2))
    expect(lines).toEqual(['Post-mobility device tree update failed: -1'])
  })
})

describe('the suspension', () => {
  it('returns -ENOSYS without the service, and nothing else follows', () => {
    const machine = boot(new Partition(), { devicetree: treeWithout('ibm,suspend-me') })
    expect(services(machine, () => expect(machine.migrate()).toBe(-38))).toEqual([])
  })

  it.each([-1, -2, -3, 1, 9900])('that fails with status %i returns this number to the writer', (status) => {
    const machine = bootWith({ 'ibm,suspend-me': statuses(status) })
    const lines = consoleOf(machine, () => {
      const called = services(machine, () => expect(machine.migrate()).toBe(status))
      expect(called).toEqual(['ibm,suspend-me'])
    })
    expect(lines).toEqual(['Error doing global join'])
    expect(node(machine, RANDOM)?.inTree).toBe(true)
  })

  it('spins until other threads stop', () => {
    const machine = bootWith({
      'ibm,suspend-me': statuses(-9005, -9005, 0),
      'ibm,update-nodes': nodeList([0]),
    })
    expect(consoleOf(machine, () => expect(machine.migrate()).toBe(1))).toEqual([])
    expect(calls(machine, 'ibm,suspend-me')).toBe(3)
  })

  it('is retried while the hypervisor reports that the migration is only prepared', () => {
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
    'fails with -EIO in the state "%s", without a call of firmware',
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

  it('ends with the status of H_VASI_STATE if that fails, for example without a hypervisor', () => {
    const partition = new Partition()
    partition.prepareMigration({ vasi: [-4] })
    const machine = boot(partition)
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(-4))
    expect(lines).toEqual(['rtas_ibm_suspend_me: vasi_state returned -4'])
    const without = boot(partition, { firmware: { rtas: (token, args) => partition.rtas(token, args) } })
    expect(without.migrate()).toBe(-2)
  })

  it.each([-1, -9004, 9000])('ends with %i if firmware returns it, after an error message', (status) => {
    const machine = bootWith({ 'ibm,suspend-me': statuses(status) })
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(status))
    expect(lines).toEqual(['Error doing global join'])
    expect(calls(machine, 'ibm,suspend-me')).toBe(1)
  })

  it('that never becomes possible blocks the writer forever: it sleeps, so no watchdog reports it', () => {
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

  it('logs an error if it fails, and the tree is still updated', () => {
    const machine = bootWith({ 'ibm,activate-firmware': statuses(-1) })
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(1))
    expect(lines).toEqual(['Post-mobility activate-fw failed: -1'])
    expect(node(machine, RANDOM)?.inTree).toBe(false)
  })

  it('without the service leaves the tree unchanged', () => {
    const machine = boot(new Partition(), { devicetree: treeWithout('ibm,activate-firmware') })
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(1))
    expect(lines).toEqual(['Could not make post-mobility activate-fw call.'])
    expect(calls(machine, 'ibm,update-nodes')).toBe(0)
    expect(node(machine, RANDOM)?.inTree).toBe(true)
  })

  it('blocks the writer if firmware is busy forever', () => {
    const machine = bootWith({ 'ibm,activate-firmware': statuses(9902) }, { callChains: false })
    expect(consoleOf(machine, () => expect(machine.migrate()).toBeNull())).toEqual([])
    expect(machine.outcome).toBe('deadlock')
  })
})

describe('the update of the tree', () => {
  it('without the service logs an error', () => {
    const machine = boot(new Partition(), { devicetree: treeWithout('ibm,update-nodes') })
    const lines = consoleOf(machine, () => expect(machine.migrate()).toBe(1))
    expect(lines).toEqual(['Post-mobility device tree update failed: -22'])
  })

  it('without memory for the area logs an error', () => {
    const machine = boot(new Partition())
    const lines = consoleOf(machine, () => {
      withFailure(machine, 0, () => expect(machine.migrate()).toBe(1))
    })
    expect(lines).toEqual(['Post-mobility device tree update failed: -12'])
  })

  it('ends if any allocation fails, except strings, some of which are not checked', () => {
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

/** Reference counts of R0, C0, S0 and P0. */
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
  it('prints nothing, detaches the four nodes, and brings back only the parent', () => {
    const partition = new Partition()
    const machine = boot(partition)
    expect(counts(machine)).toEqual([2, 1, 1, 4])
    expect(migrated(1, {}, machine, partition)).toEqual([])
    // Only the reference of rng_init is left.
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
    // The random node had one reference left: +1 by the lookup, -1 by the detach, -1 by delete_dt_node. The others had
    // none: the lookup makes it 1, the detach releases the node again, and delete_dt_node drops below 0.
    expect(counts(machine)).toEqual([0, 0xffffffff, 0xffffffff, 0xffffffff])
    expect(inspectOf(machine).nodes.filter((one) => one.path === FACILITIES && one.inTree)).toHaveLength(2)
  })

  it('with an ADD per node is an Oops in sysfs at the first child, because the lookup finds the old parent', () => {
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

  it('with an ADD per node has no findings on a kernel without modules and so without a phandle cache', () => {
    const partition = new Partition()
    const machine = boot(partition, { config: { modules: false } })
    expect(migrated(3, { readd: 'per-node' }, machine, partition)).toEqual([])
    expect([RANDOM, COMPRESSION, SYM_ENCRYPTION, FACILITIES].map((path) => count(machine, path, 3))).toEqual([
      1, 1, 1, 4,
    ])
    expect([1, 2].map((generation) => node(machine, RANDOM, generation)?.life)).toEqual(['freed', 'freed'])
  })

  it('ends in the same tree, regardless of how many calls the node list takes', () => {
    const partition = new Partition()
    const machine = boot(partition)
    migrated(1, { nodesPerCall: 1, unknownGroups: [{ action: 9, words: [1, 2] }] }, machine, partition)
    expect(calls(machine, 'ibm,update-nodes')).toBeGreaterThan(5)
    expect(counts(machine)).toEqual([1, 0, 0, 0])
    expect(node(machine, FACILITIES, 1)?.inTree).toBe(true)
  })

  it('leaves nodes without a name property unnamed', () => {
    const partition = new Partition()
    const machine = boot(partition)
    migrated(1, { nameProperty: false }, machine, partition)
    expect(node(machine, FACILITIES, 1)?.name).toBe('<NULL>')
  })
})
