// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { eventsOf, functionsOf, type EventOf, type RunRecord } from '@pfo-workbench/run'
import { run, stepOf } from './support.ts'

const failures = (record: RunRecord): readonly EventOf<'alloc.failed'>[] => eventsOf(record, 'alloc.failed')

describe('a step that makes an allocation fail', () => {
  it('fails the n-th allocation below a function in the next step, and records an event with its call chain', () => {
    const record = run('- fail: { allocation: 2, in: dlpar_parse_cc_node }\n- migrate: {}')
    const chain = [
      'kmalloc',
      'kmemdup',
      'kstrdup',
      'dlpar_parse_cc_node',
      'dlpar_configure_connector',
      'add_dt_node',
      'pseries_devicetree_update',
      'post_mobility_fixup',
      'migration_store',
      'kernfs_fop_write',
      'vfs_write',
    ].map((name) => ({ function: name }))
    expect(failures(record)).toMatchObject([{ step: 2, struct: 'bytes', chain }])
    expect(stepOf(record, 1)).toMatchObject({
      step: { fail: { allocation: 2, in: 'dlpar_parse_cc_node' } },
      result: { kind: 'fail' },
      failure: null,
    })
    expect(stepOf(record, 2).result).toEqual({ kind: 'migrate', errno: 0 })
    expect(functionsOf(stepOf(record, 2).failure?.chain ?? []).slice(0, 4)).toEqual([
      'kmalloc',
      'kmemdup',
      'kstrdup',
      'dlpar_parse_cc_node',
    ])
  })

  it('counts all allocations if no function is named', () => {
    const chains = [1, 2, 3].map((allocation) => {
      const record = run(`- fail: { allocation: ${String(allocation)} }\n- migrate: {}`)
      return failures(record).map(({ chain }) => chain[1]?.function)
    })
    expect(chains).toEqual([
      ['pseries_devicetree_update'],
      ['dlpar_configure_connector'],
      ['dlpar_parse_cc_node'],
    ])
  })

  it('reports if the allocation did not happen, and affects no later step', () => {
    const record = run(`- fail: { allocation: 1, in: dlpar_parse_cc_node }
- read: /proc/powerpc/ofdt
- migrate: {}`)
    expect(stepOf(record, 2).failure).toEqual({ chain: null })
    expect(stepOf(record, 3)).toMatchObject({ result: { kind: 'migrate', errno: 0 }, failure: null })
    expect(failures(record)).toEqual([])
  })

  it('gives the same result each time, with and without background events', () => {
    const steps = '- fail: { allocation: 7 }\n- migrate: {}'
    const shape = (trace: boolean): string => JSON.stringify(run(steps, '', trace).steps)
    expect(shape(true)).toBe(shape(false))
  })
})
