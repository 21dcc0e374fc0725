// SPDX-License-Identifier: GPL-2.0-only
import { crypto_alg, crypto_register_alg, device_attach, type Machine } from '@pfo-workbench/kernel'
import { callers, consoleOf, nodeAt, refcountOf, run, SYM_ENCRYPTION, words } from '@pfo-workbench/testing'
import fc from 'fast-check'
import { driverOf } from '@pfo-workbench/vio/testing'
import { describe, expect, it } from 'vitest'
import { nxCryptoSnapshot } from '../src/index.ts'
import { all, boot, limits, offered, registered, symDevice, symEncryption } from './support.ts'

const PREFIX = 'nx-crypto ibm,sym-encryption-v1:'
/** A machine whose firmware offers these limits. */
function offering(lists: readonly (readonly number[])[]): Machine {
  return boot(symEncryption({ 'ibm,max-sync-cop': words(lists.flat(), true) }))
}

describe('loading the module', () => {
  it('registers the ten algorithms in order and prints nothing', () => {
    const machine = boot(symEncryption())
    expect(machine.insmod('nx_crypto')).toBe(0)
    expect(machine.console).toEqual([])
    expect(driverOf(machine)).toBe('nx-crypto')
    expect(registered(machine)).toEqual(all)
  })

  it('takes no reference on the node or the device', () => {
    const machine = boot(symEncryption())
    const before = run(machine, () => [
      refcountOf(nodeAt(SYM_ENCRYPTION)),
      symDevice().kobj.kref.refcount.refs,
    ])
    machine.insmod('nx_crypto')
    expect(
      run(machine, () => [refcountOf(nodeAt(SYM_ENCRYPTION)), symDevice().kobj.kref.refcount.refs]),
    ).toEqual(before)
    const probing = machine.events.filter(
      (event) => event.type === 'ref.get' && callers(event).includes('nx_probe'),
    )
    expect(probing).toEqual([])
  })

  it('unregisters them when unloaded, the last registered first', () => {
    const machine = boot(symEncryption())
    machine.insmod('nx_crypto')
    machine.rmmod('nx_crypto')
    expect(registered(machine)).toEqual([])
    const gone = machine.events
      .filter((event) => event.type === 'service.unregister')
      .map((event) => event.name)
    expect(gone).toEqual([...all].reverse())
  })

  it('succeeds without a device', () => {
    const machine = boot({})
    expect(machine.insmod('nx_crypto')).toBe(0)
    expect(machine.inspect(nxCryptoSnapshot)).toEqual({ viodev: null, status: 'disabled', maxSgLen: 0 })
  })
})

describe('the byte order', () => {
  it("is the kernel's, not the tree's", () => {
    for (const endian of ['big', 'little'] as const) {
      const machine = boot(symEncryption({}, endian === 'little'), { config: { endian } })
      machine.insmod('nx_crypto')
      expect(machine.inspect(nxCryptoSnapshot)).toMatchObject({ status: 'okay', maxSgLen: 0xff0 })
      expect(registered(machine)).toHaveLength(10)
    }
  })

  it('garbles the properties if the tree has the other one', () => {
    const machine = boot(symEncryption({}, false), { config: { endian: 'little' } })
    machine.insmod('nx_crypto')
    expect(machine.inspect(nxCryptoSnapshot).maxSgLen).toBe(0xf00f0000)
    expect(registered(machine)).toEqual([])
    expect(machine.console).toContain(`${PREFIX} bogus sglen/databytelen for 0/0/0: 0/0 (ignored)`)
  })
})

describe('nx_of_init', () => {
  it.each(['status', 'ibm,max-sg-len', 'ibm,max-sync-cop'])(
    'logs that "%s" is missing, and the probe fails with -1',
    (name) => {
      const machine = boot(symEncryption({ [name]: undefined }))
      machine.insmod('nx_crypto')
      expect(machine.console).toEqual([
        `${PREFIX} nx_of_init: property '${name}' not found`,
        'nx-crypto: probe of ibm,sym-encryption-v1 failed with error -1',
      ])
      expect(registered(machine)).toEqual([])
      expect(machine.inspect(nxCryptoSnapshot).viodev).not.toBeNull()
    },
  )

  it('accepts no status other than "okay"', () => {
    const machine = boot(symEncryption({ status: 'disabled' }))
    machine.insmod('nx_crypto')
    expect(machine.console).toEqual([
      `${PREFIX} nx_of_update_status: status 'disabled' is not 'okay'`,
      'nx-crypto: probe of ibm,sym-encryption-v1 failed with error -1',
    ])
    expect(machine.inspect(nxCryptoSnapshot).status).toBe('disabled')
  })

  it('rejects an "ibm,max-sg-len" of two cells', () => {
    const machine = boot(symEncryption({ 'ibm,max-sg-len': words([1, 2]) }))
    machine.insmod('nx_crypto')
    expect(machine.console).toEqual([
      `${PREFIX} nx_of_update_sglen: unexpected format for ibm,max-sg-len property`,
      'nx-crypto: probe of ibm,sym-encryption-v1 failed with error -1',
    ])
  })

  it('skips unknown function codes and modes', () => {
    const machine = offering([
      limits(7, 0),
      limits(0, 21),
      ...offered.map(([code, mode]) => limits(code, mode)),
    ])
    machine.insmod('nx_crypto')
    expect(machine.console).toEqual([
      ...Array.from({ length: 3 }, () => `${PREFIX} unknown function code/mode combo: 7/0 (ignored)`),
      ...Array.from({ length: 3 }, () => `${PREFIX} unknown function code/mode combo: 0/21 (ignored)`),
    ])
    expect(registered(machine)).toEqual(all)
  })

  it('skips limits that are too small', () => {
    const machine = offering([
      [0, 0, 3, 128, 4095, 510, 192, 4096, 0, 256, 4096, 1],
      ...offered.slice(1).map(([code, mode]) => limits(code, mode)),
    ])
    machine.insmod('nx_crypto')
    expect(machine.console).toEqual([
      `${PREFIX} bogus sglen/databytelen: 510/4095 (ignored)`,
      `${PREFIX} bogus sglen/databytelen: 0/4096 (ignored)`,
      `${PREFIX} bogus sglen/databytelen for 0/0/0: 0/0 (ignored)`,
    ])
    expect(registered(machine)).toEqual(all.slice(1))
  })

  it('skips sizes that a function code does not have', () => {
    const machine = offering([
      [0, 0, 1, 100, 65536, 510],
      [1, 0, 1, 256, 65536, 510],
      ...offered.map(([code, mode]) => limits(code, mode)),
    ])
    machine.insmod('nx_crypto')
    expect(machine.console).toEqual([
      `${PREFIX} unknown function code/key bit len combo: (0/100)`,
      `${PREFIX} unknown function code/key bit len combo: (1/256)`,
    ])
  })

  it('parses any bytes as a list without a fault', () => {
    const cell = fc.oneof(
      fc.constantFrom(0, 1, 2, 3, 6, 7, 20, 128, 160, 192, 256, 512, 4096, 65536),
      fc.nat(),
    )
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 40 }), fc.uint8Array({ maxLength: 3 }), (cells, rest) => {
        const value = Uint8Array.from([...words(cells, true), ...rest])
        const machine = boot(symEncryption({ 'ibm,max-sync-cop': value }), { callChains: false })
        expect(machine.insmod('nx_crypto')).toBe(0)
        expect(machine.outcome).toBe('completed')
        expect(machine.inspect(nxCryptoSnapshot).status).toBe('okay')
      }),
      { numRuns: 60 },
    )
  })
})

describe('nx_register_algs', () => {
  it('skips algorithms without valid limits, and both of a pair that share them', () => {
    const machine = offering(
      offered.filter(([, mode]) => mode !== 4).map(([code, mode]) => limits(code, mode)),
    )
    machine.insmod('nx_crypto')
    expect(machine.console).toEqual([
      `${PREFIX} bogus sglen/databytelen for 0/4/0: 0/0 (ignored)`,
      `${PREFIX} bogus sglen/databytelen for 0/4/0: 0/0 (ignored)`,
    ])
    expect(registered(machine)).toEqual(all.filter((name) => !name.includes('gcm')))
    expect(driverOf(machine)).toBe('nx-crypto')
  })

  it('needs the limits of only one size for each SHA algorithm', () => {
    const machine = offering([
      ...offered.slice(0, -1).map(([code, mode]) => limits(code, mode)),
      [2, 0, 1, 256, 65536, 510],
    ])
    machine.insmod('nx_crypto')
    expect(registered(machine)).toEqual(all.filter((name) => name !== 'sha512-nx'))
    expect(machine.console).toEqual([`${PREFIX} bogus sglen/databytelen for 2/0/2: 0/0 (ignored)`])
  })

  it('unregisters the others if one cannot be registered, and returns that error', () => {
    const machine = boot(symEncryption())
    run(machine, () => crypto_register_alg(new crypto_alg('gcm-aes-nx', 'name-of-the-driver', 1)))
    machine.insmod('nx_crypto')
    expect(machine.console).toEqual(['nx-crypto: probe of ibm,sym-encryption-v1 failed with error -17'])
    expect(registered(machine)).toEqual(['name-of-the-driver'])
  })

  it('keeps the device of a failed probe, so no other can be bound either', () => {
    const machine = boot(symEncryption())
    run(machine, () => crypto_register_alg(new crypto_alg('gcm-aes-nx', 'name-of-the-driver', 1)))
    machine.insmod('nx_crypto')
    expect(machine.inspect(nxCryptoSnapshot).viodev).toBe('vio_dev#1')
    const lines = consoleOf(machine, () => {
      device_attach(symDevice())
    })
    expect(lines).toEqual([
      `${PREFIX} nx_probe: Attempt to register more than one instance of the hardware`,
      'nx-crypto: probe of ibm,sym-encryption-v1 failed with error -22',
    ])
  })
})
