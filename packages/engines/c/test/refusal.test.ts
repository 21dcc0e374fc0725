// SPDX-License-Identifier: GPL-2.0-only
import type { MachineConfig } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { refusalOf } from '../src/refusal.ts'

function refusal(
  config: MachineConfig,
  values: readonly string[] = [],
  countsAreFull = false,
): string | null {
  const machine = { config, devicetree: null }
  const scenario = { id: 'x', title: 'X', machine, steps: [{ load: ['nx_crypto'] }] } as const
  const configuration = {
    architecture: 'powerpc64le',
    values: new Map(values.map((name) => [name, 'y'])),
  } as const
  return refusalOf({ ...scenario, steps: [{ load: ['nx_crypto'] }] }, configuration, countsAreFull)
}

describe('a C kernel', () => {
  it('plays scenarios that match its configuration', () => {
    expect(refusal({})).toBeNull()
    expect(refusal({ endian: 'little', slubPoison: false, modules: false, prrn: true })).toBeNull()
  })

  it('has one byte order', () => {
    expect(refusal({ endian: 'big' })).toMatch(/big-endian kernel, and this one is little-endian/)
  })

  it('has cooperative memory overcommitment if it is configured with it', () => {
    expect(refusal({ cmo: true })).toMatch(/CONFIG_PPC_SMLPAR is not set/)
    expect(refusal({ cmo: true }, ['PPC_SMLPAR'])).toBeNull()
  })

  it('counts references as configured, or as its version requires', () => {
    expect(refusal({ refcount: 'full' })).toMatch(/REFCOUNT_FULL is not set/)
    expect(refusal({ refcount: 'full' }, ['REFCOUNT_FULL'])).toBeNull()
    expect(refusal({ refcount: 'full' }, [], true)).toBeNull()
    expect(refusal({ refcount: 'plain' })).toBeNull()
    expect(refusal({ refcount: 'plain' }, ['REFCOUNT_FULL'])).toMatch(/CONFIG_REFCOUNT_FULL is set/)
    expect(refusal({ refcount: 'plain' }, [], true)).toMatch(/always check them/)
  })
})
