// SPDX-License-Identifier: GPL-2.0-only
import type { KernelEvent } from '@pfo-workbench/kernel'
import type { CallChain, Frame, RunEvent } from '@pfo-workbench/run'

/** The frames of all functions that were met: a run has many chains and few functions. */
const frames = new Map<string, Frame>()

function frameOf(name: string): Frame {
  const known = frames.get(name) ?? { function: name }
  frames.set(name, known)
  return known
}

/** A call chain of the models. Where their calls stand in a bundle says nothing of the kernel, so only the names are kept. */
export function chainOf(functions: readonly string[]): CallChain {
  return functions.map(frameOf)
}

/** An event of the models as one of a run, but for its call chain. */
type WithoutChain<Event> = Event extends unknown ? Omit<Event, 'chain' | 'functions'> : never

function withoutChain(event: KernelEvent): WithoutChain<RunEvent> {
  // The chain is no property of the event itself, so that this does not copy it.
  const fields: WithoutChain<KernelEvent> = { ...event }
  if (fields.type !== 'use-after-free' && fields.type !== 'double-free') return fields
  return { ...fields, allocatedBy: chainOf(fields.allocatedBy), freedBy: chainOf(fields.freedBy) }
}

/** An event of the models as one of a run. Its call chain is resolved when it is read. */
export function toRunEvent(event: KernelEvent): RunEvent {
  let chain: CallChain | null = null
  return {
    ...withoutChain(event),
    get chain() {
      return (chain ??= chainOf(event.functions))
    },
  }
}
