// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  holderOf,
  ledTo,
  passesThroughRole,
  type CallChain,
  type EventOf,
  type RunRecord,
  type VioDeviceState,
} from '@pfo-workbench/run'
import { groupBy } from './events-by-subject.ts'
import type { Finding } from './finding.ts'
import { callOf } from './initial-reference.ts'
import { nodeSubject } from './object-names.ts'
import { finalSnapshot } from './snapshots.ts'
import { toEvidence } from './to-evidence.ts'

type Registration = EventOf<'device.register'>

const ofDriverCore = ({ function: name }: CallChain[number]): boolean =>
  /^device_(add|register|initialize)$/.test(name)

/** The call that registers a device: the innermost function outside the driver core that the registration ran in. */
function registeringCall({ facts }: RunRecord, { chain }: Registration): CallChain {
  const behindCore = chain.slice(chain.findIndex(ofDriverCore))
  const call = behindCore.slice(behindCore.findIndex((frame) => !ofDriverCore(frame)))
  return callOf(call, holderOf(facts, call))
}

/**
 * True if the registration of a device left a reference on its node: a function that took part in the registration, or
 * led to it, took more references on the node than it dropped. References that a probe takes in the registration are the
 * driver's.
 */
function holdsNode(run: RunRecord, node: string, registration: Registration): boolean {
  const { facts } = run
  const call = registeringCall(run, registration)
  const takesPart = ({ chain }: EventOf<'ref.get' | 'ref.put'>): boolean => {
    if (ledTo(call, chain)) return !passesThroughRole(facts, chain.slice(0, -call.length), 'probe')
    return ledTo(callOf(chain, holderOf(facts, chain)), registration.chain)
  }
  const changes = eventsOf(run, 'ref.get', 'ref.put').filter(
    (event) =>
      event.object === node &&
      event.before !== event.after &&
      event.step === registration.step &&
      event.task === registration.task &&
      takesPart(event),
  )
  return [...groupBy(changes, ({ chain }) => holderOf(facts, chain))].some(
    ([, own]) => own.filter(({ type }) => type === 'ref.get').length * 2 > own.length,
  )
}

/** The node that a device had after a step; null if it had none. */
const nodeAfter = (run: RunRecord, step: number, { object }: VioDeviceState): string | null =>
  run.steps.find(({ index }) => index === step)?.after.vio.find((one) => one.object === object)?.node ?? null

/**
 * Finds devices that refer to a node without a reference: once others drop theirs, the device uses freed memory. A
 * device that got another node after its registration is left out, and so is one that was registered before the run
 * began: it is unknown who took its reference.
 */
export function nodesNotHeld(run: RunRecord): Finding[] {
  const { nodes, vio } = finalSnapshot(run)
  return vio.flatMap((device): Finding[] => {
    const node = nodes.find(({ object }) => object === device.node)
    const registration = eventsOf(run, 'device.register').findLast(({ object }) => object === device.object)
    if (node === undefined || registration === undefined) return []
    if (nodeAfter(run, registration.step, device) !== node.object) return []
    if (holdsNode(run, node.object, registration)) return []
    return [
      {
        oracle: 'refcount',
        kind: 'node-not-held',
        subject: `${nodeSubject(node)} not held by device ${device.device}`,
        step: registration.step,
        count: 1,
        data: { device: device.device },
        evidence: [toEvidence(run, registration, { kind: 'device-registered', data: {} })],
      },
    ]
  })
}
