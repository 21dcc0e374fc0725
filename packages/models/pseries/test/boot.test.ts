// SPDX-License-Identifier: GPL-2.0-only
import { EAGAIN, ENODEV, injectAllocationFailures, type Machine, type Subsystem } from '@pfo-workbench/kernel'
import { run, runToDeath } from '@pfo-workbench/kernel/testing'
import {
  inspectOf,
  of_attach_node,
  of_detach_node,
  of_find_node_by_path,
  of_find_node_by_type,
  of_get_parent,
  of_node_get,
  of_node_put,
  ofCore,
} from '@pfo-workbench/of'
import { cells, Partition } from '@pfo-workbench/powervm'
import { describe, expect, it } from 'vitest'
import {
  pseriesPlatform,
  RTAS_UNKNOWN_SERVICE,
  rtas_busy_delay,
  rtas_call,
  rtas_token,
} from '../src/index.ts'
import {
  boot,
  bootWith,
  callers,
  changedTree,
  count,
  eventsOf,
  FACILITIES,
  node,
  nodeAt,
  RANDOM,
} from './support.ts'
import { rng_init } from '../src/rng.ts'
import { rtas_ibm_suspend_me } from '../src/rtas.ts'

describe('rng_init', () => {
  it('keeps the reference of its lookup on the random node and prints that the hook is registered', () => {
    const machine = boot(new Partition())
    expect(machine.console).toEqual(['pseries-rng: Registering arch random hook.'])
    expect(count(machine, RANDOM)).toBe(2)
    const taken = eventsOf(machine, 'ref.get', undefined, 0).filter(
      (event) => event.object === node(machine, RANDOM)?.object && event.before === 1,
    )
    expect(callers(taken.at(-1), 'rng_init').at(-2)).toBe('of_find_compatible_node')
  })

  it('returns -ENODEV and prints nothing on a machine without a random node', () => {
    const machine = boot(new Partition(), {
      devicetree: changedTree('', (root) => {
        root.children = root.children.filter((child) => child.name !== 'ibm,platform-facilities')
      }),
    })
    expect(machine.outcome).toBe('completed')
    expect(machine.console).toEqual([])
    expect(run(machine, rng_init)).toBe(-ENODEV)
  })

  it('is the only platform code that keeps a reference on a facility', () => {
    const machine = boot(new Partition())
    const below = inspectOf(machine).nodes.filter((one) => one.path.startsWith(`${FACILITIES}/`))
    expect(below.map((one) => [one.path.split('/').at(-1), one.refcount])).toEqual([
      ['ibm,random-v1', 2],
      ['ibm,compression-v1', 1],
      ['ibm,sym-encryption-v1', 1],
    ])
    expect(count(machine, FACILITIES)).toBe(4)
  })
})

/** The notifiers called for a changed property, with their results. */
function calledFor(machine: Machine): string[] {
  return eventsOf(machine, 'notifier.call', () => {
    machine.write('/proc/powerpc/ofdt', 'update_property 0xfffffff4 x 1 y')
  }).map(({ callback, result }) => `${callback} ${result}`)
}

describe('the notifiers of the platform', () => {
  const inOrder = [
    'iommu_reconfig_notifier',
    'pci_dn_reconfig_notifier',
    'of_platform_notify',
    'pseries_smp_notifier',
    'pseries_memory_notifier',
  ]

  it('are called in order of registration, with the OF platform notifier between them', () => {
    const machine = boot(new Partition())
    const calls = eventsOf(machine, 'notifier.call', () => {
      machine.write('/proc/powerpc/ofdt', `remove_node ${RANDOM}`)
    })
    expect(calls.map(({ callback, action, result }) => [callback, action, result])).toEqual(
      inOrder.map((name) => [name, 2, 1]),
    )
  })

  it.each([
    ['that happens moves to the end', 0],
    ['that fails moves to the end as well', -1],
  ])('include the PRRN notifier on a partition with PRRN, which a migration %s', (_, status) => {
    const partition = new Partition()
    const machine = boot(partition, { config: { prrn: true } })
    const before = calledFor(machine)
    expect(before.slice(-2)).toEqual(['dt_update_callback 0', 'pseries_memory_notifier 1'])
    partition.prepareMigration({ deletes: [], statuses: { 'ibm,suspend-me': [status] } })
    machine.migrate()
    expect(calledFor(machine).slice(-2)).toEqual(['pseries_memory_notifier 1', 'dt_update_callback 0'])
  })

  it('keep their order if the partition cannot be suspended yet: none is unregistered', () => {
    const partition = new Partition()
    const machine = boot(partition, { config: { prrn: true } })
    const before = calledFor(machine)
    partition.prepareMigration({ vasi: ['enabled'] })
    expect(run(machine, () => rtas_ibm_suspend_me(1))).toBe(-EAGAIN)
    expect(calledFor(machine)).toEqual(before)
  })

  it('include a PRRN notifier that reads only a changed associativity of a processor', () => {
    const partition = new Partition()
    const machine = boot(partition, { config: { prrn: true } })
    const handle = run(machine, () => of_find_node_by_type(null, 'cpu')?.phandle ?? 0)
    const results = ['ibm,associativity', 'ibm,other'].map(
      (name) =>
        eventsOf(machine, 'notifier.call', () => {
          machine.write('/proc/powerpc/ofdt', `update_property ${handle} ${name} 4 abcd`)
        }).find(({ callback }) => callback === 'dt_update_callback')?.result,
    )
    expect(results).toEqual([1, 0])
  })

  it('ignore properties', () => {
    const machine = boot(new Partition())
    const calls = eventsOf(machine, 'notifier.call', () => {
      machine.write('/proc/powerpc/ofdt', 'add_property 0xfffffff4 x 1 y')
    })
    expect(calls.map(({ callback, action, result }) => [callback, action, result])).toEqual([
      ['iommu_reconfig_notifier', 3, 0],
      ['pci_dn_reconfig_notifier', 3, 0],
      ['of_platform_notify', 3, 1],
      ['pseries_smp_notifier', 3, 1],
      ['pseries_memory_notifier', 3, 1],
    ])
  })

  it('take and drop a reference on the parent of an attached node, and no other', () => {
    const machine = boot(new Partition())
    const parent = node(machine, FACILITIES)?.object
    const before = count(machine, FACILITIES)
    const gets = eventsOf(machine, 'ref.get', () => {
      run(machine, () => {
        const np = of_node_get(nodeAt(RANDOM))
        of_detach_node(np)
        of_attach_node(np)
      })
    })
    expect(count(machine, FACILITIES)).toBe(before)
    const byNotifiers = gets.filter((event) => callers(event, 'notifier_call_chain').length > 0)
    expect(byNotifiers.map((event) => event.object)).toEqual([parent])
    expect(callers(byNotifiers[0], 'pci_dn_reconfig_notifier')).toContain('of_get_parent')
  })

  it('read a detached node: if the caller of of_detach_node has no reference, they read freed memory', () => {
    const machine = boot(new Partition())
    machine.write('/proc/powerpc/ofdt', 'add_node /x name 2 x\0')
    const touched = eventsOf(machine, 'use-after-free', () => {
      runToDeath(machine, () => of_detach_node(nodeAt('/x')))
    })
    expect(touched.map((event) => [event.field, callers(event, 'notifier_call_chain').at(-2)])).toEqual([
      ['data', 'iommu_reconfig_notifier'],
      ['properties', 'iommu_reconfig_notifier'],
    ])
    expect(machine.outcome).toBe('oops')
  })

  it('each read a freed node if its memory still holds the old content', () => {
    const machine = boot(new Partition(), { config: { slubPoison: false } })
    machine.write('/proc/powerpc/ofdt', 'add_node /x device_type 2 x\0')
    const touched = eventsOf(machine, 'use-after-free', () =>
      run(machine, () => of_detach_node(nodeAt('/x'))),
    )
    const readers = touched.map((event) => callers(event, 'notifier_call_chain').at(-2))
    expect([...new Set(readers)]).toEqual(inOrder)
  })
})

describe('rtas_token', () => {
  it('is the number of the service in /rtas, or RTAS_UNKNOWN_SERVICE', () => {
    const partition = new Partition()
    const machine = boot(partition)
    expect(run(machine, () => rtas_token('ibm,update-nodes'))).toBe(partition.token('ibm,update-nodes'))
    expect(run(machine, () => rtas_token('ibm,make-coffee'))).toBe(RTAS_UNKNOWN_SERVICE)
  })

  it('is unknown on a machine without /rtas', () => {
    const machine = boot(new Partition(), {
      devicetree: changedTree('', (root) => {
        root.children = root.children.filter((child) => child.name !== 'rtas')
      }),
    })
    expect(machine.outcome).toBe('completed')
    expect(run(machine, () => rtas_token('ibm,update-nodes'))).toBe(RTAS_UNKNOWN_SERVICE)
  })

  it('of a service whose number is all ones looks like an unknown service', () => {
    const machine = boot(new Partition(), {
      devicetree: changedTree('/rtas', (rtas) => {
        rtas.properties = [
          { name: 'name', value: Uint8Array.from([0x72, 0x74, 0x61, 0x73, 0]) },
          { name: 'odd', value: cells([0xffffffff]) },
        ]
      }),
    })
    expect(run(machine, () => rtas_token('odd'))).toBe(RTAS_UNKNOWN_SERVICE)
  })
})

describe('rtas_call', () => {
  it('returns the status, fills in the other words, and emits an event with the name of the service', () => {
    const machine = bootWith({ 'get-sensor-state': () => [0, 7] })
    const outputs: number[] = [1, 2, 3]
    const calls = eventsOf(machine, 'rtas.call', () => {
      run(machine, () => rtas_call(rtas_token('get-sensor-state'), [9003, 1], outputs))
    })
    expect(outputs).toEqual([7])
    expect(calls.map(({ service, status }) => [service, status])).toEqual([['get-sensor-state', 0]])
  })

  it('returns -1 immediately for an unknown token and on a machine without firmware', () => {
    const machine = boot(new Partition())
    expect(eventsOf(machine, 'rtas.call', () => run(machine, () => rtas_call(-1, [])))).toEqual([])
    expect(run(machine, () => rtas_call(-1, []))).toBe(-1)
    const bare = new Partition()
    const alone = boot(bare, { firmware: { rtas: () => [] } })
    expect(run(alone, () => rtas_call(rtas_token('ibm,suspend-me'), []))).toBe(-1)
  })

  it('also makes calls with a token that /rtas lists for no service', () => {
    const machine = boot(new Partition())
    const calls = eventsOf(machine, 'rtas.call', () => run(machine, () => rtas_call(0x7777, [])))
    expect(calls.map(({ service, status }) => [service, status])).toEqual([['token 30583', -3]])
  })

  it('is repeated while firmware is busy or asks for a delay', () => {
    const machine = boot(new Partition())
    const repeated = run(machine, () => [-2, 9899, 9900, 9905, 9906, 0, 1, -1].map(rtas_busy_delay))
    expect(repeated).toEqual([true, false, true, true, false, false, false, false])
  })
})

describe('mobility_sysfs_init', () => {
  it('creates /sys/kernel/mobility with the API version and a write-only file', () => {
    const machine = boot(new Partition())
    expect(machine.readdir('/sys/kernel/mobility')).toEqual(['api_version', 'migration'])
    expect(machine.read('/sys/kernel/mobility/api_version')).toBe('1\n')
    expect(machine.read('/sys/kernel/mobility/migration')).toBeLessThan(0)
    expect(machine.write('/sys/kernel/mobility/api_version', '2')).toBeLessThan(0)
  })

  it('does without the directory if memory is short', () => {
    const shortage = (failing: boolean): Subsystem => ({
      name: 'memory shortage of the test',
      initcalls: [
        {
          level: 'device',
          fn: () => {
            injectAllocationFailures(failing ? (struct) => struct === 'plain_kobject' : null)
          },
        },
      ],
    })
    const machine = boot(new Partition(), {
      subsystems: [ofCore, shortage(true), pseriesPlatform, shortage(false)],
    })
    expect(machine.outcome).toBe('completed')
    expect(machine.readdir('/sys/kernel')).not.toContain('mobility')
  })
})

describe('drmem_init', () => {
  it('drops the reference on the dynamic memory node', () => {
    const machine = boot(new Partition(), {
      devicetree: changedTree('', (root) => {
        root.children.push({ name: 'ibm,dynamic-reconfiguration-memory', properties: [], children: [] })
      }),
    })
    expect(count(machine, '/ibm,dynamic-reconfiguration-memory')).toBe(1)
  })
})

describe('the support code of these tests', () => {
  it('leaks no reference', () => {
    const machine = boot(new Partition())
    run(machine, () => {
      const parent = of_get_parent(nodeAt(RANDOM))
      of_node_put(parent)
      of_node_put(of_find_node_by_path(RANDOM))
    })
    expect(count(machine, RANDOM)).toBe(2)
    expect(count(machine, FACILITIES)).toBe(4)
  })
})
