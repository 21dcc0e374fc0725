// SPDX-License-Identifier: GPL-2.0-only
import type { Judgeable } from './judgeable.ts'

/**
 * The final state of an object: alive or not, in the tree or not, and its reference count while alive. Equal ends are
 * equal texts.
 *
 * @returns null for an object that is no node
 */
export function endOf({ story }: Judgeable, object: string): string | null {
  const node = story?.trees.after.find((one) => one.node === object)
  if (node === undefined) return null
  const alive = node.life === 'allocated'
  return JSON.stringify([alive, node.inTree, alive ? node.refcount : 0])
}
