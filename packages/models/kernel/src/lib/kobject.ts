// SPDX-License-Identifier: GPL-2.0-only
import { readByte } from '../c/bytes.ts'
import { EEXIST, EINVAL, ENOMEM } from '../include/errno.ts'
import { kernfs_get, kernfs_put } from '../fs/kernfs.ts'
import { kobject, kobjectId, kset, type kobj_type, type kset_uevent_ops } from '../include/kobject.ts'
import { kobject_uevent } from './kobject-uevent.ts'
import { kref_get, kref_init } from './kref.ts'
import { currentMachine, emitEvent } from '../machine/machine.ts'
import { dump_stack, WARN } from '../kernel/panic.ts'
import { pr_err, pr_warn } from '../kernel/printk.ts'
import { refcount_dec_and_test } from './refcount.ts'
import { kfree, kzalloc } from '../mm/slab.ts'
import { kstrdup } from './string.ts'
import { container_of, embed, struct } from '../c/struct.ts'
import { sysfs_create_dir_ns, sysfs_remove_dir } from '../fs/sysfs.ts'
import { vsnprintf, type FormatArgument } from './vsprintf.ts'

/**
 * Models `kobject_init` (lib/kobject.c, v4.18). The caller owns the initial reference. If the object is already
 * initialized, reports this on the console and sets the counter to 1 again.
 */
export function kobject_init(kobj: kobject, ktype: kobj_type): void {
  if (kobj.state_initialized) {
    pr_err('kobject (%p): tried to init an initialized object, something is seriously wrong.\n', kobj)
    dump_stack()
  }
  kref_init(kobj.kref)
  kobj.state_in_sysfs = false
  kobj.state_add_uevent_sent = false
  kobj.state_remove_uevent_sent = false
  kobj.state_initialized = true
  kobj.ktype = ktype
  emitEvent('ref.get', { object: kobjectId(kobj), before: 0, after: 1 })
}

/**
 * Models `kobject_get` (lib/kobject.c, v4.18): +1, NULL-safe. Warns if the object is not initialized.
 *
 * @returns its argument, even if the counter was 0
 */
export function kobject_get<T extends kobject | null>(kobj: T): T {
  if (kobj !== null) {
    WARN(
      !kobj.state_initialized,
      'lib/kobject.c:591',
      "kobject: '%s' (%p): is not initialized, yet kobject_get() is being called.\n",
      kobj.name,
      kobj,
    )
    const { refcount } = kobj.kref
    const before = refcount.refs
    kref_get(kobj.kref)
    emitEvent('ref.get', { object: kobjectId(kobj), before, after: refcount.refs })
  }
  return kobj
}

/**
 * Models `kobject_put` (lib/kobject.c, v4.18): -1, NULL-safe. Dropping the last reference releases the object
 * immediately. Warns if the object is not initialized.
 */
export function kobject_put(kobj: kobject | null): void {
  if (kobj === null) return
  WARN(
    !kobj.state_initialized,
    'lib/kobject.c:686',
    "kobject: '%s' (%p): is not initialized, yet kobject_put() is being called.\n",
    kobj.name,
    kobj,
  )
  const { refcount } = kobj.kref
  const before = refcount.refs
  const last = refcount_dec_and_test(refcount)
  emitEvent('ref.put', { object: kobjectId(kobj), before, after: refcount.refs })
  // A trial releases nothing: the object must survive the trial.
  if (last && currentMachine().trial === null) kobject_release(kobj)
}

/**
 * Models `kobject_release` and `kobject_cleanup` (lib/kobject.c, v4.18): sends a "remove" uevent if only "add" was
 * sent, removes the object from sysfs if it is still there, calls the type's release, and frees the name. The name is
 * read first, because the release usually frees the object. If the release does not free the object, `kobj->name`
 * dangles.
 */
function kobject_release(kobj: kobject): void {
  const { name, ktype } = kobj
  emitEvent('ref.release', { object: kobjectId(kobj) })
  if (kobj.state_add_uevent_sent && !kobj.state_remove_uevent_sent) kobject_uevent(kobj, 'remove')
  if (kobj.state_in_sysfs) kobject_del(kobj)
  ktype?.release(kobj)
  kfree(name)
}

/**
 * Models `kobject_set_name_vargs` (lib/kobject.c, v4.18): allocates the new name, with `!` in place of `/`, and frees
 * the old name. Returns 0, or -ENOMEM without a change.
 */
export function kobject_set_name(kobj: kobject, fmt: string, ...args: readonly FormatArgument[]): number {
  const name = kstrdup(vsnprintf(fmt, args).replaceAll('/', '!'))
  if (name === null) return -ENOMEM
  kfree(kobj.name)
  kobj.name = name
  return 0
}

/**
 * Models `kobject_add` (lib/kobject.c, v4.18): names the object and creates its directory.
 *
 * References: +1 on the parent and +1 on the kset, both dropped by `kobject_del`. Without a parent, the kset is the
 * parent and gets both. The object's own counter does not change.
 *
 * @param fmt - format of the name; null if the object already has its name
 * @returns 0; -EINVAL if the object is not initialized or its name is missing or empty; -ENOMEM; or the error from
 *   creating the directory. On error, the object holds no references.
 */
export function kobject_add(
  kobj: kobject,
  parent: kobject | null,
  fmt: string | null,
  ...args: readonly FormatArgument[]
): number {
  if (!kobj.state_initialized) {
    pr_err(
      "kobject '%s' (%p): tried to add an uninitialized object, something is seriously wrong.\n",
      kobj.name,
      kobj,
    )
    dump_stack()
    return -EINVAL
  }
  const error = fmt === null ? 0 : kobject_set_name(kobj, fmt, ...args)
  if (error !== 0) {
    pr_err('kobject: can not set name properly!\n')
    return error
  }
  kobj.parent = parent
  return kobject_add_internal(kobj)
}

/**
 * Models `kobject_add_internal` (lib/kobject.c, v4.18), for an object whose `name`, `parent` and `kset` the caller has
 * set; parent and kset may be null. Returns 0; -EINVAL if the name is missing or empty; or the error from creating the
 * directory.
 */
function kobject_add_internal(kobj: kobject): number {
  const { name } = kobj
  if (name === null || readByte(name, 0) === 0) {
    WARN(true, 'lib/kobject.c:207', 'kobject: (%p): attempted to be registered with empty name!\n', kobj)
    return -EINVAL
  }
  let parent = kobject_get(kobj.parent)
  const group = kobj.kset
  if (group !== null) {
    parent ??= kobject_get(group.kobj)
    kobject_get(group.kobj)
    group.list.push(kobj)
    kobj.parent = parent
  }
  const error = sysfs_create_dir_ns(kobj)
  if (error === 0) {
    kernfs_get(kobj.sd)
    kobj.state_in_sysfs = true
    return 0
  }
  kobj_kset_leave(kobj)
  kobject_put(parent)
  kobj.parent = null
  if (error === -EEXIST) {
    pr_err(
      "%s failed for %s with -EEXIST, don't try to register things with the same name in the same directory.\n",
      'kobject_add_internal',
      name,
    )
  } else {
    pr_err(
      '%s failed for %s (error: %d parent: %s)\n',
      'kobject_add_internal',
      name,
      error,
      parent === null ? "'none'" : parent.name,
    )
  }
  return error
}

/**
 * Models `kobj_kset_leave` (lib/kobject.c, v4.18): removes the object from its kset and drops its reference on the
 * kset.
 */
function kobj_kset_leave(kobj: kobject): void {
  const { kset } = kobj
  if (kset === null) return
  const index = kset.list.indexOf(kobj)
  if (index >= 0) kset.list.splice(index, 1)
  kobject_put(kset.kobj)
}

/**
 * Models `kobject_del` (lib/kobject.c, v4.18): removes the directory with its content and drops the references on kset
 * and parent. The object's own counter does not change. NULL-safe.
 */
export function kobject_del(kobj: kobject | null): void {
  if (kobj === null) return
  const { sd } = kobj
  sysfs_remove_dir(kobj)
  kernfs_put(sd)
  kobj.state_in_sysfs = false
  kobj_kset_leave(kobj)
  kobject_put(kobj.parent)
  kobj.parent = null
}

/** Models `kset_release` (lib/kobject.c, v4.18). */
function kset_release(kobj: kobject): void {
  kfree(container_of<kset>(kobj))
}

const kset_ktype: kobj_type = { release: kset_release }

/** Models `dynamic_kobj_release` (lib/kobject.c, v4.18). */
function dynamic_kobj_release(kobj: kobject): void {
  kfree(container_of<plain_kobject>(kobj))
}

const dynamic_kobj_ktype: kobj_type = { release: dynamic_kobj_release }

/**
 * Models `kset_create_and_add` (lib/kobject.c, v4.18). If the directory cannot be created, the kset is freed and its
 * name leaks, as in the kernel.
 *
 * @param uevent_ops - uevent operations of the kset, or null
 * @param parent - parent of the directory; null for a directory at the top of `/sys`
 * @returns the kset, for `kset_unregister`; null if memory is short or the directory cannot be created
 */
export function kset_create_and_add(
  name: string,
  uevent_ops: kset_uevent_ops | null,
  parent: kobject | null,
): kset | null {
  const set = kzalloc(kset)
  if (set === null) return null
  if (kobject_set_name(set.kobj, '%s', name) === 0) {
    set.uevent_ops = uevent_ops
    set.kobj.parent = parent
    if (kset_register(set, kset_ktype) === 0) return set
  }
  kfree(set)
  return null
}

/**
 * Models `kset_register` (lib/kobject.c, v4.18): creates the directory of a kset that already has its name, its parent
 * and its own kset, and announces it. The caller owns the initial reference.
 *
 * @param ktype - in C, the caller stores it in the kset before the call
 * @returns 0, or the error from creating the directory
 */
export function kset_register(set: kset, ktype: kobj_type): number {
  kobject_init(set.kobj, ktype)
  const error = kobject_add_internal(set.kobj)
  if (error === 0) kobject_uevent(set.kobj, 'add')
  return error
}

/**
 * Models `kset_unregister` (lib/kobject.c, v4.18): removes the kset from sysfs and drops the initial reference.
 * NULL-safe.
 */
export function kset_unregister(set: kset | null): void {
  if (set === null) return
  kobject_del(set.kobj)
  kobject_put(set.kobj)
}

/** A standalone kobject, such as `/sys/firmware`. */
export class plain_kobject extends struct {
  readonly kobj: kobject = embed(this, new kobject())
}

/**
 * Models `kobject_create_and_add` (lib/kobject.c, v4.18). The caller owns the initial reference.
 *
 * @returns the kobject; null if memory is short or the directory cannot be created
 */
export function kobject_create_and_add(name: string, parent: kobject | null): kobject | null {
  const holder = kzalloc(plain_kobject)
  if (holder === null) return null
  kobject_init(holder.kobj, dynamic_kobj_ktype)
  const error = kobject_add(holder.kobj, parent, '%s', name)
  if (error !== 0) {
    pr_warn('%s: kobject_add error: %d\n', 'kobject_create_and_add', error)
    kobject_put(holder.kobj)
    return null
  }
  return holder.kobj
}
