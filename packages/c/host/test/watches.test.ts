// SPDX-License-Identifier: GPL-2.0-only
import { layoutOf, long, pointer, int } from '@pfo-workbench/machine/fake'
import { addressOf, type Machine } from '@pfo-workbench/machine'
import { describe, expect, it } from 'vitest'
import { watches } from '../src/index.ts'
import { hostMachine, type HostMachine } from './host-machine.ts'

const struct = (name: string, size: number) => ({ kind: 'struct', name, size }) as const

const named = layoutOf([
  ['name', pointer(), 8],
  ['sd', pointer('kernfs_node'), 8],
])
/** The last word of a kobject is a bit field. Its second bit says whether the kobject has a directory. */
const kobject = {
  ...named,
  size: 24,
  fields: [
    ...named.fields,
    { name: 'state_in_sysfs', offset: 16, size: 4, type: int, bits: { offset: 129, width: 1 } },
  ],
}

const structures = new Map([
  [
    'device_node',
    layoutOf([
      ['full_name', pointer(), 8],
      ['phandle', int, 8],
      ['parent', pointer('device_node'), 8],
      ['_flags', long, 8],
      ['kobj', struct('kobject', 24), 24],
    ]),
  ],
  ['property', layoutOf([['name', pointer(), 8]])],
  [
    'kernfs_node',
    layoutOf([
      ['parent', pointer('kernfs_node'), 8],
      ['name', pointer(), 8],
      ['rb', struct('rb_node', 24), 24],
      ['flags', int, 8],
      ['dir', struct('kernfs_elem_dir', 8), 8],
    ]),
  ],
  ['kernfs_elem_dir', layoutOf([['children', struct('rb_root', 8), 8]])],
  ['rb_root', layoutOf([['rb_node', pointer('rb_node'), 8]])],
  [
    'rb_node',
    layoutOf([
      ['__rb_parent_color', long, 8],
      ['rb_right', pointer('rb_node'), 8],
      ['rb_left', pointer('rb_node'), 8],
    ]),
  ],
  ['kobject', kobject],
  [
    'device',
    layoutOf([
      ['driver', pointer('device_driver'), 8],
      ['kobj', struct('kobject', 24), 24],
    ]),
  ],
  [
    'klist_node',
    layoutOf([
      ['n_klist', pointer(), 8],
      ['n_ref', struct('kref', 4), 8],
    ]),
  ],
  ['device_private', layoutOf([['knode_bus', struct('klist_node', 16), 16]])],
  ['device_driver', layoutOf([['name', pointer(), 8]])],
  ['notifier_block', layoutOf([['notifier_call', pointer(), 8]])],
])

const constants = { pfo_OF_DETACHED: 2n, pfo_KERNFS_DIR: 1n, pfo_KERNFS_FILE: 2n, pfo_KERNFS_LINK: 4n }

/** A machine that can simulate calls of kernel functions. */
interface Watched extends HostMachine {
  /** Reports the call of a function, runs an action, and reports the return. */
  during(
    name: string,
    values: readonly (bigint | number)[],
    result?: bigint | number,
    body?: () => void,
  ): void
}

function watchedMachine(data: Readonly<Record<string, number>> = {}): Watched {
  const points = watches.map(({ kind, name, file = 'x.c' }) => ({ kind, name, file }))
  const host = hostMachine({
    structures,
    data,
    watchpoints: points,
    functions: {
      ...Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, () => value])),
      callback: () => 0n,
    },
  })
  const during: Watched['during'] = (name, values, result = 0, body = () => undefined) => {
    const [kind, plain = name] = name.startsWith('through ') ? ['indirect-call', name.slice(8)] : ['function']
    const index = points.findIndex((point) => point.kind === kind && point.name === plain)
    if (index < 0) throw new Error(`nobody watches ${name}`)
    const [a = 0n, b = 0n, c = 0n, d = 0n] = values.map((value) => BigInt.asUintN(64, BigInt(value)))
    host.enter(index, a, b, c, d)
    body()
    host.leave(index, BigInt(result))
  }
  return { ...host, during }
}

function object(machine: Machine, name: string, size: number): bigint {
  const { address } = machine.allocator.allocate({
    size,
    struct: name,
    zeroed: true,
    origin: 'slab',
    callSites: { sites: [] },
  })
  return 0xc000000000000000n + BigInt(address)
}

const fields = ({ machine }: HostMachine): unknown[] =>
  machine.journal.events.map((event) => [event.type, event.fields])

describe('references', () => {
  const counted = (count: number): { host: Watched; kref: bigint; set: (value: number) => void } => {
    const host = watchedMachine()
    const kref = object(host.machine, 'thing', 4)
    const set = (value: number): void => host.machine.memory.setU32(addressOf(kref), value)
    set(count)
    return { host, kref, set }
  }

  it('start at one', () => {
    const { host, kref } = counted(0)
    host.during('kref_init', [kref])
    expect(fields(host)).toEqual([['ref.get', { object: 'thing#0', before: 0, after: 1 }]])
  })

  it('are taken', () => {
    const { host, kref, set } = counted(3)
    host.during('kref_get', [kref], 0, () => set(4))
    expect(fields(host)).toEqual([['ref.get', { object: 'thing#0', before: 3, after: 4 }]])
  })

  it('taken at zero are a fault, whatever the kernel does with it', () => {
    const { host, kref } = counted(0)
    host.during('kref_get', [kref])
    expect(fields(host)).toEqual([
      ['ref.fault', { object: 'thing#0', fault: 'increment-on-0' }],
      ['ref.get', { object: 'thing#0', before: 0, after: 0 }],
    ])
  })

  it('of a saturated counter are a fault', () => {
    const { host, kref } = counted(-1073741824)
    host.during('kref_get', [kref])
    expect(fields(host)).toMatchObject([
      ['ref.fault', { fault: 'saturated' }],
      ['ref.get', { before: -1073741824 }],
    ])
  })

  it('are taken unless the counter is zero', () => {
    const { host, kref, set } = counted(0)
    host.during('kref_get_unless_zero', [kref], 0)
    expect(fields(host)).toEqual([])
    set(1)
    host.during('kref_get_unless_zero', [kref], 1, () => set(2))
    expect(fields(host)).toEqual([['ref.get', { object: 'thing#0', before: 1, after: 2 }]])
  })

  it('are dropped, the last one before the release', () => {
    const { host, kref } = counted(1)
    host.during('kref_put', [kref], 1, () => host.machine.journal.print(6, 'released'))
    expect(fields(host)).toEqual([
      ['ref.put', { object: 'thing#0', before: 1, after: 0 }],
      ['ref.release', { object: 'thing#0' }],
      ['printk', { level: 6, text: 'released' }],
    ])
  })

  it('of list entries are not recorded', () => {
    const host = watchedMachine()
    const entry = object(host.machine, 'device_private', 16)
    for (const name of ['kref_init', 'kref_get', 'kref_put']) host.during(name, [entry + 8n])
    host.during('kref_get_unless_zero', [entry + 8n], 1)
    expect(fields(host)).toEqual([])
  })

  it('dropped at zero are a fault', () => {
    const { host, kref } = counted(0)
    host.during('kref_put', [kref])
    expect(fields(host)).toEqual([
      ['ref.fault', { object: 'thing#0', fault: 'underflow' }],
      ['ref.put', { object: 'thing#0', before: 0, after: 0 }],
    ])
  })
})

describe('nodes', () => {
  function tree(): { host: Watched; parent: bigint; child: bigint } {
    const host = watchedMachine()
    const { machine } = host
    const [root, parent, child] = [0, 1, 2].map(() => object(machine, 'device_node', 32)) as [
      bigint,
      bigint,
      bigint,
    ]
    const name = (node: bigint, text: string, above: bigint): void => {
      machine.view('device_node', node).set('full_name', host.text(text))
      machine.view('device_node', node).set('parent', above)
    }
    name(parent, 'ibm,platform-facilities', root)
    name(child, 'ibm,random-v1', parent)
    return { host, parent, child }
  }

  it('are linked into the tree', () => {
    const { host, child } = tree()
    host.during('__of_attach_node', [child])
    expect(fields(host)).toEqual([
      [
        'node.attach',
        { object: 'device_node#2', parent: 'device_node#1', path: '/ibm,platform-facilities/ibm,random-v1' },
      ],
    ])
  })

  it('are unlinked; a second unlinking is recorded as such', () => {
    const { host, child } = tree()
    host.during('__of_detach_node', [child])
    host.machine.view('device_node', child).set('_flags', 4)
    host.during('__of_detach_node', [child])
    expect(fields(host)).toMatchObject([
      ['node.detach', { again: false }],
      ['node.detach', { again: true }],
    ])
  })

  it('of the boot tree become objects of their own', () => {
    const host = watchedMachine()
    const block = host.machine.task('swapper/0', () => host.call('memblock_alloc_try_nid', 200, 8)) ?? 0n
    host.during('of_node_init', [block + 64n])
    expect(host.machine.objects.at(addressOf(block) + 70)?.id).toBe('device_node#0')
    expect(host.machine.objects.at(addressOf(block))?.id).toBe('bytes#0')
    const allocated = object(host.machine, 'device_node', 32)
    host.during('of_node_init', [allocated])
    expect(host.machine.objects.all.filter(({ struct: name }) => name === 'device_node')).toHaveLength(2)
  })

  it('appear in mobility events, by phandle or by node', () => {
    const { host, child } = tree()
    host.machine.view('device_node', child).set('phandle', 0xfffffff5)
    host.during('delete_dt_node', [0xf5ffffff], -2)
    host.during('update_dt_node', [child, 1])
    host.during('add_dt_node', [child, 0x00000050])
    expect(fields(host)).toEqual([
      ['mobility.entry', { action: 'delete', phandle: 0xfffffff5, drcIndex: null, result: -2 }],
      ['mobility.entry', { action: 'update', phandle: 0xfffffff5, drcIndex: null, result: 0 }],
      ['mobility.entry', { action: 'add', phandle: 0xfffffff5, drcIndex: 0x50000000, result: 0 }],
    ])
  })
})

describe('notifiers', () => {
  it('have the name of the chain that calls them', () => {
    const host = watchedMachine({ of_reconfig_chain: 64 })
    const chain = host.machine.pointerTo('of_reconfig_chain')
    const block = host.space(8)
    host.during('notifier_call_chain', [chain + 40n, 2], 0, () => {
      host.during('through notifier_call_chain', [host.machine.pointerTo('callback'), block, 2], 1)
    })
    expect(fields(host)).toEqual([
      ['notifier.call', { head: 'of_reconfig_chain', callback: 'callback', action: 2, result: 1 }],
    ])
  })

  it('are registered and unregistered, unless the kernel refuses', () => {
    const host = watchedMachine({ of_reconfig_chain: 64 })
    const head = host.machine.pointerTo('of_reconfig_chain') + 40n
    const block = host.space(8)
    host.machine.view('notifier_block', block).set('notifier_call', host.machine.pointerTo('callback'))
    host.during('notifier_chain_register', [head, block], 0)
    host.during('notifier_chain_register', [head, block], -17)
    host.during('notifier_chain_unregister', [head, block], 0)
    host.during('notifier_chain_unregister', [head, block], -2)
    const which = { head: 'of_reconfig_chain', callback: 'callback' }
    expect(fields(host)).toEqual([
      ['notifier.register', which],
      ['notifier.unregister', which],
    ])
  })
})

describe('properties', () => {
  function nodeWithProperty(): { host: Watched; node: bigint; property: bigint } {
    const host = watchedMachine()
    const node = object(host.machine, 'device_node', 56)
    const property = host.space(8)
    host.machine.view('property', property).set('name', host.text('status'))
    return { host, node, property }
  }
  const told = { object: 'device_node#0', path: '/', property: 'status' }

  it('are added, removed and replaced, unless that fails', () => {
    const { host, node, property } = nodeWithProperty()
    for (const change of ['add', 'remove', 'update']) {
      host.during(`__of_${change}_property`, [node, property], -17)
      host.during(`__of_${change}_property`, [node, property], 0)
    }
    expect(fields(host)).toEqual(
      ['add', 'remove', 'update'].map((change) => ['node.property', { ...told, change, attached: false }]),
    )
  })

  it('of a node in sysfs are passed to notifiers', () => {
    const { host, node, property } = nodeWithProperty()
    const { machine } = host
    machine.memory.setU32(machine.view('device_node', node).addressOf('kobj.state_in_sysfs'), 0b11)
    host.during('__of_add_property', [node, property], 0)
    machine.memory.setU32(machine.view('device_node', node).addressOf('kobj.state_in_sysfs'), 0b01)
    host.during('__of_add_property', [node, property], 0)
    expect(fields(host)).toMatchObject([
      ['node.property', { attached: true }],
      ['node.property', { attached: false }],
    ])
  })
})

describe('sysfs', () => {
  function files(): { host: Watched; directory: bigint; file: bigint } {
    const host = watchedMachine()
    const { machine } = host
    const [root, directory, file] = [0, 1, 2].map(() => object(machine, 'kernfs_node', 56)) as [
      bigint,
      bigint,
      bigint,
    ]
    const make = (kn: bigint, name: string, parent: bigint, flags: number): void => {
      const view = machine.view('kernfs_node', kn)
      view.set('name', host.text(name))
      view.set('parent', parent)
      view.set('flags', flags)
    }
    make(directory, 'vio', root, 1)
    make(file, 'name', directory, 2)
    machine.view('kernfs_node', directory).set('dir.children.rb_node', file + 16n)
    return { host, directory, file }
  }

  it('has files once they are linked', () => {
    const { host, directory, file } = files()
    host.during('kernfs_add_one', [file], -17)
    host.during('kernfs_add_one', [file], 0)
    host.during('kernfs_add_one', [directory], 0)
    expect(fields(host)).toEqual([
      ['sysfs.create', { path: '/vio/name', kind: 'file' }],
      ['sysfs.create', { path: '/vio', kind: 'directory' }],
    ])
  })

  it('removes a directory with all its content, once', () => {
    const { host, directory } = files()
    host.during('__kernfs_remove', [directory])
    host.machine.view('kernfs_node', directory).set('rb.__rb_parent_color', directory + 16n)
    host.during('__kernfs_remove', [directory])
    host.during('__kernfs_remove', [0])
    expect(fields(host)).toEqual([
      ['sysfs.remove', { path: '/vio/name', kind: 'file' }],
      ['sysfs.remove', { path: '/vio', kind: 'directory' }],
    ])
  })

  it('records a name changed to avoid a duplicate, and a duplicate', () => {
    const { host, directory } = files()
    const kobj = host.space(16)
    host.machine.view('kobject', kobj).set('sd', directory)
    const name = host.text('facilities')
    host.during('safe_name', [kobj, name], host.text('facilities'))
    host.during('safe_name', [kobj, name], host.text('facilities#1'))
    host.during('sysfs_warn_dup', [directory, name])
    expect(fields(host)).toEqual([
      ['sysfs.rename', { directory: '/vio', wanted: 'facilities', used: 'facilities#1' }],
      ['sysfs.duplicate', { path: '/vio/facilities' }],
    ])
  })
})

describe('devices', () => {
  function bound(): { host: Watched; device: bigint } {
    const host = watchedMachine()
    const { machine } = host
    const device = object(machine, 'device', 24)
    const driver = host.space(8)
    machine.view('device_driver', driver).set('name', host.text('pseries_rng'))
    machine.view('device', device).set('kobj.name', host.text('ibm,random-v1'))
    machine.view('device', device).set('driver', driver)
    return { host, device }
  }

  it('are added and removed', () => {
    const { host, device } = bound()
    host.during('device_add', [device], -22)
    host.during('device_add', [device], 0)
    host.during('device_del', [device])
    host.during('device_release', [device + 8n])
    const about = { object: 'device#0', name: 'ibm,random-v1' }
    expect(fields(host)).toEqual([
      ['device.register', about],
      ['device.unregister', about],
      ['device.release', about],
    ])
  })

  it('are bound, unbound, and rejected by drivers', () => {
    const { host, device } = bound()
    host.during('driver_bound', [device])
    host.during('__device_release_driver', [device, 0], 0, () =>
      host.machine.view('device', device).set('driver', 0),
    )
    host.during('__device_release_driver', [device, 0])
    const other = bound()
    other.host.during('vio_bus_probe', [other.device], 0)
    other.host.during('vio_bus_probe', [other.device], -19)
    const about = { object: 'device#0', device: 'ibm,random-v1', driver: 'pseries_rng' }
    expect([...fields(host), ...fields(other.host)]).toEqual([
      ['driver.bind', about],
      ['driver.unbind', about],
      ['driver.probe-failed', { ...about, error: -19 }],
    ])
  })
})
