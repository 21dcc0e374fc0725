// SPDX-License-Identifier: GPL-2.0-only
import { ledgersOf, type Ledger } from '@pfo-workbench/oracle'
import {
  deviceEventTypes,
  eventsOf,
  functionsOf,
  functionsWithOwner,
  holderOf,
  objectOf,
  referenceEventTypes,
  type RunEvent,
  type RunRecord,
} from '@pfo-workbench/run'
import { objectsOf } from '../life-events.ts'
import { addNames } from '../names-by-key.ts'
import type { Holder, ObjectLife, Position } from './examined-schema.ts'

const positionOf = ({ seq, step }: RunEvent): Position => ({ seq, step })

/** The positions of gets or puts, in order, by the function that made them. */
function positionsByHolder({ facts }: RunRecord, events: readonly RunEvent[]): Map<string, Position[]> {
  const positions = new Map<string, Position[]>()
  for (const event of [...events].sort((a, b) => a.seq - b.seq)) {
    const by = holderOf(facts, event.chain)
    const own = positions.get(by) ?? []
    positions.set(by, own)
    own.push(positionOf(event))
  }
  return positions
}

function holdersOf(run: RunRecord, ledger: Ledger | undefined, events: readonly RunEvent[]): Holder[] {
  const owned = functionsWithOwner(run.facts)
  const thefts = ledger?.thefts ?? []
  const kept = positionsByHolder(run, [
    ...(ledger?.outstanding ?? []),
    ...thefts.flatMap(({ taken }) => (taken === null ? [] : [taken])),
  ])
  const inVain = events.filter((event) => event.type === 'ref.put' && event.before === event.after)
  const surplusPuts = positionsByHolder(run, [...thefts.map(({ put }) => put), ...inVain])
  const holders = new Map<string, { taken: number; dropped: number }>()
  const droppedIn = new Map<string, Set<string>>()
  for (const event of events) {
    if (event.type !== 'ref.get' && event.type !== 'ref.put') continue
    const by = holderOf(run.facts, event.chain)
    const own = holders.get(by) ?? { taken: 0, dropped: 0 }
    holders.set(by, own)
    if (event.type === 'ref.get') own.taken += 1
    else {
      own.dropped += 1
      for (const owner of [by, ...(run.facts.dropsFor[by] ?? [])])
        addNames(droppedIn, owner, functionsOf(event.chain))
    }
  }
  for (const { taker, put } of ledger?.handOvers ?? []) addNames(droppedIn, taker, functionsOf(put.chain))
  return [...holders].map(([by, own]) => ({
    by,
    ...own,
    lost: owned.has(by) ? 0 : (kept.get(by)?.length ?? 0),
    kept: kept.get(by) ?? [],
    surplusPuts: surplusPuts.get(by) ?? [],
    droppedIn: [...(droppedIn.get(by) ?? [])].sort(),
  }))
}

function touchesOf(events: readonly RunEvent[]): ObjectLife['touches'] {
  const touches = new Map<string, { chain: string[]; step: number; count: number }>()
  for (const { type, chain, step } of events) {
    if (type !== 'use-after-free' && type !== 'double-free') continue
    const names = functionsOf(chain)
    const key = [step, ...names].join()
    const known = touches.get(key)
    if (known === undefined) touches.set(key, { chain: names, step, count: 1 })
    else known.count += 1
  }
  return [...touches.values()]
}

/** Returns the lives of all nodes and devices of a run. */
export function objectLives(run: RunRecord): ObjectLife[] {
  const byObject = new Map<string, RunEvent[]>()
  for (const event of eventsOf(run, ...watched)) {
    const object = objectOf(event)
    if (object === null) continue
    const own = byObject.get(object) ?? []
    byObject.set(object, own)
    own.push(event)
  }
  const ledgers = ledgersOf(run)
  return [...objectsOf(run)].map(([name, object]) => {
    const events = byObject.get(object) ?? []
    const ledger = ledgers.get(object)
    const functions = new Set(events.flatMap(({ chain }) => chain.map((frame) => frame.function)))
    return {
      object: name,
      functions: [...functions].sort(),
      holders: holdersOf(run, ledger, events),
      handOvers: (ledger?.handOvers ?? []).map(({ taker, dropper, certain, get, put }) => ({
        taker,
        dropper,
        certain,
        get: positionOf(get),
        put: positionOf(put),
      })),
      touches: touchesOf(events),
    }
  })
}

/**
 * Types of events in the life of a node or device: its references, its free, accesses after the free, and what happens
 * to it in the tree and in the driver core.
 */
const watched = [
  ...referenceEventTypes,
  'free',
  'use-after-free',
  'double-free',
  'node.attach',
  'node.detach',
  'node.bad-put',
  ...deviceEventTypes,
] as const
