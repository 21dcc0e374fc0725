// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  add_uevent_var,
  bus_register,
  bus_type,
  dev_set_name,
  device,
  device_register,
  embed,
  ENOENT,
  injectAllocationFailures,
  kobj_uevent_env,
  kzalloc,
  mutex_lock,
  oops,
  struct,
  type device_node,
} from '@pfo-workbench/kernel'
import { eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  ofState,
  of_detach_node,
  of_device_uevent,
  of_node_get,
  of_node_to_nid,
  ofCore,
} from '../src/index.ts'
import { node } from './support/dtb.ts'
import { at, attach, boot, CPU, facilities, R, refs } from './support/of.ts'

class test_dev extends struct {
  readonly dev: device = embed(this, new device())
}

/** A device on a bus, with `of_node`, under /sys/devices/dev. */
function register(of_node: device_node | null): device {
  const bus = new bus_type('test')
  bus_register(bus)
  const { dev } = must(kzalloc(test_dev))
  dev.bus = bus
  dev.of_node = of_node
  dev_set_name(dev, 'dev')
  device_register(dev)
  return dev
}

describe('the uevent variables of a device with a node', () => {
  it('are name, path, type and the compatible strings', () => {
    const machine = boot(facilities())
    run(machine, () => register(at(R)))
    expect(machine.read('/sys/devices/dev/uevent')).toBe(
      `OF_NAME=ibm,random-v1\nOF_FULLNAME=${R}\nOF_TYPE=ibm,random-v1\nOF_COMPATIBLE_0=ibm,random\nOF_COMPATIBLE_N=1\n`,
    )
    expect(machine.readlink('/sys/devices/dev/of_node')).toBe(`../../firmware/devicetree/base${R}`)
  })

  it('omit a missing type and count the compatible strings', () => {
    const machine = boot(node('', {}, [node('x', { compatible: 'a\0b' }), node('y')]))
    run(machine, () => {
      const read = (np: device_node): readonly string[] => {
        const env = new kobj_uevent_env()
        const dev = new device()
        dev.of_node = np
        of_device_uevent(dev, env)
        return env.envp
      }
      expect(read(at('/x'))).toEqual([
        'OF_NAME=x',
        'OF_FULLNAME=/x',
        'OF_COMPATIBLE_0=a',
        'OF_COMPATIBLE_1=b',
        'OF_COMPATIBLE_N=2',
      ])
      expect(read(at('/y'))).toEqual(['OF_NAME=y', 'OF_FULLNAME=/y', 'OF_COMPATIBLE_N=0'])
      at('/y').type = null
      expect(read(at('/y'))).toHaveLength(3)
    })
  })

  it("include the node's aliases that end in a number", () => {
    const machine = boot(
      node('', {}, [
        node('uart@1'),
        node('aliases', {
          name: 'aliases',
          serial: '/uart@1',
          serial0: '/uart@1',
          tty9: '/uart@1',
          serial1: '/gone',
        }),
      ]),
    )
    run(machine, () => {
      register(at('/uart@1'))
      expect(refs(at('/uart@1'))).toBe(4)
    })
    expect(machine.read('/sys/devices/dev/uevent')).toMatch(
      /OF_COMPATIBLE_N=0\nOF_ALIAS_0=serial0\nOF_ALIAS_1=tty9\n$/,
    )
  })

  it('stay the same after the node is detached', () => {
    const machine = boot(facilities())
    run(machine, () => register(of_node_get(at(R))))
    const before = machine.read('/sys/devices/dev/uevent')
    run(machine, () => of_detach_node(at(R)))
    expect(machine.read('/sys/devices/dev/uevent')).toBe(before)
    expect(machine.console).toEqual([])
  })

  it('follow a freed parent, which is a use after free', () => {
    const machine = boot(facilities(), { slubPoison: false })
    run(machine, () => {
      const parent = attach('/', 'parent')
      const child = of_node_get(attach('/parent', 'child'))
      register(child)
      of_detach_node(child)
      of_detach_node(parent)
    })
    expect(machine.read('/sys/devices/dev/uevent')).toContain('OF_FULLNAME=/parent/child')
    expect(eventsOf(machine, 'use-after-free').some((event) => event.field === 'full_name')).toBe(true)
  })

  it('take of_mutex: readers hang if its owner died', () => {
    const machine = boot(facilities())
    run(machine, () => register(at(R)))
    machine.task('dies', () => {
      mutex_lock(ofState().of_mutex)
      oops('x')
    })
    expect(machine.read('/sys/devices/dev/uevent')).toBeNull()
    expect(eventsOf(machine, 'hang')).toMatchObject([{ lock: 'of_mutex' }])
  })

  it('do not exist without a node', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const env = new kobj_uevent_env()
      add_uevent_var(env, 'FIRST=1')
      of_device_uevent(register(null), env)
      expect(env.envp).toEqual(['FIRST=1'])
    })
    expect(machine.read('/sys/devices/dev/uevent')).toBe('')
  })
})

describe('of_node_to_nid', () => {
  it('climbs to an ancestor that names a NUMA node; references are balanced', () => {
    const tree = node('', {}, [
      node('numa', { 'ibm,associativity': [1, 0] }, [node('a', {}, [node('b')])]),
      node('c'),
    ])
    run(boot(tree), () => {
      const nodes = ['/numa', '/numa/a', '/numa/a/b', '/c'].map(at)
      const before = nodes.map(refs)
      expect(nodes.map(of_node_to_nid)).toEqual([0, 0, 0, -1])
      expect(of_node_to_nid(null)).toBe(-1)
      expect(nodes.map(refs)).toEqual(before)
    })
  })
})

describe('of_core_init without memory', () => {
  it('logs an error and leaves the tree without directories', () => {
    const machine = boot(
      facilities(),
      {},
      {
        subsystems: [
          {
            name: 'shortage',
            initcalls: [
              {
                level: 'driver_init',
                fn: () => {
                  injectAllocationFailures((name) => name === 'kset')
                },
              },
              {
                level: 'late',
                fn: () => {
                  injectAllocationFailures(null)
                },
              },
            ],
          },
          ofCore,
        ],
      },
    )
    expect(machine.console).toEqual(['OF: failed to register existing nodes'])
    expect(machine.readdir('/sys/firmware')).toEqual([])
    expect(machine.readlink('/proc/device-tree')).toBe(-ENOENT)
    run(machine, () => {
      expect(ofState().of_mutex.holders).toEqual([])
      expect(refs(attach('/', 'x'))).toBe(1)
      expect(at(CPU).kobj.sd).toBeNull()
    })
  })
})
