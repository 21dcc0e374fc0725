// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import {
  add_uevent_var,
  device_unregister,
  driver_register,
  driver_unregister,
  ENODEV,
  ENOMEM,
  injectAllocationFailures,
  kobj_uevent_env,
  kobject_actions,
  oops,
  type Machine,
} from '../src/index.ts'
import { consoleOf, eventsOf, run } from '../src/testing.ts'
import { add_device, bootWithBus, it, new_driver, type TestBus } from './bus-support.ts'

const DEV = '/sys/devices/dev0/uevent'
const UUID = '12345678-9abc-def0-1234-56789abcdef0'

function bootWithDevice(): TestBus {
  const bench = bootWithBus()
  bench.bus.uevent = (dev, env) => add_uevent_var(env, 'MODALIAS=test:%s', dev.kobj.name)
  run(bench.machine, () => add_device(bench.bus, 'dev0'))
  return bench
}

/** Returns the variables of each uevent that user space received while `body` ran. */
function sent(machine: Machine, body: () => unknown): (readonly string[])[] {
  const before = eventsOf(machine, 'uevent').length
  body()
  return eventsOf(machine, 'uevent')
    .slice(before)
    .map(({ env }) => env)
}

describe('a write to the uevent file of a device', () => {
  it.each(kobject_actions.filter((action) => action !== 'unbind'))(
    'sends "%s" with all variables',
    (action) => {
      const { machine } = bootWithDevice()
      expect(sent(machine, () => machine.write(DEV, `${action}\n`))).toEqual([
        [`ACTION=${action}`, 'DEVPATH=/devices/dev0', 'SUBSYSTEM=test', 'SYNTH_UUID=0', 'MODALIAS=test:dev0'],
      ])
      expect(machine.console).toEqual([])
    },
  )

  it('leaves MODALIAS out of "unbind", so that the driver is not loaded again', () => {
    const { machine } = bootWithDevice()
    expect(sent(machine, () => machine.write(DEV, 'unbind')).flat()).not.toContain('MODALIAS=test:dev0')
  })

  it('accepts a UUID and pairs of keys and values', () => {
    const { machine } = bootWithDevice()
    const [env] = sent(machine, () => machine.write(DEV, `change ${UUID} A=1 B2=x`))
    expect(env?.slice(3, 6)).toEqual([`SYNTH_UUID=${UUID}`, 'SYNTH_ARG_A=1', 'SYNTH_ARG_B2=x'])
  })

  it.each([
    ['', 'unknown uevent action string'],
    ['ad', 'unknown uevent action string'],
    ['adds', 'unknown uevent action string'],
    ['add\n\n', 'unknown uevent action string'],
    ['add ', 'incorrect uevent action arguments'],
    ['add 12345678', 'incorrect uevent action arguments'],
    [`add ${UUID} `, 'incorrect uevent action arguments'],
    [`add ${UUID} A`, 'incorrect uevent action arguments'],
    [`add ${UUID} A=`, 'incorrect uevent action arguments'],
    [`add ${UUID} A=1  B=2`, 'incorrect uevent action arguments'],
    [`add ${UUID} A=1=2`, 'incorrect uevent action arguments'],
  ])('of %j accepts all bytes, sends nothing and prints why', (written, why) => {
    const { machine } = bootWithDevice()
    const events = sent(machine, () => {
      expect(machine.write(DEV, written)).toBe(written.length)
    })
    expect(events).toEqual([])
    expect(machine.console).toEqual([
      `synth uevent: /devices/dev0: ${why}`,
      'test dev0: uevent: failed to send synthetic uevent',
    ])
  })

  it('prints that the bus refused, on a line that the next message ends', () => {
    const { machine, bus } = bootWithDevice()
    bus.uevent = () => -ENODEV
    expect(sent(machine, () => machine.write(DEV, 'add'))).toEqual([])
    expect(machine.console).toEqual([
      'synth uevent: /devices/dev0: failed to send uevent',
      'test dev0: uevent: failed to send synthetic uevent',
    ])
  })

  it('of "remove" replaces the remove uevent at the release', () => {
    const { machine } = bootWithDevice()
    machine.write(DEV, 'remove')
    expect(eventsOf(machine, 'uevent').at(-1)).toMatchObject({ action: 'remove', device: 'dev0' })
  })

  it('sends only known actions, and never fails', () => {
    const { machine } = bootWithDevice()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const isAction = (kobject_actions as readonly string[]).some((action) =>
          String.fromCharCode(...bytes).startsWith(action),
        )
        const events = sent(machine, () => {
          expect(machine.write(DEV, bytes)).toBe(bytes.length)
        })
        expect(isAction || events.length === 0).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('uevents of drivers and buses', () => {
  it('are sent when a driver is registered and unregistered, and on a write to its file', () => {
    const { machine, bus } = bootWithDevice()
    const drv = new_driver(bus, 'drv')
    const variables = (action: string, ...more: readonly string[]): string[] => [
      `ACTION=${action}`,
      'DEVPATH=/bus/test/drivers/drv',
      'SUBSYSTEM=drivers',
      ...more,
    ]
    expect(sent(machine, () => run(machine, () => driver_register(drv))).at(-1)).toEqual(variables('add'))
    expect(sent(machine, () => machine.write('/sys/bus/test/drivers/drv/uevent', 'change'))).toEqual([
      variables('change', 'SYNTH_UUID=0'),
    ])
    expect(sent(machine, () => run(machine, () => driver_unregister(drv))).at(-1)).toEqual(
      variables('remove'),
    )
  })

  it('are sent for a bus, but not for other objects in its directory', ({ bench: { machine } }) => {
    expect(eventsOf(machine, 'uevent').map(({ env }) => env)).toEqual([
      ['ACTION=add', 'DEVPATH=/bus/test', 'SUBSYSTEM=bus'],
    ])
    expect(sent(machine, () => machine.write('/sys/bus/test/uevent', 'add'))).toHaveLength(1)
  })
})

describe('a uevent', () => {
  it('is not sent if memory is short, and an unsent "remove" is retried', () => {
    const { machine, bus } = bootWithDevice()
    const events = sent(machine, () =>
      run(machine, () => {
        const dev = add_device(bus, 'dev1')
        let asked = 0
        injectAllocationFailures((struct) => struct === 'kobj_uevent_env' && asked++ === 0)
        device_unregister(dev)
      }),
    )
    expect(events.map(([action]) => action)).toEqual(['ACTION=add', 'ACTION=remove'])
  })

  it('has at most 32 variables in 2048 bytes, and warns beyond that', ({ bench: { machine } }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const many = new kobj_uevent_env()
        for (let index = 0; index < 32; index++) expect(add_uevent_var(many, 'A=%d', index)).toBe(0)
        expect(add_uevent_var(many, 'B=1')).toBe(-ENOMEM)
        const large = new kobj_uevent_env()
        expect(add_uevent_var(large, '%s', 'x'.repeat(2047))).toBe(0)
        expect(add_uevent_var(large, '')).toBe(-ENOMEM)
      })
    })
    expect(lines).toEqual(
      expect.arrayContaining(['add_uevent_var: too many keys', 'add_uevent_var: buffer size too small']),
    )
  })

  it('kills the writer if the bus function dies', () => {
    const { machine, bus } = bootWithDevice()
    bus.uevent = () => oops('x')
    expect([machine.write(DEV, 'add'), machine.outcome]).toEqual([null, 'oops'])
  })
})
