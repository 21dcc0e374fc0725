// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { callersOf, holderOf, linuxFacts, roleOf, type KernelFacts } from '../src/index.ts'
import { chainOf } from '../src/testing.ts'

const facts = (roles: KernelFacts['roles']): KernelFacts => ({ ...linuxFacts, roles })

describe('the role of a function', () => {
  it('is that of its exact name, or else that of the longest matching prefix', () => {
    const table = facts({ 'of_*': 'acts-for-caller', 'of_find_*': 'finder', of_find_it: 'counter' })
    expect(['of_find_it', 'of_find_node', 'of_get', 'of_', 'of'].map((name) => roleOf(table, name))).toEqual([
      'counter',
      'finder',
      'acts-for-caller',
      'acts-for-caller',
      null,
    ])
  })

  it('is null for a function missing from the table, even one named like an inherited property', () => {
    expect(
      ['delete_dt_node', 'constructor', '__proto__', ''].map((name) => roleOf(linuxFacts, name)),
    ).toEqual([null, null, null, null])
  })

  it('can be added by an engine', () => {
    const extended = facts({ ...linuxFacts.roles, _printk: 'reporter' })
    expect([roleOf(linuxFacts, '_printk'), roleOf(extended, '_printk')]).toEqual([null, 'reporter'])
  })
})

describe('a call chain', () => {
  it('belongs to the innermost function that does not act for its caller', () => {
    const chain = chainOf(
      'refcount_inc < kobject_get < of_node_get < of_find_node_by_phandle < delete_dt_node',
    )
    expect(holderOf(linuxFacts, chain)).toBe('delete_dt_node')
    expect(holderOf(linuxFacts, chainOf('kobject_put < of_node_put'))).toBe('kobject_put')
    expect(holderOf(linuxFacts, [])).toBe('?')
  })

  it('belongs to the function that walks the parents of a node, not to the walk', () => {
    const walk = 'of_fwnode_get_parent < fwnode_get_parent < fwnode_get_nth_parent'
    for (const chain of [
      `kobject_get < of_node_get < of_get_parent < ${walk} < fwnode_full_name_string`,
      'kobject_put < of_node_put < of_fwnode_put < fwnode_handle_put < fwnode_full_name_string',
    ]) {
      expect(holderOf(linuxFacts, chainOf(chain))).toBe('fwnode_full_name_string')
    }
  })

  it('starts, as evidence, at the innermost function that does more than count or print', () => {
    const chain = chainOf('kobject_get < of_node_get < of_find_node_by_phandle < f')
    expect(callersOf(linuxFacts, chain)).toEqual(chainOf('of_find_node_by_phandle < f'))
    expect(callersOf(linuxFacts, chainOf('of_node_get'))).toEqual(chainOf('of_node_get'))
  })
})
