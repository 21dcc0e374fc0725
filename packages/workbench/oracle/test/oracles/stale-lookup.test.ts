// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { detached, event, findingsOf, get, runOf, saysOf } from '../support.ts'

describe('stale-lookup', () => {
  const states = [{ nodes: [detached('n')] }]
  const attach = event('node.attach', { object: 'n' })
  const detach = event('node.detach', { object: 'n', path: '/x', again: false })
  const find = get('n', 'kobject_get < of_node_get < of_find_node_by_phandle < delete_dt_node')

  it('fires when a finder returns a detached node, and names the caller', () => {
    expect(saysOf('stale-lookup', runOf(states, [detach, find, find]))).toEqual([
      {
        subject: '/x[0]',
        kind: 'detached-node-returned',
        data: { finder: 'of_find_node_by_phandle', caller: 'delete_dt_node' },
      },
    ])
  })

  it('fires on the parsing of a phandle as well', () => {
    const parse = get('n', 'of_node_get < of_parse_phandle < f')
    expect(saysOf('stale-lookup', runOf(states, [detach, parse]))).toMatchObject([
      { subject: '/x[0]', data: { finder: 'of_parse_phandle', caller: 'f' } },
    ])
  })

  it('is silent if the node was still attached, or is attached again', () => {
    expect(findingsOf('stale-lookup', runOf(states, [find, detach]))).toEqual([])
    expect(findingsOf('stale-lookup', runOf(states, [detach, attach, find]))).toEqual([])
  })

  it('is silent if a function that has a reference on a detached node takes another one', () => {
    const own = get('n', 'kobject_get < of_node_get < delete_dt_node')
    expect(findingsOf('stale-lookup', runOf(states, [detach, own]))).toEqual([])
  })
})
