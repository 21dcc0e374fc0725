// SPDX-License-Identifier: GPL-2.0-only
import type { Image } from '@pfo-workbench/image'
import { chainAt, type MachineEvent, type Track } from '@pfo-workbench/machine'
import type { CallChain, RunEvent } from '@pfo-workbench/run'

/** Call chains of an image by their sites. Runs take the same few paths many times. */
type Chains = Map<string, CallChain>

const chainsOf = new WeakMap<Image, Chains>()

/** Maximum number of cached chains. */
const mostChains = 20_000

/** The call chain of a track. */
export function chainOf(image: Image, track: Track): CallChain {
  let chains = chainsOf.get(image)
  if (chains === undefined || chains.size > mostChains) {
    chains = new Map()
    chainsOf.set(image, chains)
  }
  const key = track.sites.join()
  let chain = chains.get(key)
  if (chain === undefined) {
    chain = chainAt(image, track)
    chains.set(key, chain)
  }
  return chain
}

/** Run events, by machine event. The events of the boot are part of every run. */
const known = new WeakMap<MachineEvent, RunEvent>()

/** Converts an event of a machine to one of a run, with its call chain. */
export function toRunEvent(image: Image, event: MachineEvent): RunEvent {
  let made = known.get(event)
  if (made === undefined) known.set(event, (made = makeRunEvent(image, event)))
  return made
}

function makeRunEvent(image: Image, event: MachineEvent): RunEvent {
  const { type, seq, step, task, track } = event
  const fields =
    event.type === 'use-after-free' || event.type === 'double-free'
      ? {
          ...event.fields,
          allocatedBy: chainOf(image, event.fields.allocatedBy),
          freedBy: chainOf(image, event.fields.freedBy),
        }
      : event.fields
  // With a getter for the chain, V8 stores each event as a hash table, and oracles read its fields slowly.
  return { type, ...fields, seq, step, task, chain: chainOf(image, track) } as unknown as RunEvent
}
