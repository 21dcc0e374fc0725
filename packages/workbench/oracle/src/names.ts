// SPDX-License-Identifier: GPL-2.0-only
import type { NodeState, RunRecord, Snapshot, StepRecord } from '@pfo-workbench/scenario'

/** The state in which a run ended. */
export function finalSnapshot(run: RunRecord): Snapshot {
  const last = run.steps.at(-1)
  if (last === undefined) throw new RangeError(`run of ${run.scenario} has no steps, not even the boot`)
  return last.after
}

/** `/ibm,platform-facilities/ibm,random-v1[0]`: the path and which node of that path it was; 0 came with the boot tree. */
export function nodeSubject(node: NodeState): string {
  return `${node.path}[${String(node.generation)}]`
}

/** Names of all nodes of a run by object: node subjects; other objects keep their own name. */
export function subjectsOf(run: RunRecord): (object: string) => string {
  const subjects = new Map(finalSnapshot(run).nodes.map((node) => [node.object, nodeSubject(node)]))
  return (object) => subjects.get(object) ?? object
}

/** The steps after which something held, when the machine was at rest. */
export interface Held {
  readonly first: StepRecord
  readonly last: StepRecord
}

/**
 * When something held. The machine is at rest after each step, so what holds after any of them is a finding, even if it is
 * gone at the end: a reference that leaked and was stolen later did leak.
 *
 * @returns null if it never held
 */
export function whenHeld(run: RunRecord, holds: (snapshot: Snapshot) => boolean): Held | null {
  const steps = run.steps.filter((step) => holds(step.after))
  const [first] = steps
  const last = steps.at(-1)
  return first === undefined || last === undefined ? null : { first, last }
}

/** ` until step 3`, or nothing for what still holds at the end. */
export function untilStep(run: RunRecord, held: Held): string {
  return held.last === run.steps.at(-1) ? '' : `, until step ${String(held.last.index + 1)}`
}
