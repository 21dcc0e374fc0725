// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { device, event, findingsOf, runOf, saysOf } from '../support.ts'

const rng = { service: 'hwrng', name: 'pseries_rng' }
const bound = { vio: [device('ibm,random-v1', 'n', 'pseries_rng')] }
const unbound = { vio: [device('ibm,random-v1', 'n')] }
const register = event('service.register', rng)
const bind = event('driver.bind', { device: 'ibm,random-v1', driver: 'pseries_rng' })

describe('lost-service', () => {
  it('fires on a bound driver that never offered its service', () => {
    expect(findingsOf('lost-service', runOf([unbound, bound], [bind]))).toEqual([
      {
        oracle: 'lost-service',
        kind: 'service-missing',
        subject: 'hwrng pseries_rng',
        step: 1,
        count: 1,
        data: { driver: 'pseries_rng' },
        evidence: [{ kind: 'driver-bound', data: { driver: 'pseries_rng' }, chain: [], seq: 0 }],
      },
    ])
  })

  it('fires on a service that was unregistered while the driver stayed bound', () => {
    const gone = event('service.unregister', rng, 2)
    expect(findingsOf('lost-service', runOf([unbound, bound, bound], [register, bind, gone]))).toMatchObject([
      { kind: 'service-missing', step: 2, evidence: [{ data: { event: 'service.unregister' } }] },
    ])
  })

  it('fires on a service that remains although its driver has no device', () => {
    const run = runOf([unbound, bound, unbound], [register, bind])
    expect(saysOf('lost-service', run)).toEqual([
      { kind: 'service-without-driver', subject: 'hwrng pseries_rng', data: { driver: 'pseries_rng' } },
    ])
    expect(findingsOf('lost-service', run)[0]?.step).toBe(2)
  })

  it('is silent if service and driver appear and disappear together', () => {
    const gone = event('service.unregister', rng, 2)
    expect(findingsOf('lost-service', runOf([unbound, bound, unbound], [register, bind, gone]))).toEqual([])
    expect(findingsOf('lost-service', runOf([unbound, bound], [register, bind]))).toEqual([])
  })

  it('fires on each service that a driver does not offer on a device with all capabilities', () => {
    const at = (complete: boolean) => ({
      vio: [device('ibm,sym-encryption-v1', 'n', 'nx-crypto', { complete })],
    })
    const one = event('service.register', { service: 'crypto', name: 'sha256-nx' })
    const bind = event('driver.bind', { object: 'vio_dev-ibm,sym-encryption-v1', driver: 'nx-crypto' })
    const missing = findingsOf('lost-service', runOf([{}, at(true)], [one, bind])).map(
      ({ subject }) => subject,
    )
    expect(missing).toContain('crypto sha512-nx')
    expect(missing).not.toContain('crypto sha256-nx')
    // The driver reads its node in probe; later values do not count.
    expect(findingsOf('lost-service', runOf([{}, at(false), at(true)], [one, bind]))).toEqual([])
  })

  it('is silent about a driver that offers one of several services: the device decides how many', () => {
    const crypto = { vio: [device('ibm,sym-encryption-v1', 'n', 'nx-crypto')] }
    const one = event('service.register', { service: 'crypto', name: 'sha256-nx' })
    expect(findingsOf('lost-service', runOf([{}, crypto], [one]))).toEqual([])
    expect(findingsOf('lost-service', runOf([{}, crypto])).length).toBeGreaterThan(5)
  })

  it('is silent about a step in which a task died before it had finished', () => {
    const died = event('oops', { held: [] })
    expect(findingsOf('lost-service', runOf([unbound, unbound], [register, died]))).toEqual([])
  })

  it('ignores drivers that the facts do not list', () => {
    expect(findingsOf('lost-service', runOf([{ vio: [device('a', 'n', 'other')] }]))).toEqual([])
  })
})
