// SPDX-License-Identifier: GPL-2.0-only
import type { Image } from '@pfo-workbench/image'
import { chainAt, type MachineEvent, type Track } from '@pfo-workbench/machine'
import type { CallChain, RunEvent } from '@pfo-workbench/run'

/** Chains of an image by their sites: a run takes few ways many times, and so does the next one. */
type Chains = Map<string, CallChain>

const chainsOf = new WeakMap<Image, Chains>()

/** Most chains that are kept. */
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

/** Events of runs by those of machines: what happened in the boot is in every run. */
const known = new WeakMap<MachineEvent, RunEvent>()

/** An event of a machine as one of a run. Its call chain is resolved when it is read. */
export function toRunEvent(image: Image, event: MachineEvent): RunEvent {
  let made = known.get(event)
  if (made === undefined) known.set(event, (made = makeRunEvent(image, event)))
  return made
}

function makeRunEvent(image: Image, event: MachineEvent): RunEvent {
  const { type, seq, step, task, track } = event
  let chain: CallChain | null = null
  const fields: Record<string, unknown> = { ...event.fields }
  if (event.type === 'use-after-free' || event.type === 'double-free') {
    fields['allocatedBy'] = chainOf(image, event.fields.allocatedBy)
    fields['freedBy'] = chainOf(image, event.fields.freedBy)
  }
  return {
    type,
    ...fields,
    seq,
    step,
    task,
    get chain() {
      return (chain ??= chainOf(image, track))
    },
  } as unknown as RunEvent
}
