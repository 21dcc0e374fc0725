// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { device, findingsOf, node, runOf, saysOf } from '../support.ts'

const path = '/ibm,platform-facilities/ibm,x-v1'

describe('missed-update', () => {
  const change = { node: path, property: 'ibm,max-sg-len' }
  const at = (driver: string | null, state: object): object => ({
    nodes: [node('n', { path })],
    vio: [device('ibm,x-v1', 'n', driver, state)],
  })
  const [old, now] = [{ settings: '4080' }, { settings: '2048' }]

  it('fires when the node of the bound driver does not have the new value', () => {
    const run = runOf([at('d', old), at('d', { ...old, outdated: [change.property] })], [], [], [change])
    expect(saysOf('missed-update', run)).toEqual([
      { subject: 'ibm,x-v1 ibm,max-sg-len', kind: 'old-value-in-node', data: { driver: 'd' } },
    ])
  })

  it('fires when the node has the new value and the driver still uses the old one', () => {
    expect(saysOf('missed-update', runOf([at('d', old), at('d', old)], [], [], [change]))).toEqual([
      { subject: 'ibm,x-v1 ibm,max-sg-len', kind: 'old-value-in-driver', data: { driver: 'd' } },
    ])
  })

  it('is silent if the driver took the new value, at once or later', () => {
    expect(findingsOf('missed-update', runOf([at('d', old), at('d', now)], [], [], [change]))).toEqual([])
    const later = runOf([at('d', old), at('d', old), at('d', now)], [], [], [change])
    expect(findingsOf('missed-update', later)).toEqual([])
  })

  it('is silent without a driver, without a change, and for a driver that does not use properties', () => {
    const free = runOf([at(null, old), at(null, { outdated: [change.property] })], [], [], [change])
    expect(findingsOf('missed-update', free)).toEqual([])
    expect(findingsOf('missed-update', runOf([at('d', old), at('d', old)]))).toEqual([])
    expect(findingsOf('missed-update', runOf([at('d', {}), at('d', {})], [], [], [change]))).toEqual([])
  })
})
