// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type NodeState, type RunRecord } from '@pfo-workbench/run'
import { finalSnapshot } from './snapshots.ts'

/** `/ibm,platform-facilities/ibm,random-v1[0]`: the path and which node of that path it was; 0 came with the boot tree. */
export function nodeSubject(node: NodeState): string {
  return `${node.path}[${String(node.generation)}]`
}

/**
 * Names of the objects of a run that do not depend on what else there is: node subjects, and devices by their name and how
 * many of this name there were before. Other objects keep their own name.
 */
export function subjectsOf(run: RunRecord): (object: string) => string {
  const subjects = new Map(finalSnapshot(run).nodes.map((node) => [node.object, nodeSubject(node)]))
  const seen = new Map<string, number>()
  for (const { object, name } of eventsOf(run, 'device.register')) {
    const generation = seen.get(name) ?? 0
    seen.set(name, generation + 1)
    subjects.set(object, `device ${name}[${String(generation)}]`)
  }
  return (object) => subjects.get(object) ?? object
}
