// SPDX-License-Identifier: GPL-2.0-only
import type { KernelEvent } from '@pfo-workbench/kernel'
import type { CallChain, Frame, RunEvent } from '@pfo-workbench/run'

/** Cache of frames by function name: a run has many call chains and few functions. */
const frames = new Map<string, Frame>()

function frameOf(name: string): Frame {
  const known = frames.get(name) ?? { function: name }
  frames.set(name, known)
  return known
}

/**
 * Call chain of a model event. Only names are kept, because positions in a bundle do not correspond to kernel source.
 */
export function chainOf(functions: readonly string[]): CallChain {
  return functions.map(frameOf)
}

/** The fields of an event without its call chain, for each type of event. */
type WithoutChain<Event> = Event extends unknown ? Omit<Event, 'chain' | 'functions'> : never

function withoutChain(event: KernelEvent): WithoutChain<RunEvent> {
  // The chain is a getter on the prototype, so this copy does not include it.
  const fields: WithoutChain<KernelEvent> = { ...event }
  if (fields.type !== 'use-after-free' && fields.type !== 'double-free') return fields
  return { ...fields, allocatedBy: chainOf(fields.allocatedBy), freedBy: chainOf(fields.freedBy) }
}

/** Converts a model event to a run event. The call chain is resolved on first access. */
export function toRunEvent(event: KernelEvent): RunEvent {
  let chain: CallChain | null = null
  return {
    ...withoutChain(event),
    get chain() {
      return (chain ??= chainOf(event.functions))
    },
  }
}
