// SPDX-License-Identifier: GPL-2.0-only
/** `scope` of ibm,update-nodes and ibm,update-properties: which cause the kernel asks about. */
export const MIGRATION_SCOPE = 1
export const PRRN_SCOPE = -2
export type Scope = typeof MIGRATION_SCOPE | typeof PRRN_SCOPE

/** Action of a group of ibm,update-nodes. */
export const DELETE_NODE = 0x01
export const UPDATE_NODE = 0x02
export const ADD_NODE = 0x03

/** One entry of a group of ibm,update-nodes, which the kernel has not been told yet. */
export interface NodeNotice {
  readonly scope: Scope
  readonly action: number
  /** DELETE, UPDATE: a handle. ADD: the parent's handle and a drc index. */
  readonly words: readonly number[]
}
