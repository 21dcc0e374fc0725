// SPDX-License-Identifier: GPL-2.0-only
import type { Image } from '@pfo-workbench/image'
import { chainAt, type MachineEvent, type CallSites } from '@pfo-workbench/machine'
import type { CallChain, RunEvent } from '@pfo-workbench/run'

/** Call chains of an image by their sites. Runs take the same few paths many times. */
type Chains = Map<string, CallChain>

const chainsOf = new WeakMap<Image, Chains>()

/** Maximum number of cached chains. */
const maxChains = 20_000

/** The call chain that led to a location. */
export function chainOf(image: Image, callSites: CallSites): CallChain {
  let chains = chainsOf.get(image)
  if (chains === undefined || chains.size > maxChains) {
    chains = new Map()
    chainsOf.set(image, chains)
  }
  const key = callSites.sites.join()
  let chain = chains.get(key)
  if (chain === undefined) {
    chain = chainAt(image, callSites)
    chains.set(key, chain)
  }
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
