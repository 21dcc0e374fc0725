// SPDX-License-Identifier: GPL-2.0-only
import type { Image } from '@pfo-workbench/image'
import { chainAt, type MachineEvent, type CallSites } from '@pfo-workbench/machine'
import type { CallChain, RunEvent } from '@pfo-workbench/run'

/** Cache of call chains: all events at one location share one chain. */
const chainsOf = new WeakMap<Image, WeakMap<CallSites, CallChain>>()

/** The call chain that led to a location. */
export function chainOf(image: Image, callSites: CallSites): CallChain {
  let chains = chainsOf.get(image)
  if (chains === undefined) chainsOf.set(image, (chains = new WeakMap<CallSites, CallChain>()))
  let chain = chains.get(callSites)
  if (chain === undefined) chains.set(callSites, (chain = chainAt(image, callSites)))
  return chain
}

/** Converts an event of a machine to one of a run, with its call chain. */
export function toRunEvent(image: Image, event: MachineEvent): RunEvent {
  const { type, seq, step, task, callSites } = event
  const fields =
    event.type === 'use-after-free' || event.type === 'double-free'
      ? {
          ...event.fields,
          allocatedBy: chainOf(image, event.fields.allocatedBy),
          freedBy: chainOf(image, event.fields.freedBy),
        }
      : event.fields
  // With a getter for the chain, V8 stores each event as a hash table, and oracles read its fields slowly.
  return { type, ...fields, seq, step, task, chain: chainOf(image, callSites) } as unknown as RunEvent
}
