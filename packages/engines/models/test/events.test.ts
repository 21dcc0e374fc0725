// SPDX-License-Identifier: GPL-2.0-only
import type { KernelConfig, KernelEvent, KernelEventType } from '@pfo-workbench/kernel'
import {
  eventsOf,
  type CallChain,
  type EventOf,
  type MachineConfig,
  type RunEventType,
} from '@pfo-workbench/run'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { run } from './support.ts'

/** Fields of a model event in the form that run events use, including call chains. */
type Mapped<Event> = {
  [Key in keyof Event as Key extends 'functions' ? never : Key]: Key extends
    'chain' | 'allocatedBy' | 'freedBy'
    ? CallChain
    : Event[Key]
}

/** Model event types that are missing among run events, or that differ in their fields. */
type Unmapped = {
  [Type in KernelEventType]: Type extends RunEventType
    ? [Mapped<KernelEvent<Type>>, EventOf<Type>] extends [EventOf<Type>, Mapped<KernelEvent<Type>>]
      ? never
      : Type
    : Type
}[KernelEventType]

describe('each event of the models', () => {
  it('has a run event type with the same fields', () => {
    expectTypeOf<Unmapped>().toEqualTypeOf<never>()
  })

  it('has a call chain of function names only, without positions in a bundle', () => {
    const { chain } = eventsOf(run('- migrate: {}'), 'node.detach')[0] ?? { chain: [] }
    expect(chain.length).toBeGreaterThan(3)
    for (const frame of chain) expect(Object.keys(frame)).toEqual(['function'])
  })
})

it('scenarios can set exactly the configuration options of the models', () => {
  expectTypeOf<keyof MachineConfig>().toEqualTypeOf<keyof KernelConfig>()
  expectTypeOf<MachineConfig>().toExtend<Partial<KernelConfig>>()
  expectTypeOf<Partial<KernelConfig>>().toExtend<MachineConfig>()
})
