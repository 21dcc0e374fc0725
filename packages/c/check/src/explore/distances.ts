// SPDX-License-Identifier: GPL-2.0-only
import { successors, type BasicBlock, type SourceLocation } from '@pfo-workbench/ir'
import type { FunctionFacts } from './function-facts.ts'

/** For each block from which a goal can be reached, the smallest number of branches to the nearest goal. */
export type Distances = ReadonlyMap<BasicBlock, number>

/** The blocks of a function that contain an instruction whose source location satisfies `isAt`. */
export function blocksAt(
  facts: FunctionFacts,
  locate: (location: number | null) => SourceLocation | null,
  isAt: (place: SourceLocation) => boolean,
): readonly BasicBlock[] {
  return facts.blocks.filter(({ instructions }) =>
    instructions.some(({ location }) => {
      const place = locate(location)
      return place !== null && isAt(place)
    }),
  )
}

/** Measures how far the blocks of a function are from the goals. */
export function distancesTo(facts: FunctionFacts, goals: readonly BasicBlock[]): Distances {
  const before = new Map<BasicBlock, BasicBlock[]>()
  for (const block of facts.blocks) {
    const last = block.instructions.at(-1)
    for (const name of last === undefined ? [] : successors(last)) {
      const next = facts.blockByName.get(name)
      if (next === undefined) continue
      const known = before.get(next)
      if (known === undefined) before.set(next, [block])
      else known.push(block)
    }
  }
  const distances = new Map<BasicBlock, number>(goals.map((goal) => [goal, 0]))
  // The loop also visits the entries that it adds to the map itself. This makes it a breadth-first search.
  for (const [block, distance] of distances) {
    for (const previous of before.get(block) ?? []) {
      if (!distances.has(previous)) distances.set(previous, distance + 1)
    }
  }
  return distances
}
