// SPDX-License-Identifier: GPL-2.0-only
import type { cstr } from '@pfo-workbench/kernel'
import { AreaReader } from './work-area.ts'

/** One entry of the node list from `ibm,update-nodes`. */
export type NodeEntry =
  | { readonly action: 'delete' | 'update'; readonly phandle: number }
  | { readonly action: 'add'; readonly parent_phandle: number; readonly drc_index: number }

/** The list starts after the bytes reserved for firmware. */
const listOffset = 16

/**
 * A group starts with a header word: the top byte is the action, the other bytes are the number of nodes
 * (arch/powerpc/platforms/pseries/mobility.c, v4.18).
 */
const groupActions = ['end', 'delete', 'update', 'add'] as const
const NODE_COUNT_MASK = 0x00ffffff

/**
 * The entries in a work area, in order. The list ends at a header with action 0 or at the end of the area. An entry is
 * read only after the previous one was processed. Entries of an unknown action are one word each and are skipped.
 */
export function* entriesIn(area: cstr): Generator<NodeEntry, void> {
  const reader = new AreaReader(area, listOffset)
  for (let header = reader.nextWord(); header >>> 24 !== 0; header = reader.nextWord()) {
    const action = groupActions[header >>> 24]
    for (let left = header & NODE_COUNT_MASK; left > 0 && !reader.isThrough; left--) {
      const phandle = reader.nextWord()
      if (action === 'add') yield { action, parent_phandle: phandle, drc_index: reader.nextWord() }
      else if (action === 'delete' || action === 'update') yield { action, phandle }
    }
  }
}
