// SPDX-License-Identifier: GPL-2.0-only
import {
  crypto_alloc_tfm,
  EAGAIN,
  device_attach,
  device_release_driver,
  put_device,
  type Machine,
} from '@pfo-workbench/kernel'
import { of_detach_node, of_node_get } from '@pfo-workbench/of'
import { vio_find_name, vio_register_device_node, vio_unregister_device } from '@pfo-workbench/vio'
import {
  callers,
  consoleOf,
  must,
  nodeAt,
  run,
  runToDeath,
  SYM_ENCRYPTION,
  words,
} from '@pfo-workbench/testing'
import { driverOf } from '@pfo-workbench/vio/testing'
import { describe, expect, it } from 'vitest'
import { nxCryptoSnapshot } from '../src/index.ts'
import { all, boot, limits, offered, registered, symDevice, symEncryption } from './support.ts'

const PREFIX = 'nx-crypto ibm,sym-encryption-v1:'
/** A machine whose firmware offers these limits. */
function offering(lists: readonly (readonly number[])[]): Machine {
  return boot(symEncryption({ 'ibm,max-sync-cop': words(lists.flat(), true) }))
}

describe('nx_remove', () => {
  it('does not clear the device: no later probe succeeds until the module is reloaded', () => {
    const machine = boot(symEncryption())
    machine.insmod('nx_crypto')
    run(machine, () => {
      device_release_driver(symDevice())
    })
    expect(registered(machine)).toEqual([])
    for (let i = 0; i < 2; i++) {
      const lines = consoleOf(machine, () => {
        device_attach(symDevice())
      })
      expect(lines).toEqual([
        `${PREFIX} nx_probe: Attempt to register more than one instance of the hardware`,
        'nx-crypto: probe of ibm,sym-encryption-v1 failed with error -22',
      ])
    }
    machine.rmmod('nx_crypto')
    machine.insmod('nx_crypto')
    expect(driverOf(machine)).toBe('nx-crypto')
    expect(registered(machine)).toEqual(all)
  })

  it('keeps a pointer to a freed device but never dereferences it', () => {
    const machine = boot(symEncryption())
    machine.insmod('nx_crypto')
    run(machine, () => {
      const viodev = must(vio_find_name('ibm,sym-encryption-v1'))
      vio_unregister_device(viodev)
      put_device(viodev.dev)
      vio_register_device_node(nodeAt(SYM_ENCRYPTION))
    })
    expect(machine.console.at(-1)).toBe('nx-crypto: probe of ibm,sym-encryption-v1 failed with error -22')
    expect(machine.inspect(nxCryptoSnapshot).viodev).toBe('vio_dev#1')
    expect(machine.events.filter((event) => event.type === 'use-after-free')).toEqual([])
  })

  it('checks the limits of the other SHA algorithm: if only one was registered, it unlinks the other, which is not in the list', () => {
    const machine = offering([
      ...offered.slice(0, -1).map(([code, mode]) => limits(code, mode)),
      [2, 0, 1, 256, 65536, 510],
    ])
    machine.insmod('nx_crypto')
    expect(registered(machine)).toContain('sha256-nx')
    expect(registered(machine)).not.toContain('sha512-nx')
    machine.rmmod('nx_crypto')
    const [oops] = machine.events.filter((event) => event.type === 'oops')
    expect(oops).toMatchObject({
      function: 'crypto_remove_alg',
      held: expect.arrayContaining(['crypto_alg_sem']) as unknown,
    })
    expect(callers(oops)).toContain('nx_unregister_shash')
  })

  it('by unloading the module is rejected while a transform is in use', () => {
    const machine = boot(symEncryption())
    machine.insmod('nx_crypto')
    run(machine, () => crypto_alloc_tfm('gcm-aes-nx'))
    expect(machine.rmmod('nx_crypto')).toBe(-EAGAIN)
    expect(machine.outcome).toBe('completed')
  })

  it('is a BUG while a transform is in use', () => {
    const machine = boot(symEncryption())
    machine.insmod('nx_crypto')
    const outcome = runToDeath(machine, () => {
      crypto_alloc_tfm('gcm-aes-nx')
      device_release_driver(symDevice())
    })
    expect(outcome).toBe('oops')
  })
})

describe('a device whose node is detached', () => {
  it('is bound again when the module is reloaded', () => {
    const machine = boot(symEncryption())
    machine.insmod('nx_crypto')
    run(machine, () => {
      of_node_get(nodeAt(SYM_ENCRYPTION))
      of_detach_node(nodeAt(SYM_ENCRYPTION))
    })
    machine.rmmod('nx_crypto')
    expect(machine.insmod('nx_crypto')).toBe(0)
    expect(driverOf(machine)).toBe('nx-crypto')
    expect(registered(machine)).toHaveLength(10)
  })
})
