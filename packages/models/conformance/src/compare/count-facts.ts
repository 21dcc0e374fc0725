// SPDX-License-Identifier: GPL-2.0-only
import type { RecordedStep, Recording } from '../recording.ts'

/** Number of facts in a recording: list entries, files read, and the outcome of each step. */
export function countFacts({ boot, steps }: Recording): number {
  return steps.reduce((sum, step) => sum + factsInStep(step), boot.length)
}

function factsInStep(step: RecordedStep): number {
  const { events, refs, lifecycle, nodes, vio, phandle_cache, lookups, device_tree, calls, reports } = step
  const lists = [events, refs, lifecycle, nodes, vio, phandle_cache, lookups, device_tree, calls, reports]
  const rows = [...Object.values(step.sysfs), step.misc]
  const files = rows.reduce((sum, row) => sum + Object.keys(row).length, Object.keys(step.drivers).length)
  return lists.reduce((sum, list) => sum + list.length, 1 + files)
}
