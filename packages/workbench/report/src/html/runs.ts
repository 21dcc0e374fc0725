// SPDX-License-Identifier: GPL-2.0-only
import type { Moment, NodeCounts, TreeNode } from '@pfo-workbench/compare'
import { stepTitle } from '../view/steps.ts'
import type { CellView, ComparisonView } from '../wording/comparison-view.ts'
import { cellAnchor } from './anchors.ts'

/**
 * State of the machine after a step. `nodes` has the nodes that are new or changed since the previous step, as indices
 * into `states`.
 */
interface PackedMoment extends Pick<Moment, 'phandleCache' | 'vio'> {
  readonly nodes: readonly number[]
  /** For each allocated node outside the tree: the references that each function holds. */
  readonly holders: Readonly<Record<string, string>>
}

/** The runs of all cells. Each node state and each moment is stored once. */
export interface PackedRuns {
  readonly states: readonly TreeNode[]
  readonly moments: readonly PackedMoment[]
  /** By cell anchor: indices into `moments`. */
  readonly runs: Readonly<Record<string, readonly number[]>>
  /** By scenario: the title of each step, and whether the step is a migration. */
  readonly steps: Readonly<Record<string, readonly { readonly title: string; readonly migrates: boolean }[]>>
}

/** A list without duplicates that knows the index of each value. */
class Interned<T> {
  readonly values: T[] = []
  readonly #places = new Map<string, number>()

  placeOf(value: T): number {
    const key = JSON.stringify(value)
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.values.push(value) - 1
    this.#places.set(key, place)
    return place
  }
}

/**
 * Lists references taken minus references dropped, by function, up to a step: `f +2, g −1`. Balanced functions are left
 * out.
 */
function holdersOf({ points }: NodeCounts, step: number): string {
  const sums = new Map<string, number>()
  for (const point of points)
    if (point.step <= step) sums.set(point.by, (sums.get(point.by) ?? 0) + point.change)
  return [...sums]
    .filter(([, sum]) => sum !== 0)
    .map(([by, sum]) => `${by} ${sum < 0 ? '−' : '+'}${String(Math.abs(sum))}`)
    .join(', ')
}

function momentsOf({ story }: CellView, states: Interned<TreeNode>): PackedMoment[] {
  const now = new Map<string, TreeNode>()
  const counts = new Map((story?.counts ?? []).map((one) => [one.node, one]))
  return (story?.moments ?? []).map(({ nodes, phandleCache, vio }, step) => {
    for (const node of nodes) now.set(node.node, node)
    const holders: Record<string, string> = {}
    for (const { node, inTree, life } of now.values()) {
      const own = counts.get(node)
      if (!inTree && life === 'allocated' && own !== undefined) holders[node] = holdersOf(own, step)
    }
    return { nodes: nodes.map((node) => states.placeOf(node)), phandleCache, vio, holders }
  })
}

/** Packs the runs of a comparison for the page's scripts; null if the comparison did not record them. */
export function packedRuns({ cells, baseline }: ComparisonView): PackedRuns | null {
  const [states, moments] = [new Interned<TreeNode>(), new Interned<PackedMoment>()]
  const told = cells.filter(({ story }) => (story?.moments?.length ?? 0) > 0)
  if (told.length === 0) return null
  const runs = told.map(
    (cell) => [cellAnchor(cell), momentsOf(cell, states).map((one) => moments.placeOf(one))] as const,
  )
  const steps = cells
    .filter(({ variant }) => variant === baseline)
    .map(({ scenario, steps: own }) => {
      const shown = own.map(({ step }) => ({
        title: stepTitle(step),
        migrates: step !== null && 'migrate' in step,
      }))
      return [scenario, shown] as const
    })
  return {
    states: states.values,
    moments: moments.values,
    runs: Object.fromEntries(runs),
    steps: Object.fromEntries(steps),
  }
}
