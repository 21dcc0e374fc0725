// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  holderOf,
  ledTo,
  roleOf,
  type CallChain,
  type EventOf,
  type RunEvent,
  type RunRecord,
} from '@pfo-workbench/run'
import { callOf, type CountEvent } from './initial-reference.ts'
import { deviceIn, stateAfter } from './snapshots.ts'

/** A device was registered. */
export type Registration = EventOf<'device.register'>

/**
 * Returns the call that registers a device, and its callers. It is the call of the innermost function that is outside
 * the driver core and does not act for its caller (`holderOf`).
 */
export function registeringCall({ facts }: RunRecord, { chain }: Registration): CallChain {
  const isCore = ({ function: name }: CallChain[number]): boolean => roleOf(facts, name) === 'registration'
  const fromCore = chain.slice(chain.findIndex(isCore))
  const call = fromCore.slice(fromCore.findIndex((frame) => !isCore(frame)))
  return callOf(call, holderOf(facts, call))
}

/**
 * True if a reference was taken in or around the registration of a device, in the same step and task. There are three
 * cases: the registering call took the reference; or a function that called the registration took it; or the caller of
 * the registering function called another function, which took the reference and returned it to this caller.
 *
 * @param call - the call that registers the device
 */
export function takesPart(
  { facts }: RunRecord,
  call: CallChain,
  registration: Registration,
  get: CountEvent,
): boolean {
  if (get.step !== registration.step || get.task !== registration.task) return false
  const taking = callOf(get.chain, holderOf(facts, get.chain))
  if (ledTo(call, get.chain) || ledTo(taking, registration.chain)) return true
  return call.length > 1 && call.length === taking.length && ledTo(call.slice(1), taking)
}

/**
 * The node to which a device refers at the end of the step that registered the device. Null if the device refers to no
 * node, or if the state after the step does not have the device.
 */
export function nodeOfDevice(run: RunRecord, { object, step }: Registration): string | null {
  const state = stateAfter(run, step)
  return (state && deviceIn(state, object)?.node) ?? null
}

/** Answers about the device registrations of a run. */
export interface Registrations {
  /** True if one of these functions registered a device before an event. */
  readonly wereMadeBy: (functions: ReadonlySet<string>, before: RunEvent) => boolean
  /**
   * True if a reference was taken in or around the registration of a device that refers to the same node.
   *
   * @param isMeant - selects registrations; by default all
   */
  readonly isTakenFor: (get: CountEvent, isMeant?: (registration: Registration) => boolean) => boolean
}

/** Returns the answers for a run. A device whose node is unknown may refer to any node. */
export function registrationsOf(run: RunRecord): Registrations {
  const all = eventsOf(run, 'device.register').map((registration) => {
    return {
      registration,
      call: registeringCall(run, registration),
      node: nodeOfDevice(run, registration),
    }
  })
  /** Sequence number of the first registration that each function made. */
  const firstBy = new Map(
    all.toReversed().map(({ call, registration }) => [call[0]?.function, registration.seq]),
  )
  return {
    wereMadeBy: (functions, { seq }) => [...functions].some((one) => (firstBy.get(one) ?? seq) < seq),
    isTakenFor: (get, isMeant = () => true) =>
      all.some(
        ({ registration, call, node }) =>
          (node === null || node === get.object) &&
          takesPart(run, call, registration, get) &&
          isMeant(registration),
      ),
  }
}
