// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { callersOf, holderOf } from '../src/chain.ts'
import { chainOf } from './support.ts'

describe('a call chain', () => {
  it('belongs to the first function that does not act on behalf of its caller', () => {
    expect(
      holderOf(
        chainOf('refcount_inc < kobject_get < of_node_get < of_find_node_by_phandle < delete_dt_node'),
      ),
    ).toBe('delete_dt_node')
    expect(holderOf(chainOf('kobject_put < of_node_put'))).toBe('kobject_put')
    expect(holderOf([])).toBe('?')
  })

  it('begins, as evidence, with the function that did something of its own', () => {
    expect(callersOf(chainOf('kobject_get < of_node_get < of_find_node_by_phandle < f'))).toEqual(
      chainOf('of_find_node_by_phandle < f'),
    )
    expect(callersOf(chainOf('of_node_get'))).toEqual(chainOf('of_node_get'))
  })
})
