// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { chainsAgree, comparableTrace } from '../src/compare/chains.ts'

describe('call chains', () => {
  it('agree if the replayed one starts with the recorded one', () => {
    const recorded = [
      'of_get_parent',
      'vio_register_device_node',
      'vio_bus_scan_register_devices.part.0',
      'vio_device_init',
    ]
    const replayed = [
      'kobject_get',
      'of_node_get',
      'of_get_parent',
      'vio_register_device_node',
      'vio_bus_scan_register_devices',
      'vio_device_init',
      'do_one_initcall',
    ]
    expect(chainsAgree(recorded, replayed)).toBe(true)
    expect(chainsAgree(recorded, replayed.slice(0, 5))).toBe(false)
    expect(chainsAgree(recorded, replayed.toSpliced(3, 1))).toBe(false)
  })

  it('omit functions that the compiler inlined and the entry path into the kernel', () => {
    const recorded = ['of_find_node_by_phandle', 'pseries_devicetree_update', 'ctl_write', 'full_proxy_write']
    const replayed = [
      'kobject_get',
      'of_node_get',
      'of_find_node_by_phandle',
      'delete_dt_node',
      'pseries_devicetree_update',
    ]
    expect(chainsAgree(recorded, replayed)).toBe(true)
  })

  it('merge a clone with its function, but not a recursive call', () => {
    expect(comparableTrace(['kobject_get.part.0', 'kobject_get', 'of_node_get'])).toEqual([
      'kobject_get',
      'of_node_get',
    ])
    expect(comparableTrace(['dlpar_detach_node', 'dlpar_detach_node'])).toEqual([
      'dlpar_detach_node',
      'dlpar_detach_node',
    ])
  })

  it("show the platform's initcall as its function", () => {
    expect(chainsAgree(['__machine_initcall_pseries_rng_init'], ['rng_init', 'do_one_initcall'])).toBe(true)
  })
})
