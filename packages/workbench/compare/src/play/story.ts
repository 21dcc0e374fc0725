// SPDX-License-Identifier: GPL-2.0-only
import { nodeSubject } from '@pfo-workbench/oracle'
import {
  eventsOf,
  holderOf,
  type EventOf,
  type KernelFacts,
  type RunRecord,
  type Snapshot,
} from '@pfo-workbench/run'
import type { CountPoint, Moment, NodeCounts, Story, TreeNode } from '../story-schema.ts'

function treeOf({ nodes, vio }: Snapshot): TreeNode[] {
  return nodes.map((node) => {
    const device = vio.find((one) => one.node === node.object)
    return {
      node: nodeSubject(node),
      path: node.path,
      life: node.life,
      inTree: node.inTree,
      flags: node.flags,
      refcount: node.refcount,
      phandle: node.phandle,
      sysfs: node.sysfs,
      device: device?.device ?? null,
      driver: device?.driver ?? null,
    }
  })
}

type CountEvent = EventOf<'ref.get' | 'ref.put'>

/** The reference counts of nodes whose count changed after boot. */
function countsOf(run: RunRecord): NodeCounts[] {
  const changes = new Map<string, CountEvent[]>()
  for (const event of eventsOf(run, 'ref.get', 'ref.put')) {
    const own = changes.get(event.object) ?? []
    changes.set(event.object, own)
    own.push(event)
  }
  return (run.steps.at(-1)?.after.nodes ?? []).flatMap((node) => {
    const own = changes.get(node.object) ?? []
    return own.some(({ step }) => step > 0)
      ? [{ node: nodeSubject(node), points: own.map((event) => pointOf(run.facts, event)) }]
      : []
  })
}

/** Resolves the call chain, which is slow; so call it only for events that are shown. */
function pointOf(facts: KernelFacts, event: CountEvent): CountPoint {
  const { seq, step, before, after } = event
  return { seq, step, count: after, change: after - before, by: holderOf(facts, event.chain) }
}

/** The machine after each step. Lists only nodes that the step changed; otherwise most would be repeated each time. */
function momentsOf({ steps }: RunRecord): Moment[] {
  const known = new Map<string, string>()
  return steps.map(({ after }) => {
    const names = new Map(after.nodes.map((node) => [node.object, nodeSubject(node)]))
    const nodes = treeOf(after).filter((node) => {
      const state = JSON.stringify(node)
      const isSame = known.get(node.node) === state
      known.set(node.node, state)
      return !isSame
    })
    return {
      nodes,
      phandleCache: after.phandleCache.map((entry) => ({
        ...entry,
        node: names.get(entry.node) ?? entry.node,
      })),
      vio: after.vio.map(({ device, driver, node }) => ({
        device,
        driver,
        node: node === null ? null : (names.get(node) ?? node),
      })),
    }
  })
}

/**
 * The effect of a run on the device tree, for reports that draw the tree.
 *
 * @throws RangeError if the run has no steps
 */
export function storyOf(run: RunRecord): Story {
  const [first] = run.steps
  const last = run.steps.at(-1)
  if (first === undefined || last === undefined)
    throw new RangeError(`run of ${run.scenario} has no steps, not even the boot`)
  return {
    trees: { before: treeOf(first.after), after: treeOf(last.after) },
    counts: countsOf(run),
    moments: momentsOf(run),
  }
}
