// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  crypto_alg,
  crypto_alloc_tfm,
  crypto_free_tfm,
  crypto_register_alg,
  crypto_unregister_alg,
  EAGAIN,
  EEXIST,
  ENOENT,
  registeredAlgorithms,
} from '../src/index.ts'
import type { Module } from '../src/index.ts'
import { eventsOf, must, run } from '../src/testing.ts'
import { boot, it } from './support.ts'

describe('crypto algorithms', () => {
  it('are registered once and unregistered once', ({ machine }) => {
    const alg = new crypto_alg('842', '842-nx', 300)
    run(machine, () => {
      expect([crypto_register_alg(alg), crypto_register_alg(alg)]).toEqual([0, -EEXIST])
      expect(registeredAlgorithms()).toEqual(['842-nx'])
      expect([crypto_unregister_alg(alg), crypto_unregister_alg(alg)]).toEqual([0, -ENOENT])
      expect(registeredAlgorithms()).toEqual([])
    })
    expect(eventsOf(machine, 'service.register')).toHaveLength(1)
    expect(eventsOf(machine, 'service.unregister')).toMatchObject([{ service: 'crypto', name: '842-nx' }])
  })

  it('cause an Oops if unregistered without registration, and the lock stays held forever', ({ machine }) => {
    expect(
      machine.task('rmmod', () => crypto_unregister_alg(new crypto_alg('842', '842-nx', 300))),
    ).toBeNull()
    expect(machine.console).toContain('Unable to handle kernel paging request for data at address 0x00000008')
    expect(
      machine.task('modprobe', () => crypto_register_alg(new crypto_alg('lzo', 'lzo-nx', 300))),
    ).toBeNull()
    expect(eventsOf(machine, 'hang')).toMatchObject([
      { lock: 'crypto_alg_sem', holder: 'rmmod/2, which an Oops killed' },
    ])
  })

  it.each([
    ['842', '842-generic', 0],
    ['842', '842-nx', 0],
    ['842-nx', '842-nx-again', -EEXIST],
    ['lzo', '842', -EEXIST],
  ])(
    'named %s with driver name %s, after 842 with 842-nx: registration returns %i',
    (name, driver, result) => {
      run(boot(), () => {
        crypto_register_alg(new crypto_alg('842', '842-nx', 300))
        expect(crypto_register_alg(new crypto_alg(name, driver, 100))).toBe(result)
      })
    },
  )

  it('lose their use count if registered again while in use', ({ machine }) => {
    const alg = new crypto_alg('842', '842-nx', 300)
    run(machine, () => {
      crypto_register_alg(alg)
      crypto_alloc_tfm('842-nx')
      expect(crypto_register_alg(alg)).toBe(-EEXIST)
      expect(crypto_unregister_alg(alg)).toBe(0)
    })
    expect(machine.outcome).toBe('completed')
  })

  it('cause a BUG if unregistered while in use', ({ machine }) => {
    const alg = new crypto_alg('842', '842-nx', 300)
    run(machine, () => {
      crypto_register_alg(alg)
      expect(crypto_alloc_tfm('842-nx')).toBe(alg)
      expect(crypto_alloc_tfm('other')).toBeNull()
    })
    expect(machine.task('rmmod', () => crypto_unregister_alg(alg))).toBeNull()
    expect(eventsOf(machine, 'oops')).toMatchObject([
      { function: 'crypto_unregister_alg', reason: 'kernel BUG at crypto/algapi.c:422!' },
    ])
  })

  it('pin their module while a transform is in use', () => {
    const alg = new crypto_alg('842', '842-nx', 300)
    const module: Module = {
      name: 'nx',
      init: () => ((alg.cra_module = module), crypto_register_alg(alg)),
      exit: () => crypto_unregister_alg(alg),
    }
    const machine = boot({}, { modules: [module] })
    machine.insmod('nx')
    const tfm = run(machine, () => must(crypto_alloc_tfm('842-nx')))
    expect(machine.rmmod('nx')).toBe(-EAGAIN)
    run(machine, () => {
      crypto_free_tfm(tfm)
    })
    expect([machine.rmmod('nx'), machine.outcome]).toEqual([0, 'completed'])
  })

  it('cannot be allocated while their module is unloaded', () => {
    const alg = new crypto_alg('842', '842-nx', 300)
    const module: Module = {
      name: 'nx',
      init: () => ((alg.cra_module = module), crypto_register_alg(alg)),
      exit: () => {
        expect(crypto_alloc_tfm('842-nx')).toBeNull()
        crypto_unregister_alg(alg)
      },
    }
    const machine = boot({}, { modules: [module] })
    machine.insmod('nx')
    expect(machine.rmmod('nx')).toBe(0)
  })

  it('can be unregistered once all transforms are freed', ({ machine }) => {
    run(machine, () => {
      const alg = new crypto_alg('842', '842-nx', 300)
      crypto_register_alg(alg)
      crypto_free_tfm(must(crypto_alloc_tfm('842-nx')))
      expect(crypto_unregister_alg(alg)).toBe(0)
    })
  })
})
