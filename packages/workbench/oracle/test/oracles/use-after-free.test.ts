// SPDX-License-Identifier: GPL-2.0-only
import type { EventOf } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { chainOf, event, findingsOf, node, runOf, saysOf, type EventSketch } from '../support.ts'

describe('use-after-free', () => {
  const touched = (fields: Partial<EventOf<'use-after-free'>>): EventSketch =>
    event('use-after-free', {
      object: 'n',
      struct: 'device_node',
      field: 'phandle',
      access: 'read',
      allocatedBy: chainOf('kzalloc < dlpar_parse_cc_node'),
      freedBy: chainOf('kfree < of_node_release'),
      chain: chainOf('of_find_node_by_phandle < delete_dt_node'),
      ...fields,
    })

  it('fires on an access to freed memory, and names the accessing and the freeing function', () => {
    const run = runOf([{ nodes: [node('n', { life: 'freed', inTree: false })] }], [touched({}), touched({})])
    expect(findingsOf('use-after-free', run)).toMatchObject([
      {
        subject: '/x[0]',
        count: 2,
        kind: 'touched-after-free',
        data: { access: 'read', by: 'of_find_node_by_phandle', freedBy: 'of_node_release' },
        evidence: [
          {
            kind: 'touched',
            data: { access: 'read', struct: 'device_node', field: 'phandle' },
            chain: chainOf('of_find_node_by_phandle < delete_dt_node'),
          },
          { kind: 'touched' },
        ],
      },
    ])
  })

  it('names memory other than nodes by the function that allocated it', () => {
    const bytes = touched({
      object: 'bytes#7',
      struct: 'bytes',
      field: '3',
      allocatedBy: chainOf('kstrdup < safe_name'),
    })
    expect(saysOf('use-after-free', runOf([{}], [bytes]))).toEqual([
      {
        subject: 'bytes allocated by safe_name',
        kind: 'touched-after-free',
        data: { access: 'read', by: 'of_find_node_by_phandle', freedBy: 'of_node_release' },
      },
    ])
  })

  it('fires on a second free', () => {
    const twice = event('double-free', {
      object: 'vio_dev#1',
      allocatedBy: chainOf('kzalloc < vio_register_device_node'),
      freedBy: chainOf('kfree < vio_dev_release'),
      chain: chainOf('kfree < vio_dev_release'),
    })
    expect(saysOf('use-after-free', runOf([{}], [twice]))).toEqual([
      {
        subject: 'vio_dev#1',
        kind: 'freed-again',
        data: { by: 'vio_dev_release', freedBy: 'vio_dev_release' },
      },
    ])
  })

  it('is silent about memory that is freed once', () => {
    expect(
      findingsOf('use-after-free', runOf([{}], [event('free', { object: 'n', struct: 'device_node' })])),
    ).toEqual([])
  })
})
