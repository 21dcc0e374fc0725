// SPDX-License-Identifier: GPL-2.0-only
import type { Machine, View } from '@pfo-workbench/machine'

/** Maximum depth to follow, in case a tree is cyclic. */
const deepest = 64

/** Path of a device tree node, according to its own parent pointers. */
export function nodePath(node: View): string {
  return `/${namesUpTo(node, (one) => one.follow('parent', 'device_node'), 'full_name').join('/')}`
}

/** Path of a sysfs file below `/sys`; empty for the root. */
export function kernfsPath(kn: View): string {
  return namesUpTo(kn, parentOf, 'name')
    .map((name) => `/${name}`)
    .join('')
}

/** The names on the way from below the root to a node. */
function namesUpTo(start: View, parent: (one: View) => View | null, field: string): string[] {
  const names: string[] = []
  let at = start
  for (let depth = 0; depth < deepest; depth++) {
    const above = parent(at)
    if (above === null) break
    names.unshift(at.string(field) ?? '')
    at = above
  }
  return names
}

/** The directory of a file: `parent`, or `__parent` since v6.15. */
function parentOf(kn: View): View | null {
  return kn.follow(kn.has('parent') ? 'parent' : '__parent', 'kernfs_node')
}

/** The structure at a pointer; null if it is outside of memory. */
export function viewAt(machine: Machine, struct: string, pointer: bigint): View | null {
  return machine.memory.holds(pointer, machine.layouts.sizeOf(struct)) ? machine.view(struct, pointer) : null
}
