// SPDX-License-Identifier: GPL-2.0-only
import {
  followPointer,
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  strcasecmp,
  strlen,
  type const_char_ptr,
  type device_node,
} from '@pfo-workbench/kernel'
import { __of_find_property } from './property.ts'
import { propertyStrings } from './read.ts'
import { ofState } from './state.ts'
import { of_node_cmp } from './walk.ts'

const INT_MAX = 0x7fffffff

/**
 * `struct of_device_id` (include/linux/mod_devicetable.h, v4.18). An omitted or empty field matches anything, but an
 * entry without name, type and compatible ends the table.
 */
export interface of_device_id {
  readonly name?: string
  readonly type?: string
  readonly compatible?: string
  readonly data?: unknown
}

function isGiven(text: const_char_ptr | null | undefined): text is const_char_ptr {
  return text !== null && text !== undefined && strlen(text) > 0
}

/**
 * Models `__of_device_is_compatible` (drivers/of/base.c, v4.18), `devtree_lock` held: compares strings, ignoring case.
 * A null or empty `compat`, `type` or `name` is not compared. A null `device` matches no `compat`; the comparison of
 * its type or name is an Oops.
 *
 * @returns 0 for no match or if nothing is compared, otherwise a score: a match of an earlier entry of the node's
 * "compatible" scores higher; a matching type adds 2, a matching name 1
 */
export function __of_device_is_compatible(
  device: device_node | null,
  compat: const_char_ptr | null,
  type: const_char_ptr | null,
  name: const_char_ptr | null,
): number {
  let score = 0
  if (isGiven(compat)) {
    const entries = propertyStrings(__of_find_property(device, 'compatible'))
    const index = entries.findIndex((entry) => strcasecmp(entry, compat) === 0)
    if (index < 0) return 0
    score = Math.floor(INT_MAX / 2) - (index << 2)
  }
  if (isGiven(type)) {
    const deviceType = followPointer(device).type
    if (deviceType === null || !of_node_cmp(type, deviceType)) return 0
    score += 2
  }
  if (isGiven(name)) {
    const deviceName = followPointer(device).name
    if (deviceName === null || !of_node_cmp(name, deviceName)) return 0
    score++
  }
  return score
}

/** Models `of_device_is_compatible` (drivers/of/base.c, v4.18): a score, 0 for no match or a null `device`. */
export function of_device_is_compatible(device: device_node | null, compat: const_char_ptr): number {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const score = __of_device_is_compatible(device, compat, null, null)
  raw_spin_unlock_irqrestore(devtree_lock)
  return score
}

/**
 * Models `__of_match_node` (drivers/of/base.c, v4.18): the entry with the best score, or null. An entry without fields
 * ends the table. `devtree_lock` held.
 */
export function __of_match_node(matches: readonly of_device_id[], node: device_node): of_device_id | null {
  let best: of_device_id | null = null
  let bestScore = 0
  for (const match of matches) {
    if (!isGiven(match.compatible) && !isGiven(match.type) && !isGiven(match.name)) break
    const score = __of_device_is_compatible(
      node,
      match.compatible ?? null,
      match.type ?? null,
      match.name ?? null,
    )
    if (score > bestScore) {
      best = match
      bestScore = score
    }
  }
  return best
}

/** Models `of_match_node` (drivers/of/base.c, v4.18). */
export function of_match_node(matches: readonly of_device_id[], node: device_node): of_device_id | null {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const match = __of_match_node(matches, node)
  raw_spin_unlock_irqrestore(devtree_lock)
  return match
}
