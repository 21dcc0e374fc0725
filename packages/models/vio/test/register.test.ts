// SPDX-License-Identifier: GPL-2.0-only
import { injectAllocationFailures } from '@pfo-workbench/kernel'
import { of_detach_node, of_node_get } from '@pfo-workbench/of'
import {
  addNode,
  callers,
  COMPRESSION,
  consoleOf,
  FACILITIES,
  must,
  nodeAt,
  RANDOM,
  refcountOf,
  run,
  runToDeath,
  SYM_ENCRYPTION,
  words,
} from '@pfo-workbench/testing'
import { describe, expect, it } from 'vitest'
import {
  mappedInterrupts,
  vio_find_name,
  vio_register_device_node,
  vio_unregister_device,
  vioDevicesSnapshot,
} from '../src/index.ts'
import { boot, facilities, facility, vdevices } from './support.ts'

describe('vio_device_init', () => {
  it('creates a device for each child of /vdevice and /ibm,platform-facilities, in tree order', () => {
    const machine = boot({ ...facilities, ...vdevices })
    const devices = machine.inspect(vioDevicesSnapshot)
    expect(devices.map((one) => one.device)).toEqual([
      '30000000',
      'ibm,random-v1',
      'ibm,compression-v1',
      'ibm,sym-encryption-v1',
    ])
  })

  it('names a PFO device after its node and uses the name as its type too', () => {
    const machine = boot(facilities)
    const random = machine.inspect(vioDevicesSnapshot)[0]
    expect(random).toMatchObject({
      device: 'ibm,random-v1',
      name: 'ibm,random-v1',
      type: 'ibm,random-v1',
      family: 'pfo',
      resourceId: 1,
      unitAddress: 0,
      driver: null,
    })
  })

  it('names a vdevice by its unit address in hexadecimal and takes its type from "device_type"', () => {
    const machine = boot(vdevices)
    expect(machine.inspect(vioDevicesSnapshot)[0]).toMatchObject({
      device: '30000000',
      name: 'vty',
      type: 'serial',
      family: 'vdevice',
      unitAddress: 0x30000000,
    })
  })

  it('maps the interrupts of a vdevice until it is unregistered', () => {
    run(boot(vdevices), () => {
      expect(mappedInterrupts()).toEqual([0x1001])
      vio_unregister_device(must(vio_find_name('30000000')))
      expect(mappedInterrupts()).toEqual([])
    })
  })

  it('leaves each device with three references: registration, list of the bus, list of the parent', () => {
    const machine = boot(facilities)
    expect(machine.inspect(vioDevicesSnapshot).map((one) => one.refcount)).toEqual([3, 3, 3])
  })

  it('holds one reference on the node of each device and none on its parent', () => {
    const machine = boot(facilities)
    run(machine, () => {
      expect(refcountOf(nodeAt(RANDOM))).toBe(2)
      expect(refcountOf(nodeAt(COMPRESSION))).toBe(2)
      // One reference of its own, one for the directory of each child.
      expect(refcountOf(nodeAt(FACILITIES))).toBe(4)
    })
  })

  it('takes and drops references in the recorded order', () => {
    const machine = boot({
      [FACILITIES]: facilities[FACILITIES] ?? {},
      [RANDOM]: facility('ibm,random-v1', 'ibm,random', 1),
    })
    const [P, R] = run(machine, () => [nodeAt(FACILITIES).slab?.id, nodeAt(RANDOM).slab?.id])
    const trace = machine.events.flatMap((event) => {
      if (event.type !== 'ref.get' && event.type !== 'ref.put') return []
      const by = callers(event)
      if (!by.includes('vio_device_init') || (event.object !== P && event.object !== R)) return []
      const node = event.object === P ? 'P' : 'R'
      return [`${event.type.slice(4)} ${node} ${event.before}->${event.after} ${by.slice(0, 3).join(' < ')}`]
    })
    const scan = 'vio_bus_scan_register_devices'
    expect(trace).toEqual([
      `get P 2->3 of_find_node_by_name < ${scan} < vio_device_init`,
      `get R 1->2 of_get_next_child < ${scan} < vio_device_init`,
      `get P 3->4 of_get_parent < vio_register_device_node < ${scan}`,
      `put P 4->3 vio_register_device_node < ${scan} < vio_device_init`,
      `get R 2->3 vio_register_device_node < ${scan} < vio_device_init`,
      'get R 3->4 of_node_to_nid < vio_register_device_node < vio_bus_scan_register_devices',
      'get P 3->4 of_get_next_parent < of_node_to_nid < vio_register_device_node',
      'put R 4->3 of_get_next_parent < of_node_to_nid < vio_register_device_node',
      'put P 4->3 of_get_next_parent < of_node_to_nid < vio_register_device_node',
      `put R 3->2 of_get_next_child < ${scan} < vio_device_init`,
      `put P 3->2 ${scan} < vio_device_init < do_one_initcall`,
    ])
  })

  it('runs only once: a node attached later gets no device', () => {
    const machine = boot({ [FACILITIES]: facilities[FACILITIES] ?? {} })
    run(machine, () => addNode(RANDOM, facility('ibm,random-v1', 'ibm,random', 1), { dynamic: true }))
    expect(machine.inspect(vioDevicesSnapshot)).toEqual([])
  })

  it('accepts a tree with neither /vdevice nor /ibm,platform-facilities', () => {
    const machine = boot({})
    expect(machine.inspect(vioDevicesSnapshot)).toEqual([])
    expect(machine.console).toEqual([])
  })
})

describe('vio_register_device_node', () => {
  it('rejects the root, which has no parent', () => {
    const machine = boot(facilities)
    const lines = consoleOf(machine, () => {
      expect(vio_register_device_node(nodeAt('/'))).toBeNull()
    })
    expect(lines).toEqual(['vio_register_device_node: could not determine the parent of node .'])
  })

  it('rejects a node whose parent is of neither family and drops the reference on that parent', () => {
    const machine = boot(facilities)
    const lines = consoleOf(machine, () => {
      const before = refcountOf(nodeAt('/'))
      expect(vio_register_device_node(nodeAt(FACILITIES))).toBeNull()
      expect(refcountOf(nodeAt('/'))).toBe(before)
    })
    expect(lines).toEqual(['vio_register_device_node: parent(/) of ibm,platform-facilities not recognized.'])
  })

  it('silently skips an interrupt controller among the facilities', () => {
    const machine = boot({
      [FACILITIES]: facilities[FACILITIES] ?? {},
      [`${FACILITIES}/pic`]: { name: 'pic', 'interrupt-controller': new Uint8Array(0) },
    })
    expect(machine.inspect(vioDevicesSnapshot)).toEqual([])
    expect(machine.console).toEqual([])
  })

  it('logs a warning if memory is short and leaves no reference on the node', () => {
    const machine = boot(facilities)
    const lines = consoleOf(machine, () => {
      const np = addNode(`${FACILITIES}/ibm,other-v1`, facility('ibm,other-v1', 'ibm,other', 4), {
        dynamic: true,
      })
      injectAllocationFailures((struct) => struct === 'vio_dev')
      expect(vio_register_device_node(np)).toBeNull()
      injectAllocationFailures(null)
      expect(refcountOf(np)).toBe(1)
    })
    expect(lines).toEqual(['vio_register_device_node: allocation failure for VIO device.'])
  })

  it('frees the new device of a vdevice without "reg"', () => {
    const machine = boot(vdevices)
    const lines = consoleOf(machine, () => {
      const np = addNode('/vdevice/odd', { name: 'odd', device_type: 'odd' }, { dynamic: true })
      expect(vio_register_device_node(np)).toBeNull()
      expect(refcountOf(np)).toBe(1)
    })
    expect(lines).toEqual(["vio_register_device_node: node odd missing 'reg'"])
    expect(
      machine.events.filter((event) => event.type === 'free' && event.struct === 'vio_dev'),
    ).toHaveLength(1)
  })

  it('frees the new device of a vdevice without a type', () => {
    const machine = boot(vdevices)
    const lines = consoleOf(machine, () => {
      const np = addNode('/vdevice/odd', { name: 'odd', reg: words([7]) }, { dynamic: true })
      np.type = null
      expect(vio_register_device_node(np)).toBeNull()
    })
    expect(lines).toEqual(["vio_register_device_node: node odd is missing the 'device_type' property."])
  })

  it('accepts "<NULL>" as a type', () => {
    const machine = boot(vdevices)
    run(machine, () => {
      const np = addNode('/vdevice/odd@7', { name: 'odd', reg: words([7]) }, { dynamic: true })
      expect(vio_register_device_node(np)).not.toBeNull()
    })
    expect(machine.inspect(vioDevicesSnapshot).at(-1)).toMatchObject({ device: '7', type: '<NULL>' })
  })

  it('fails for a name in use, logs three messages and undoes everything', () => {
    const machine = boot(facilities)
    const lines = consoleOf(machine, () => {
      of_node_get(nodeAt(SYM_ENCRYPTION))
      of_detach_node(nodeAt(SYM_ENCRYPTION))
      const again = addNode(SYM_ENCRYPTION, facility('ibm,sym-encryption-v1', 'ibm,sym-encryption', 3), {
        dynamic: true,
      })
      expect(vio_register_device_node(again)).toBeNull()
      expect(refcountOf(again)).toBe(1)
    })
    const said = lines.filter((line) => /duplicate|failed/.test(line))
    expect(said).toEqual([
      "sysfs: cannot create duplicate filename '/devices/vio/ibm,sym-encryption-v1'",
      "kobject_add_internal failed for ibm,sym-encryption-v1 with -EEXIST, don't try to register things with the same name in the same directory.",
      'vio_register_device_node: failed to register device ibm,sym-encryption-v1',
    ])
    expect(lines.indexOf('Call Trace:')).toBeGreaterThan(0)
    expect(lines.indexOf('Call Trace:')).toBeLessThan(lines.indexOf(said[1] ?? ''))
    expect(machine.inspect(vioDevicesSnapshot)).toHaveLength(3)
    const [, , device] = machine.inspect(vioDevicesSnapshot)
    expect(device?.ofNode?.parent?.child).not.toBe(device?.ofNode)
  })

  it('creates a link to the directory of the node and warns if the node has none', () => {
    const machine = boot(facilities)
    expect(machine.readlink('/sys/devices/vio/ibm,random-v1/of_node')).toBe(
      '../../../firmware/devicetree/base/ibm,platform-facilities/ibm,random-v1',
    )
    const lines = consoleOf(machine, () => {
      const np = nodeAt(RANDOM)
      vio_unregister_device(must(vio_find_name('ibm,random-v1')))
      of_node_get(np)
      of_detach_node(np)
      vio_register_device_node(np)
    })
    expect(lines).toEqual(['vio ibm,random-v1: Error -2 creating of_node link'])
  })

  it('uses "<unknown>" as name and type of a device whose node has no name', () => {
    const machine = boot({ [FACILITIES]: facilities[FACILITIES] ?? {} })
    run(machine, () => {
      const np = addNode(RANDOM, facility('ibm,random-v1', 'ibm,random', 1), { dynamic: true })
      np.name = null
      expect(vio_register_device_node(np)).not.toBeNull()
    })
    expect(machine.inspect(vioDevicesSnapshot)).toMatchObject([
      { device: '<unknown>', name: null, type: '<unknown>' },
    ])
  })

  it('is an Oops for a parent that was never attached and so has no type', () => {
    const machine = boot({ [FACILITIES]: facilities[FACILITIES] ?? {} })
    const outcome = runToDeath(machine, () => {
      const np = addNode(RANDOM, facility('ibm,random-v1', 'ibm,random', 1), { dynamic: true })
      nodeAt(FACILITIES).type = null
      vio_register_device_node(np)
    })
    expect(outcome).toBe('oops')
    const oops = machine.events.find((event) => event.type === 'oops')
    expect(callers(oops)[0]).toBe('vio_register_device_node')
  })
})
