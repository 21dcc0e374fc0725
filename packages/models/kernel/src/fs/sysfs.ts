// SPDX-License-Identifier: GPL-2.0-only
import { text, type const_char_ptr, type cstr } from '../c/bytes.ts'
import { EEXIST, EFAULT, ENOENT, ENOMEM } from '../include/errno.ts'
import {
  kernfs_add_one,
  kernfs_get,
  kernfs_new_node,
  kernfs_put,
  kernfs_remove,
  kernfs_remove_by_name_ns,
  kernfsPath,
  sysfsRoot,
  type kernfs_node,
  type bin_attribute,
  type FileReader,
  type FileWriter,
} from './kernfs.ts'
import { spin_lock, spin_unlock, spinlock } from '../kernel/locking/locks.ts'
import { fileScope } from '../machine/machine.ts'
import { BUG } from '../kernel/oops.ts'
import { followPointer } from '../c/pointer.ts'
import { dump_stack } from '../kernel/panic.ts'
import { pr_warn } from '../kernel/printk.ts'

const sysfs = fileScope(() => ({
  sysfs_symlink_target_lock: new spinlock('sysfs_symlink_target_lock', { fleeting: true }),
}))

/**
 * The part of a `kobject` (include/linux/kobject.h, v4.18) that sysfs reads, and the field in which it stores the
 * directory. Declared here, not imported: kobjects depend on sysfs, not the other way round.
 */
export interface SysfsObject {
  readonly name: cstr | null
  readonly parent: SysfsObject | null
  sd: kernfs_node | null
}

/** Models `sysfs_warn_dup` (fs/sysfs/dir.c, v4.18). Prints a call trace, but no WARN: the kernel is not tainted. */
function sysfs_warn_dup(parent: kernfs_node, name: string): void {
  pr_warn("sysfs: cannot create duplicate filename '%s/%s'\n", kernfsPath(parent) || '/', name)
  dump_stack()
}

/**
 * Models `sysfs_create_dir_ns` (fs/sysfs/dir.c, v4.18): creates the directory and stores it in `kobj->sd`. Without a
 * parent, the directory is at the top of `/sys`. A NULL name is an Oops.
 *
 * @returns 0; -ENOENT if the parent has no directory or it was removed; -ENOMEM; or -EEXIST
 */
export function sysfs_create_dir_ns(kobj: SysfsObject): number {
  const parent = kobj.parent === null ? sysfsRoot() : kobj.parent.sd
  if (parent === null) return -ENOENT
  const name = text(followPointer(kobj.name))
  const kn = kernfs_new_node(name, parent, 'directory')
  if (kn === null) return -ENOMEM
  const error = kernfs_add_one(kn)
  if (error !== 0) kernfs_put(kn)
  if (error === -EEXIST) sysfs_warn_dup(parent, name)
  if (error !== 0) return error
  kobj.sd = kn
  return 0
}

/**
 * Models `sysfs_remove_dir` (fs/sysfs/dir.c, v4.18): sets `kobj->sd` to NULL and removes the directory, if there is
 * one, with its content.
 */
export function sysfs_remove_dir(kobj: SysfsObject): void {
  const { sysfs_symlink_target_lock } = sysfs()
  spin_lock(sysfs_symlink_target_lock)
  const { sd } = kobj
  kobj.sd = null
  spin_unlock(sysfs_symlink_target_lock)
  if (sd !== null) kernfs_remove(sd)
}

/**
 * Models `sysfs_create_file` (fs/sysfs/file.c, v4.18).
 *
 * @param kobj - the object whose directory gets the file; BUG if it has no directory
 * @param read - null for a file that cannot be read
 * @param write - null for a file that cannot be written
 * @returns 0; -ENOMEM; -EEXIST; or -ENOENT if the directory was removed
 */
export function sysfs_create_file(
  kobj: SysfsObject,
  name: string,
  read: FileReader | null,
  write: FileWriter | null = null,
): number {
  const mode = read === null ? 0o200 : write === null ? 0o444 : 0o644
  return addFile(directoryOf(kobj, 'fs/sysfs/file.c:330'), name, mode, read, write)
}

/**
 * Models `sysfs_create_bin_file` (fs/sysfs/file.c, v4.18). Returns the same values as `sysfs_create_file`, and -ENOMEM
 * for an attribute without a name. BUG if the object has no directory.
 */
export function sysfs_create_bin_file(kobj: SysfsObject, attr: bin_attribute): number {
  const sd = directoryOf(kobj, 'fs/sysfs/file.c:489')
  return attr.name === null ? -ENOMEM : addFile(sd, text(attr.name), attr.mode, attr.read, null)
}

/** Returns the directory of a kobject. If there is none, raises the BUG at the source position `at`. */
function directoryOf({ sd }: SysfsObject, at: string): kernfs_node {
  return sd ?? BUG(at)
}

function addFile(
  sd: kernfs_node,
  name: string,
  mode: number,
  read: FileReader | null,
  write: FileWriter | null,
): number {
  const kn = kernfs_new_node(name, sd, 'file')
  if (kn === null) return -ENOMEM
  kn.mode = mode
  kn.read = read
  kn.write = write
  const error = kernfs_add_one(kn)
  if (error !== 0) kernfs_put(kn)
  if (error === -EEXIST) sysfs_warn_dup(sd, name)
  return error
}

/**
 * Models `sysfs_remove_file` (fs/sysfs/file.c, v4.18): removes a file by name. Warns if the kobject has no directory.
 */
export function sysfs_remove_file(kobj: SysfsObject, name: const_char_ptr): void {
  kernfs_remove_by_name_ns(kobj.sd, name)
}

/**
 * Models `sysfs_remove_bin_file` (fs/sysfs/file.c, v4.18): removes a file by name. Warns if the kobject has no
 * directory.
 *
 * @param name - name of the attribute. NULL is an Oops if the kobject has a directory.
 */
export function sysfs_remove_bin_file(kobj: SysfsObject, name: const_char_ptr | null): void {
  kernfs_remove_by_name_ns(kobj.sd, name)
}

/**
 * A file of an attribute group (`struct attribute_group`, include/linux/sysfs.h, v4.18), and the function that reads
 * it.
 */
export interface GroupFile {
  readonly name: string
  readonly show: FileReader
}

/**
 * Models `sysfs_create_group` (fs/sysfs/group.c, v4.18) for a group without a directory of its own.
 *
 * @returns 0, or the error from creating a file. On error, every file with a name of the group is removed, even one
 *   that existed before.
 */
export function sysfs_create_group(kobj: SysfsObject, group: readonly GroupFile[]): number {
  for (const { name, show } of group) {
    const error = sysfs_create_file(kobj, name, show)
    if (error === 0) continue
    sysfs_remove_group(kobj, group)
    return error
  }
  return 0
}

/** Models `sysfs_remove_group` (fs/sysfs/group.c, v4.18) for a group without a directory of its own. */
export function sysfs_remove_group(kobj: SysfsObject, group: readonly { readonly name: string }[]): void {
  for (const { name } of group) sysfs_remove_file(kobj, name)
}

/**
 * Models `sysfs_create_link` (fs/sysfs/symlink.c, v4.18). The link holds a reference on the target's directory, not on
 * the object.
 *
 * @returns 0; -EFAULT if `kobj` has no directory; -ENOENT if that directory was removed or the target has none;
 *   -ENOMEM; or -EEXIST
 */
export function sysfs_create_link(kobj: SysfsObject, target: SysfsObject, name: string): number {
  const { sysfs_symlink_target_lock } = sysfs()
  const parent = kobj.sd
  if (parent === null) return -EFAULT
  spin_lock(sysfs_symlink_target_lock)
  const { sd } = target
  kernfs_get(sd)
  spin_unlock(sysfs_symlink_target_lock)
  if (sd === null) return -ENOENT
  const kn = kernfs_new_node(name, parent, 'link')
  if (kn === null) {
    kernfs_put(sd)
    return -ENOMEM
  }
  kn.target = sd
  const error = kernfs_add_one(kn)
  // On error, this is the last put of the link. It drops the link's reference on the target.
  if (error !== 0) kernfs_put(kn)
  if (error === -EEXIST) sysfs_warn_dup(parent, name)
  return error
}

/** Models `sysfs_remove_link` (fs/sysfs/symlink.c, v4.18). Warns if the kobject has no directory. */
export function sysfs_remove_link(kobj: SysfsObject, name: string): void {
  kernfs_remove_by_name_ns(kobj.sd, name)
}
