// SPDX-License-Identifier: GPL-2.0-only

/**
 * Helpers for the tests of packages that use runs.
 *
 * @packageDocumentation
 */
import type { CallChain } from './frame.ts'
import type { NodeState } from './snapshot.ts'

/** Parses `a < b`, a call chain with the innermost function first. */
export function chainOf(functions: string): CallChain {
  return functions.split(' < ').map((name) => ({ function: name }))
}

/** A node that is in the tree and has the reference of its attachment, with the given fields changed. */
export function nodeState(object: string, state: Partial<NodeState> = {}): NodeState {
  return {
    object,
    path: '/x',
    generation: 0,
    life: 'allocated',
    refcount: 1,
    flags: [],
    phandle: 1,
    inTree: true,
    sysfs: 'x',
    ...state,
  }
}
