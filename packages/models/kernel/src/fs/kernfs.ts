// SPDX-License-Identifier: GPL-2.0-only
import { text, type const_char_ptr, type cstr } from '../c/bytes.ts'
import { EACCES, EEXIST, ENODEV, ENOENT } from '../include/errno.ts'
import { waitForever } from '../kernel/hang.ts'
import { mutex, mutex_lock, mutex_unlock } from '../kernel/locking/locks.ts'
import { currentTask, emitEvent, fileScope, undoAfterTrial } from '../machine/machine.ts'
import { followPointer } from '../c/pointer.ts'
import { struct } from '../c/struct.ts'
import { WARN, WARN_ONCE } from '../kernel/panic.ts'
import { strlen } from '../lib/string.ts'
import { kmem_cache_free, kmem_cache_zalloc } from '../mm/slab.ts'
import type { task_struct } from '../machine/task.ts'

/** An attribute of a kobject whose file holds raw bytes (`struct bin_attribute`, include/linux/sysfs.h). */
export interface bin_attribute {
  /** File name, owned by the creator of the attribute; NULL if memory was short. */
  readonly name: cstr | null
  readonly mode: number
  readonly size: number
  /** Returns the content of the file, or a negative errno. */
  readonly read: () => Uint8Array | number
}

/** Called when a sysfs file is read. Returns bytes, text or a negative errno. */
export type FileReader = () => Uint8Array | string | number
/** Called when a file is written. Returns the number of bytes accepted, or a negative errno. */
export type FileWriter = (data: Uint8Array) => number

/** `struct kernfs_node` (include/linux/kernfs.h): a directory, file or link of sysfs. */
export class kernfs_node extends struct {
  readonly name: string
  parent: kernfs_node | null
  readonly kind: 'directory' | 'file' | 'link'
  /** Reference count. The kernel frees the node at 0. */
  count = 1
  removed = false
  readonly children: Map<string, kernfs_node> = new Map<string, kernfs_node>()
  mode = 0o444
  target: kernfs_node | null = null
  read: FileReader | null = null
  write: FileWriter | null = null
  /** Tasks that are reading or writing the file. A task that an Oops kills meanwhile stays in the list. */
  readonly active: task_struct[] = []

  constructor(name: string, parent: kernfs_node | null, kind: 'directory' | 'file' | 'link') {
    super()
    this.name = name
    this.parent = parent
    this.kind = kind
  }
}

/** Offset of `dir.children` in `struct kernfs_node`, as the recorded Oops shows it. */
const DIR_CHILDREN_OFFSET = 0x90

const kernfs = fileScope(() => ({
  kernfs_mutex: new mutex('kernfs_mutex', { fleeting: true }),
  sysfs_root_kn: new kernfs_node('', null, 'directory'),
}))

/** Returns the root of sysfs. */
export function sysfsRoot(): kernfs_node {
  return kernfs().sysfs_root_kn
}

/** Returns the path of a node below the mount point, such as `/devices/vio/ibm,random-v1`; empty for the root. */
export function kernfsPath(kn: kernfs_node): string {
  return kn.parent === null ? '' : `${kernfsPath(kn.parent)}/${kn.name}`
}

/** Models `kernfs_get` (fs/kernfs/dir.c, v4.18): +1, NULL-safe. */
export function kernfs_get(kn: kernfs_node | null): void {
  if (kn === null) return
  undoAfterTrial(() => kn.count--)
  kn.count++
}

/**
 * Models `kernfs_put` (fs/kernfs/dir.c, v4.18): -1, NULL-safe. The last put frees the node and drops the node's
 * references on its directory and, for a link, on the target. The last put warns once per boot if the node is still in
 * its directory. Any later put is recorded as a use-after-free.
 */
export function kernfs_put(kn: kernfs_node | null): void {
  if (kn === null) return
  undoAfterTrial(() => kn.count++)
  kn.count--
  if (kn.count < 0) {
    const object = `kernfs_node ${kernfsPath(kn)}`
    const freedBy = kn.slab?.freedAt?.functions ?? []
    emitEvent('use-after-free', {
      object,
      struct: 'kernfs_node',
      field: 'count',
      access: 'write',
      allocatedBy: [],
      freedBy,
    })
  }
  if (kn.count !== 0) return
  const { parent, name, active, target } = kn
  WARN_ONCE(
    parent?.children.get(name) === kn,
    'fs/kernfs/dir.c:525',
    'kernfs_put: %s/%s: released with incorrect active_ref %d\n',
    parent?.name ?? '',
    name,
    active.length,
  )
  kernfs_put(target)
  kmem_cache_free(kn)
  kernfs_put(parent)
}

/**
 * Models `kernfs_find_ns` (fs/kernfs/dir.c, v4.18). The caller holds `kernfs_mutex`. A NULL parent or name is an Oops.
 *
 * @returns the child, without a reference, or null
 */
function kernfs_find_ns(parent: kernfs_node | null, name: const_char_ptr | null): kernfs_node | null {
  const { children } = followPointer(parent, DIR_CHILDREN_OFFSET)
  if (name === null) strlen(name)
  return children.get(text(followPointer(name))) ?? null
}

/**
 * Models `kernfs_find_and_get_ns` (fs/kernfs/dir.c, v4.18): +1 on the result. Takes `kernfs_mutex`. A NULL parent or
 * name is an Oops, with the mutex held.
 *
 * @returns the child, or null if there is none
 */
export function kernfs_find_and_get_ns(
  parent: kernfs_node | null,
  name: const_char_ptr | null,
): kernfs_node | null {
  const { kernfs_mutex } = kernfs()
  mutex_lock(kernfs_mutex)
  const kn = kernfs_find_ns(parent, name)
  kernfs_get(kn)
  mutex_unlock(kernfs_mutex)
  return kn
}

/**
 * Models `kernfs_new_node` (fs/kernfs/dir.c, v4.18): creates a node that is not yet linked into its directory. May
 * sleep. The node takes a reference on its directory.
 *
 * @returns null if memory is short
 */
export function kernfs_new_node(
  name: string,
  parent: kernfs_node,
  kind: kernfs_node['kind'],
): kernfs_node | null {
  const kn = kmem_cache_zalloc('kernfs_node', () => new kernfs_node(name, parent, kind))
  if (kn !== null) kernfs_get(parent)
  return kn
}

/**
 * Models `kernfs_add_one` (fs/kernfs/dir.c, v4.18): links a node into its directory. Returns 0, -EEXIST, or -ENOENT if
 * the directory was removed meanwhile. On error, the caller drops its reference on the node.
 */
export function kernfs_add_one(kn: kernfs_node): number {
  const { kernfs_mutex } = kernfs()
  mutex_lock(kernfs_mutex)
  const error = linkIntoParent(kn)
  mutex_unlock(kernfs_mutex)
  return error
}

function linkIntoParent(kn: kernfs_node): number {
  const parent = followPointer(kn.parent)
  if (parent.removed) return -ENOENT
  if (parent.children.has(kn.name)) {
    emitEvent('sysfs.duplicate', { path: kernfsPath(kn) })
    return -EEXIST
  }
  parent.children.set(kn.name, kn)
  emitEvent('sysfs.create', { path: kernfsPath(kn), kind: kn.kind })
  return 0
}

/**
 * Models `kernfs_drain` (fs/kernfs/dir.c, v4.18). The caller holds `kernfs_mutex`. Releases the mutex and waits until
 * no task reads or writes the file. Tasks run one after another, so a wait never ends: the task that uses the file is
 * the remover itself, has died, or waits forever.
 */
function kernfs_drain({ active }: kernfs_node): void {
  if (active.length === 0) return
  mutex_unlock(kernfs().kernfs_mutex)
  waitForever({ name: 'kn->count', holders: active }, true)
}

/**
 * Models `kernfs_remove` (fs/kernfs/dir.c, v4.18): removes the node and everything below it. NULL-safe. May sleep: it
 * waits for reads and writes in progress.
 */
export function kernfs_remove(kn: kernfs_node | null): void {
  const { kernfs_mutex } = kernfs()
  mutex_lock(kernfs_mutex)
  __kernfs_remove(kn)
  mutex_unlock(kernfs_mutex)
}

/**
 * Models `__kernfs_remove` (fs/kernfs/dir.c, v4.18). The caller holds `kernfs_mutex`. Drops the initial reference of
 * each removed node. NULL-safe. Does nothing if the node was already removed.
 */
function __kernfs_remove(kn: kernfs_node | null): void {
  if (kn === null || kn.removed) return
  for (const child of [...kn.children.values()]) __kernfs_remove(child)
  kernfs_drain(kn)
  emitEvent('sysfs.remove', { path: kernfsPath(kn), kind: kn.kind })
  kn.removed = true
  kn.parent?.children.delete(kn.name)
  kernfs_put(kn)
}

/**
 * Models `kernfs_remove_by_name_ns` (fs/kernfs/dir.c, v4.18).
 *
 * @param parent - the directory; NULL warns
 * @param name - name of the entry to remove; NULL is an Oops unless `parent` is NULL too
 * @returns 0 or -ENOENT
 */
export function kernfs_remove_by_name_ns(parent: kernfs_node | null, name: const_char_ptr | null): number {
  if (parent === null) {
    WARN(true, 'fs/kernfs/dir.c:1480', "kernfs: can not remove '%s', no directory\n", name)
    return -ENOENT
  }
  const { kernfs_mutex } = kernfs()
  mutex_lock(kernfs_mutex)
  const kn = kernfs_find_ns(parent, name)
  __kernfs_remove(kn)
  mutex_unlock(kernfs_mutex)
  return kn === null ? -ENOENT : 0
}

/** Models `kernfs_iop_permission` (fs/kernfs/inode.c, v4.18): takes `kernfs_mutex` at each step of a path walk. */
export function kernfs_iop_permission(): void {
  const { kernfs_mutex } = kernfs()
  mutex_lock(kernfs_mutex)
  mutex_unlock(kernfs_mutex)
}

/**
 * Models `kernfs_iop_lookup` (fs/kernfs/dir.c, v4.18). Takes `kernfs_mutex`.
 *
 * @returns the entry, without a reference, or null
 */
export function kernfs_iop_lookup(directory: kernfs_node, name: string): kernfs_node | null {
  const { kernfs_mutex } = kernfs()
  mutex_lock(kernfs_mutex)
  const kn = kernfs_find_ns(directory, name)
  mutex_unlock(kernfs_mutex)
  return kn
}

/**
 * Models `kernfs_fop_read` (fs/kernfs/file.c, v4.18). Returns content, or a negative errno: -ENODEV once the file is
 * removed, -EACCES if the file cannot be read, or the error of its reader.
 */
export function kernfs_fop_read(kn: kernfs_node): Uint8Array | string | number {
  if (kn.removed) return -ENODEV
  const { read } = kn
  return read === null ? -EACCES : whileActive(kn, read)
}

/**
 * Calls `use` between `kernfs_get_active` and `kernfs_put_active` (fs/kernfs/dir.c, v4.18): the removal of the file
 * waits until `use` has returned.
 */
function whileActive<T>({ active }: kernfs_node, use: () => T): T {
  const task = currentTask()
  active.push(task)
  undoAfterTrial(() => {
    const at = active.lastIndexOf(task)
    if (at >= 0) active.splice(at, 1)
  })
  const result = use()
  active.splice(active.lastIndexOf(task), 1)
  return result
}

/**
 * Models `kernfs_fop_write` (fs/kernfs/file.c, v4.18). Returns the number of bytes accepted, or a negative errno:
 * -ENODEV once the file is removed, -EACCES if the file cannot be written, or the error of its writer.
 */
export function kernfs_fop_write(kn: kernfs_node, data: Uint8Array): number {
  if (kn.removed) return -ENODEV
  const { write } = kn
  return write === null ? -EACCES : whileActive(kn, () => write(data))
}

/**
 * Models `kernfs_get_target_path` (fs/kernfs/symlink.c, v4.18): returns the text of a link. Each read computes the text
 * from names: up to the common directory, then down to the target. If the target was removed, the text is a dangling
 * path, or the path of a new entry with the same name.
 */
export function kernfs_get_target_path(linkNode: kernfs_node): string {
  const from = ancestorsOf(linkNode.parent)
  const to = ancestorsOf(linkNode.target)
  let common = 0
  while (common < from.length && common < to.length && from[common] === to[common]) common++
  const up = from.slice(common).map(() => '..')
  const down = to.slice(common).map((kn) => kn.name)
  return [...up, ...down].join('/')
}

function ancestorsOf(kn: kernfs_node | null): kernfs_node[] {
  const chain: kernfs_node[] = []
  for (let node = kn; node !== null; node = node.parent) chain.unshift(node)
  return chain
}
