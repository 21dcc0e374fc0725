// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type NodeState, type RunRecord } from '@pfo-workbench/run'
import { finalSnapshot } from './snapshots.ts'

/**
 * `/ibm,platform-facilities/ibm,random-v1[0]`: the path and the generation of the node; 0 is the node of the boot tree.
 */
export function nodeSubject(node: NodeState): string {
  return `${node.path}[${String(node.generation)}]`
}

/**
 * Returns names for objects that do not depend on other objects of the run. Nodes are named by `nodeSubject`, devices
 * by their name and the number of earlier devices of that name. Other objects keep their own name.
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
