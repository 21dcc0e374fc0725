// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { device, event, findingsOf, runOf } from '../support.ts'

const firmware = ['/ibm,platform-facilities/ibm,x-v1']
const bound = { firmware, vio: [device('ibm,x-v1', 'n', 'xdrv')] }
const unbound = { firmware, vio: [device('ibm,x-v1', 'n')] }
const unbind = event('driver.unbind', { device: 'ibm,x-v1', driver: 'xdrv' }, 2)

describe('interruption', () => {
  const told = event('rtas.call', { service: 'ibm,update-nodes', status: 0 }, 2)

  it('fires when a firmware event unbinds a driver whose facility remains', () => {
    expect(findingsOf('interruption', runOf([unbound, bound, bound], [told, unbind]))).toMatchObject([
      {
        subject: 'ibm,x-v1',
        step: 2,
        count: 1,
        kind: 'driver-unbound',
        data: { driver: 'xdrv', boundAgain: false },
      },
    ])
  })

  it('fires if the driver was bound again in the same step, and says so', () => {
    const bind = event('driver.bind', { device: 'ibm,x-v1', driver: 'xdrv' }, 2)
    expect(findingsOf('interruption', runOf([unbound, bound, bound], [told, unbind, bind]))).toMatchObject([
      { data: { driver: 'xdrv', boundAgain: true } },
    ])
  })

  it('reports the rebinding for the last unbinding', () => {
    const bind = event('driver.bind', { device: 'ibm,x-v1', driver: 'xdrv' }, 2)
    const again = [told, unbind, bind, { ...told, step: 3 }, { ...unbind, step: 3 }]
    expect(findingsOf('interruption', runOf([unbound, bound, bound, bound], again))).toMatchObject([
      {
        step: 2,
        count: 2,
        data: { driver: 'xdrv', boundAgain: false },
      },
    ])
  })

  it('is silent if the user unbound it, or the facility was removed', () => {
    expect(findingsOf('interruption', runOf([unbound, bound, unbound], [unbind]))).toEqual([])
    expect(findingsOf('interruption', runOf([unbound, bound, {}], [told, unbind]))).toEqual([])
  })
})
