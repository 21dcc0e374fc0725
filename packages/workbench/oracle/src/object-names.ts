// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type NodeState, type RunRecord } from '@pfo-workbench/run'
import { finalSnapshot } from './snapshots.ts'

/**
 * The name of a node in findings: its path and its generation, such as `/ibm,platform-facilities/ibm,random-v1[0]`.
 * Generation 0 is the node of the boot tree.
 */
export function nodeSubject(node: NodeState): string {
  return `${node.path}[${String(node.generation)}]`
}

/**
 * Returns a function that names objects. Unlike numbers of allocations, these names do not depend on unrelated objects
 * of the run. Nodes are named by `nodeSubject`, devices by their name and the number of earlier devices of that name.
 * Other objects keep their own name.
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
