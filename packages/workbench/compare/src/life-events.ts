// SPDX-License-Identifier: GPL-2.0-only
import { subjectsOf, type Finding } from '@pfo-workbench/oracle'
import {
  callersOf,
  eventsOf,
  holderOf,
  objectOf,
  type CallChain,
  type RunEvent,
  type RunRecord,
} from '@pfo-workbench/run'

/** An event of an object's life. */
export interface LifeEvent {
  /** Position in the run. */
  readonly seq: number
  readonly step: number
  readonly event: RunEvent
  /** The function that took or dropped the reference; null for other events. */
  readonly holder: string | null
  /** Kernel functions, innermost first, without helpers that only act for their caller. */
  readonly chain: CallChain
  /** The new reference count, if the event changed it. */
  readonly count: number | null
}

/** Returns all events about an object of a run, in order. */
export function lifeOf(run: RunRecord, object: string): LifeEvent[] {
  return run.events
    .filter((event) => objectOf(event) === object)
    .map((event) => {
      const counts = event.type === 'ref.get' || event.type === 'ref.put'
      return {
        seq: event.seq,
        step: event.step,
        event,
        holder: counts ? holderOf(run.facts, event.chain) : null,
        chain: callersOf(run.facts, event.chain),
        count: counts ? event.after : null,
      }
    })
}

/**
 * Maps object names used in findings to the objects of a run. Names are `/path[generation]` for nodes and
 * `device name[generation]` for devices.
 */
export function objectsOf(run: RunRecord): Map<string, string> {
  const nameOf = subjectsOf(run)
  const nodes = (run.steps.at(-1)?.after.nodes ?? []).map(({ object }) => object)
  const devices = eventsOf(run, 'device.register').map(({ object }) => object)
  return new Map([...nodes, ...devices].map((object) => [nameOf(object), object]))
}

/**
 * Returns the name, as used in findings, of the object that a finding is about. This is the object at the start of its
 * subject, or otherwise an object in its evidence.
 *
 * @returns null if it is about no object, such as a console line
 */
export function objectNameOf(run: RunRecord, { subject, evidence }: Finding): string | null {
  const objects = objectsOf(run)
  const named = [...objects.keys()].find((name) => subject === name || subject.startsWith(`${name} `))
  if (named !== undefined) return named
  const proofs = new Set(evidence.map(({ seq }) => seq))
  const about = new Set(run.events.filter(({ seq }) => proofs.has(seq)).map(objectOf))
  return [...objects].find(([, object]) => about.has(object))?.[0] ?? null
}
