// SPDX-License-Identifier: GPL-2.0-only
import {
  bus_register,
  bus_type,
  container_of,
  dev_set_name,
  device,
  device_driver,
  device_register,
  embed,
  kfree,
  kzalloc,
  struct,
  type Machine,
} from '../src/index.ts'
import { must, run } from '../src/testing.ts'
import { boot, it as itWithMachine } from './support.ts'

/** A device of the test bus, embedded in an allocated struct as on real buses. */
export class test_dev extends struct {
  readonly dev: device = embed(this, new device())
}

export function test_dev_release(dev: device): void {
  kfree(container_of<test_dev>(dev))
}

/** A machine with a bus, and a log of the calls of the bus in order. */
export interface TestBus {
  readonly machine: Machine
  readonly bus: bus_type
  readonly log: string[]
  /** Returns the result of a probe; 0 by default. */
  probe: (dev: device) => number
}

export function bootWithBus(): TestBus {
  const bus = new bus_type('test')
  const log: string[] = []
  const state: TestBus = { machine: boot(), bus, log, probe: () => 0 }
  bus.match = () => true
  bus.probe = (dev) => {
    log.push(`probe ${String(dev.driver?.name)} ${nameOf(dev)}`)
    return state.probe(dev)
  }
  bus.remove = (dev) => {
    log.push(`remove ${String(dev.driver?.name)} ${nameOf(dev)}`)
    return 0
  }
  run(state.machine, () => bus_register(bus))
  return state
}

/** A test whose `bench` is booted by `bootWithBus`. */
export const it = itWithMachine.extend('bench', () => bootWithBus())

export function nameOf(dev: device): string {
  return String.fromCharCode(...must(dev.kobj.name).memory.bytes).replace('\0', '')
}

/** Creates an initialized device that is not registered yet. */
export function new_device(bus: bus_type | null, name: string): device {
  const { dev } = must(kzalloc(test_dev))
  dev.bus = bus
  dev.release = test_dev_release
  dev_set_name(dev, '%s', name)
  return dev
}

export function add_device(bus: bus_type, name: string): device {
  const dev = new_device(bus, name)
  device_register(dev)
  return dev
}

export function new_driver(bus: bus_type, name: string): device_driver {
  return new device_driver(name, bus)
}

export function refs(dev: device): number {
  return dev.kobj.kref.refcount.refs
}
