// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord, Snapshot, StepRecord, VioDeviceState } from '@pfo-workbench/run'

/**
 * The last step of a run.
 *
 * @throws RangeError if the run has no steps
 */
export function lastStep(run: RunRecord): StepRecord {
  const last = run.steps.at(-1)
  if (last === undefined) throw new RangeError(`run of ${run.scenario} has no steps, not even the boot`)
  return last
}

/**
 * The state at the end of a run.
 *
 * @throws RangeError if the run has no steps
 */
export function finalSnapshot(run: RunRecord): Snapshot {
  return lastStep(run).after
}

/**
 * Returns the step since which a condition has held without a break, up to the end of a run. Checks only the ends of
 * steps, when the machine is at rest. A condition that holds only in between is not a fault.
 *
 * @returns the first step of the last unbroken stretch; null if the condition does not hold at the end
 */
export function heldSince(
  run: RunRecord,
  holds: (snapshot: Snapshot, step: StepRecord) => boolean,
): StepRecord | null {
  const lastNot = run.steps.findLastIndex((step) => !holds(step.after, step))
  return run.steps[lastNot + 1] ?? null
}

/** Returns the state of a device, by its object; undefined if the snapshot does not have it. */
export function deviceIn(snapshot: Snapshot, object: string): VioDeviceState | undefined {
  return snapshot.vio.find((one) => one.object === object)
}

/** The state at the end of a step; undefined if the run has no step with this number. */
export const stateAfter = (run: RunRecord, step: number): Snapshot | undefined =>
  run.steps.find(({ index }) => index === step)?.after
