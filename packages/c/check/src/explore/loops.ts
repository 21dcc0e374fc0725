// SPDX-License-Identifier: GPL-2.0-only
import { successors, type BasicBlock } from '@pfo-workbench/ir'

/** For each block in a loop of two blocks or more, the blocks that leave the outermost loop around the block. */
export function leavingBlocksOfLoops(
  blocks: readonly BasicBlock[],
  byName: ReadonlyMap<string, BasicBlock>,
): Map<BasicBlock, readonly BasicBlock[]> {
  const next = new Map(blocks.map((block) => [block, following(block, byName)]))
  const previous = new Map<BasicBlock, BasicBlock[]>(blocks.map((block) => [block, []]))
  for (const [block, targets] of next) for (const target of targets) previous.get(target)?.push(block)
  // Kosaraju's algorithm: a loop is a set of blocks that reach each other.
  const order: BasicBlock[] = []
  const seen = new Set<BasicBlock>()
  for (const block of blocks) visit(block, next, seen, (left) => order.push(left))
  const exits = new Map<BasicBlock, readonly BasicBlock[]>()
  const placed = new Set<BasicBlock>()
  for (const block of order.reverse()) {
    const loop = new Set<BasicBlock>()
    visit(block, previous, placed, (left) => loop.add(left))
    if (loop.size < 2) continue
    const leaving = [...loop].filter((inside) => next.get(inside)?.some((target) => !loop.has(target)))
    for (const inside of loop) exits.set(inside, leaving)
  }
  return exits
}

function following(block: BasicBlock, byName: ReadonlyMap<string, BasicBlock>): readonly BasicBlock[] {
  const last = block.instructions.at(-1)
  return last === undefined ? [] : successors(last).flatMap((name) => byName.get(name) ?? [])
}

/** Visits the blocks that a block reaches, depth first and without recursion. */
function visit(
  start: BasicBlock,
  edges: ReadonlyMap<BasicBlock, readonly BasicBlock[]>,
  seen: Set<BasicBlock>,
  leave: (block: BasicBlock) => void,
): void {
  if (seen.has(start)) return
  seen.add(start)
  const open = [{ block: start, at: 0 }]
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const target = edges.get(top.block)?.[top.at++]
    if (target === undefined) {
      leave(top.block)
      open.pop()
    } else if (!seen.has(target)) {
      seen.add(target)
      open.push({ block: target, at: 0 })
    }
  }
}
