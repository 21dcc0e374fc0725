// SPDX-License-Identifier: GPL-2.0-only
import type { Machine, View } from '@pfo-workbench/machine'

/** Deepest path that is followed: a tree that leads in a circle has no end. */
const deepest = 64

/** Path of a device tree node, as its own pointers to parents tell it. */
export function nodePath(node: View): string {
  return `/${namesUpTo(node, (one) => one.follow('parent', 'device_node'), 'full_name').join('/')}`
}

/** Path of a file of sysfs below `/sys`; the root has none. */
export function kernfsPath(kn: View): string {
  return namesUpTo(kn, parentOf, 'name')
    .map((name) => `/${name}`)
    .join('')
}

/** The names from below the root down to something. */
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

/** The directory of a file: `parent`, since v6.15 `__parent`. */
function parentOf(kn: View): View | null {
  return kn.follow(kn.has('parent') ? 'parent' : '__parent', 'kernfs_node')
}

/** The structure that a pointer leads to; null if it leads out of memory. */
export function viewAt(machine: Machine, struct: string, pointer: bigint): View | null {
  return machine.memory.holds(pointer, machine.layouts.sizeOf(struct)) ? machine.view(struct, pointer) : null
}
