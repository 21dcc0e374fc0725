// SPDX-License-Identifier: GPL-2.0-only
// fs/kernfs/dir.c, fs/sysfs/dir.c and the names that drivers/of/kobj.c gives to nodes.
import { watch, type Machine, type MachineEvents, type View, type Watch } from '@pfo-workbench/machine'
import { constantOf } from '../constants.ts'
import { kernfsPath, viewAt } from './paths.ts'

type Kind = 'directory' | 'file' | 'link'

/** Bits of `kernfs_node.flags` that hold the type (`KERNFS_TYPE_MASK`). */
const typeMask = 0xfn

function kindOf(machine: Machine, kn: View): Kind {
  const type = kn.unsigned('flags') & typeMask
  if (type === constantOf(machine, 'KERNFS_DIR')) return 'directory'
  return type === constantOf(machine, 'KERNFS_LINK') ? 'link' : 'file'
}

/** The fields of an event that creates or removes a file. */
function entryOf(machine: Machine, kn: View): MachineEvents['sysfs.create'] {
  return { path: kernfsPath(kn), kind: kindOf(machine, kn) }
}

/** A directory and all files below it, deepest first, in order of removal. */
function withDescendants(machine: Machine, kn: View): View[] {
  if (kindOf(machine, kn) !== 'directory') return [kn]
  return [...childrenOf(machine, kn).flatMap((child) => withDescendants(machine, child)), kn]
}

/** The files of a directory, by walking its red-black tree. */
export function childrenOf(machine: Machine, directory: View): View[] {
  const found: View[] = []
  findChild(machine, directory, (child) => {
    found.push(child)
    return false
  })
  return found
}

/** The first file of a directory that `isWanted` accepts, in the order of its red-black tree; null if there is none. */
export function findChild(
  machine: Machine,
  directory: View,
  isWanted: (child: View) => boolean,
): View | null {
  const walk = (node: View | null): View | null => {
    if (node === null) return null
    const before = walk(node.follow('rb_left', 'rb_node'))
    if (before !== null) return before
    const child = node.outer('kernfs_node', 'rb')
    return isWanted(child) ? child : walk(node.follow('rb_right', 'rb_node'))
  }
  return walk(directory.follow('dir.children.rb_node', 'rb_node'))
}

export const sysfs: readonly Watch[] = [
  watch({
    kind: 'function',
    name: 'kernfs_add_one',
    leave: (machine, [pointer], _note, result) => {
      if (BigInt.asIntN(32, result) !== 0n) return
      const kn = machine.view('kernfs_node', pointer)
      machine.journal.emitIfKept('sysfs.create', () => entryOf(machine, kn))
    },
  }),
  watch({
    kind: 'function',
    name: '__kernfs_remove',
    file: 'fs/kernfs/',
    enter: (machine, [pointer]) => {
      const kn = viewAt(machine, 'kernfs_node', pointer)
      // A file that was already removed is no longer in its directory.
      if (kn === null || isRemoved(machine, kn)) return
      for (const one of withDescendants(machine, kn)) {
        machine.journal.emitIfKept('sysfs.remove', () => entryOf(machine, one))
      }
    },
  }),
  watch<View>({
    kind: 'function',
    name: 'safe_name',
    file: 'drivers/of/kobj.c',
    enter: (machine, [kobj]) => machine.view('kobject', kobj),
    leave: (machine, [, wanted], kobj, result) => {
      const name = machine.memory.stringAt(wanted) ?? ''
      const used = machine.memory.stringAt(result)
      if (used === null || used === name) return
      const directory = kobj.follow('sd', 'kernfs_node')
      machine.journal.emit('sysfs.rename', {
        directory: directory === null ? '' : kernfsPath(directory),
        wanted: name,
        used,
      })
    },
  }),
  watch({
    kind: 'function',
    name: 'sysfs_warn_dup',
    enter: (machine, [pointer, name]) => {
      const parent = viewAt(machine, 'kernfs_node', pointer)
      const directory = parent === null ? '' : kernfsPath(parent)
      machine.journal.emit('sysfs.duplicate', { path: `${directory}/${machine.memory.stringAt(name) ?? ''}` })
    },
  }),
]

/** True if a file was removed before (`RB_EMPTY_NODE`): its tree node points to itself. False for the root. */
function isRemoved(machine: Machine, kn: View): boolean {
  const node = BigInt(kn.addressOf('rb') - kn.address) + kn.pointer
  return (
    kn.follow(kn.has('parent') ? 'parent' : '__parent', 'kernfs_node') !== null &&
    machine.view('rb_node', node).unsigned('__rb_parent_color') === node
  )
}
