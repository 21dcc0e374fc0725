// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  passesThroughRole,
  type CallChain,
  type RunRecord,
  type StepRecord,
} from '@pfo-workbench/run'
import { finalSnapshot } from './snapshots.ts'

/** Paths of the nodes that the kernel created from firmware data in a step. */
function fetchedIn(run: RunRecord, step: number): Set<string> {
  const { nodes } = finalSnapshot(run)
  const isFetch = (chain: CallChain): boolean =>
    passesThroughRole(run.facts, chain, 'initializer') &&
    passesThroughRole(run.facts, chain, 'firmware-fetch')
  const fetched = eventsOf(run, 'ref.get')
    // Check the chain last: resolving it is slow.
    .filter((event) => event.step === step && isFetch(event.chain))
    .map(({ object }) => object)
  return new Set(nodes.filter(({ object }) => fetched.includes(object)).map(({ path }) => path))
}

/**
 * Returns, for the end of each step, the firmware nodes that the user removed from the live tree, with their
 * descendants. A node leaves the set when it is attached again or when the kernel fetches it from firmware again: the
 * kernel should add what firmware adds, whatever the user removed before.
 *
 * @returns paths, by step number
 */
export function removedByHand(run: RunRecord): ReadonlyMap<number, ReadonlySet<string>> {
  const removed = new Set<string>()
  const moves = eventsOf(run, 'node.attach', 'node.detach')
  return new Map(
    run.steps.map(({ index, after }) => {
      for (const event of moves) {
        if (event.step !== index) continue
        const { path } = event
        if (event.type === 'node.attach') removed.delete(path)
        else if (passesThroughRole(run.facts, event.chain, 'tree-edit')) {
          for (const one of after.firmware) if (one === path || one.startsWith(`${path}/`)) removed.add(one)
        }
      }
      // If the user removed nothing, skip the slow search for fetched nodes.
      if (removed.size > 0) for (const path of fetchedIn(run, index)) removed.delete(path)
      return [index, new Set(removed)]
    }),
  )
}

/**
 * The steps in which an allocation failed. It is not a fault if an operation fails in such a step and the kernel
 * reports the failure. It is a fault if the operation does damage, or if its effect is still missing once memory is
 * available again.
 */
export function stepsShortOfMemory(run: RunRecord): ReadonlySet<number> {
  return new Set(eventsOf(run, 'alloc.failed').map(({ step }) => step))
}

/** Status of an RTAS call that has to be repeated (`RTAS_BUSY`, arch/powerpc/include/asm/rtas.h). */
const busy = -2

/** The statuses that a scenario makes firmware return for a service in this step. */
function scriptedStatuses({ step }: StepRecord, service: string): readonly number[] {
  if (step === null) return []
  const { statuses = {} } = 'migrate' in step ? step.migrate : 'firmware' in step ? step.firmware : {}
  return Object.entries(statuses).find(([name]) => name === service)?.[1] ?? []
}

/**
 * The steps in which firmware refused to describe a node because the scenario made firmware refuse, in this step or an
 * earlier one. The status `RTAS_BUSY` is no refusal. It is not a fault if the kernel cannot create that node in such a
 * step. Firmware also refuses a wrong request, but a wrong request is a fault of the kernel.
 */
export function stepsWithRefusedNode(run: RunRecord): ReadonlySet<number> {
  const refusals = eventsOf(run, 'rtas.call').filter(
    ({ status, service, step, chain }) =>
      status < 0 &&
      status !== busy &&
      run.steps.some((one) => one.index <= step && scriptedStatuses(one, service).includes(status)) &&
      passesThroughRole(run.facts, chain, 'firmware-fetch'),
  )
  return new Set(refusals.map(({ step }) => step))
}
