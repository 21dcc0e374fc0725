// SPDX-License-Identifier: GPL-2.0-only
/** `scope` of ibm,update-nodes and ibm,update-properties: the cause of the changes. */
export const MIGRATION_SCOPE = 1
export const PRRN_SCOPE = -2
export type Scope = typeof MIGRATION_SCOPE | typeof PRRN_SCOPE

/** Actions of the groups of ibm,update-nodes. */
export const DELETE_NODE = 0x01
export const UPDATE_NODE = 0x02
export const ADD_NODE = 0x03

/** One pending entry of a group of ibm,update-nodes. */
export interface NodeNotice {
  readonly scope: Scope
  readonly action: number
  /** DELETE, UPDATE: a phandle. ADD: the parent's phandle and a DRC index. */
  readonly words: readonly number[]
}
