// SPDX-License-Identifier: GPL-2.0-only
import {
  followPointer,
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  text,
  type const_char_ptr,
  type device_node,
} from '@pfo-workbench/kernel'
import {
  __of_device_is_compatible,
  __of_match_node,
  of_device_is_compatible,
  type of_device_id,
} from './match.ts'
import { of_node_get, of_node_put } from './node.ts'
import { kbasename } from './path.ts'
import { __of_find_property, of_get_property } from './property.ts'
import { firstMatch } from './search.ts'
import { ofState } from './state.ts'
import { __of_find_all_nodes, __of_get_next_child, of_node_cmp } from './walk.ts'

/**
 * The search shared by all `of_find_*(from, ...)`: starts after `from`, or at the root if `from` is null, and walks the
 * linked nodes, `devtree_lock` held. Each finder itself takes +1 on the result, which the caller puts, and drops `from`
 * even if nothing matches. So the call chain of the reference shows the name of the finder.
 */
function firstAfter(from: device_node | null, matches: (np: device_node) => boolean): device_node | null {
  return firstMatch(__of_find_all_nodes(from), matches)
}

/**
 * Models `of_find_node_by_name` (drivers/of/base.c, v4.18): by `name`, ignoring case; +1 on the result, -1 on `from`.
 */
export function of_find_node_by_name(from: device_node | null, name: const_char_ptr): device_node | null {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const np = of_node_get(firstAfter(from, (node) => node.name !== null && of_node_cmp(node.name, name)))
  of_node_put(from)
  raw_spin_unlock_irqrestore(devtree_lock)
  return np
}

/**
 * Models `of_find_node_by_type` (drivers/of/base.c, v4.18): by `type`, ignoring case; +1 on the result, -1 on `from`.
 */
export function of_find_node_by_type(from: device_node | null, type: const_char_ptr): device_node | null {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const np = of_node_get(firstAfter(from, (node) => node.type !== null && of_node_cmp(node.type, type)))
  of_node_put(from)
  raw_spin_unlock_irqrestore(devtree_lock)
  return np
}

/**
 * Models `of_find_compatible_node` (drivers/of/base.c, v4.18): by an entry of "compatible", ignoring case. A null or
 * empty `type` matches any. +1 on the result, -1 on `from`.
 */
export function of_find_compatible_node(
  from: device_node | null,
  type: const_char_ptr | null,
  compatible: const_char_ptr,
): device_node | null {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const np = of_node_get(
    firstAfter(from, (node) => __of_device_is_compatible(node, compatible, type, null) > 0),
  )
  of_node_put(from)
  raw_spin_unlock_irqrestore(devtree_lock)
  return np
}

/**
 * Models `of_find_node_with_property` (drivers/of/base.c, v4.18): the name must match exactly; +1 on the result, -1 on
 * `from`.
 */
export function of_find_node_with_property(
  from: device_node | null,
  prop_name: const_char_ptr,
): device_node | null {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const np = of_node_get(firstAfter(from, (node) => __of_find_property(node, prop_name) !== null))
  of_node_put(from)
  raw_spin_unlock_irqrestore(devtree_lock)
  return np
}

/** Result of `of_find_matching_node_and_match`. */
export interface MatchedNode {
  /** The node, with +1 for the caller to put; or null. */
  readonly np: device_node | null
  /** The table entry with the best score for the node; null if no node matches. The `match` parameter in C. */
  readonly match: of_device_id | null
}

/** Models `of_find_matching_node_and_match` (drivers/of/base.c, v4.18): +1 on the result, -1 on `from`. */
export function of_find_matching_node_and_match(
  from: device_node | null,
  matches: readonly of_device_id[],
): MatchedNode {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  let match: of_device_id | null = null
  const np = of_node_get(firstAfter(from, (node) => (match = __of_match_node(matches, node)) !== null))
  of_node_put(from)
  raw_spin_unlock_irqrestore(devtree_lock)
  return { np, match: np === null ? null : match }
}

/** Models `of_find_matching_node` (include/linux/of.h, v4.18): +1 on the result, -1 on `from`. */
export function of_find_matching_node(
  from: device_node | null,
  matches: readonly of_device_id[],
): device_node | null {
  return of_find_matching_node_and_match(from, matches).np
}

/** Result of `of_find_node_opts_by_path`. */
export interface PathAndOptions {
  /** The node, with +1 for the caller to put; or null. */
  readonly np: device_node | null
  /** The text after `:`, or null; the `opts` parameter in C. */
  readonly opts: string | null
}

/**
 * Models `of_find_node_opts_by_path` (drivers/of/base.c, v4.18). `/` is the root. An absolute path is followed
 * component by component; each must equal the last component of a child's `full_name`. Any other path starts with an
 * alias, which ends at the options if there are any, otherwise at the first `/`.
 *
 * References: +1 on the result. References on the nodes along the path are dropped.
 */
export function of_find_node_opts_by_path(path: const_char_ptr): PathAndOptions {
  const whole = text(path)
  const colon = whole.indexOf(':')
  const opts = colon < 0 ? null : whole.slice(colon + 1)
  const { devtree_lock, of_aliases, of_root } = ofState()
  if (whole === '/') return { np: of_node_get(of_root), opts }
  let np: device_node | null = null
  let rest = whole
  if (!whole.startsWith('/')) {
    const end = colon < 0 ? `${whole}/`.indexOf('/') : colon
    const alias = of_get_property(of_aliases, whole.slice(0, end))
    np = alias === null ? null : of_find_node_by_path(alias)
    if (np === null) return { np, opts }
    rest = whole.slice(end)
  }
  raw_spin_lock_irqsave(devtree_lock)
  np ??= of_node_get(of_root)
  np = __of_find_node_by_full_path(np, rest)
  raw_spin_unlock_irqrestore(devtree_lock)
  return { np, opts }
}

/**
 * Models `__of_find_node_by_full_path` (drivers/of/base.c, v4.18): descends from `node` and drops the reference on
 * `node`. Stops at the end of the path or at the options. `devtree_lock` held.
 *
 * @returns the node with +1, or null; `node` itself, with its reference, if the path does not start with `/`
 */
function __of_find_node_by_full_path(node: device_node | null, path: string): device_node | null {
  const colon = path.indexOf(':')
  let np = node
  for (let at = 0; np !== null && path[at] === '/';) {
    const parent: device_node = np
    np = __of_find_node_by_path(parent, path.slice(at + 1).replace(/[/:].*/, ''))
    of_node_put(parent)
    at = `${path}/`.indexOf('/', at + 1)
    if (colon >= 0 && colon < at) break
  }
  return np
}

/**
 * Models `__of_find_node_by_path` (drivers/of/base.c, v4.18): the first child with `component` as the last component of
 * its `full_name`, with +1; null if there is none. `devtree_lock` held.
 */
function __of_find_node_by_path(parent: device_node, component: string): device_node | null {
  if (component === '') return null
  let child = __of_get_next_child(parent, null)
  while (child !== null && kbasename(followPointer(child.full_name)) !== component) {
    child = __of_get_next_child(parent, child)
  }
  return child
}

/** Models `of_find_node_by_path` (include/linux/of.h, v4.18): +1 on the result. */
export function of_find_node_by_path(path: const_char_ptr): device_node | null {
  return of_find_node_opts_by_path(path).np
}

/**
 * Models `of_machine_is_compatible` (drivers/of/base.c, v4.18): the score of the root, 0 for no match. Drops the
 * reference that it takes.
 */
export function of_machine_is_compatible(compat: const_char_ptr): number {
  const root = of_find_node_by_path('/')
  if (root === null) return 0
  const score = of_device_is_compatible(root, compat)
  of_node_put(root)
  return score
}
