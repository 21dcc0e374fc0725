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

/** The fields of an event of the models as a run has them: with its call chains as a run has them. */
type Mapped<Event> = {
  [Key in keyof Event as Key extends 'functions' ? never : Key]: Key extends
    'chain' | 'allocatedBy' | 'freedBy'
    ? CallChain
    : Event[Key]
}

/** Types of events of the models that a run has not, or has with other fields. */
type Unmapped = {
  [Type in KernelEventType]: Type extends RunEventType
    ? [Mapped<KernelEvent<Type>>, EventOf<Type>] extends [EventOf<Type>, Mapped<KernelEvent<Type>>]
      ? never
      : Type
    : Type
}[KernelEventType]

describe('each event of the models', () => {
  it('is one of a run, with the same fields', () => {
    expectTypeOf<Unmapped>().toEqualTypeOf<never>()
  })

  it('has the names of its functions as its call chain, and nothing of where they stand in a bundle', () => {
    const { chain } = eventsOf(run('- migrate: {}'), 'node.detach')[0] ?? { chain: [] }
    expect(chain.length).toBeGreaterThan(3)
    for (const frame of chain) expect(Object.keys(frame)).toEqual(['function'])
  })
})

it('all that can be configured of the models can be configured in a scenario, and nothing else', () => {
  expectTypeOf<keyof MachineConfig>().toEqualTypeOf<keyof KernelConfig>()
  expectTypeOf<MachineConfig>().toExtend<Partial<KernelConfig>>()
  expectTypeOf<Partial<KernelConfig>>().toExtend<MachineConfig>()
})
