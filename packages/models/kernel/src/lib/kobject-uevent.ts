// SPDX-License-Identifier: GPL-2.0-only
import { fromBytes, text, type cstr } from '../c/bytes.ts'
import { EINVAL, ENOENT, ENOMEM } from '../include/errno.ts'
import {
  kobj_uevent_env,
  kobject_actions,
  kobjectId,
  type kobject,
  type kobject_action,
} from '../include/kobject.ts'
import { WARN } from '../kernel/panic.ts'
import { LOGLEVEL_WARNING, printk } from '../kernel/printk.ts'
import { emitEvent } from '../machine/machine.ts'
import { kfree, kzalloc } from '../mm/slab.ts'
import { kstrdup } from './string.ts'
import { vsnprintf, type FormatArgument } from './vsprintf.ts'

/** Maximum number of variables of one uevent (`UEVENT_NUM_ENVP`, include/linux/kobject.h, v4.18). */
const UEVENT_NUM_ENVP = 32
/**
 * Space for all variables of one uevent, in bytes with terminators (`UEVENT_BUFFER_SIZE`, include/linux/kobject.h,
 * v4.18).
 */
const UEVENT_BUFFER_SIZE = 2048

/**
 * Models `add_uevent_var` (lib/kobject_uevent.c, v4.18): appends one variable.
 *
 * @returns 0; -ENOMEM, with a warning, if there are too many variables or too little space
 */
export function add_uevent_var(
  env: kobj_uevent_env,
  fmt: string,
  ...args: readonly FormatArgument[]
): number {
  if (env.envp.length >= UEVENT_NUM_ENVP) {
    WARN(true, 'lib/kobject_uevent.c:654', 'add_uevent_var: too many keys\n')
    return -ENOMEM
  }
  const variable = vsnprintf(fmt, args)
  const used = env.envp.reduce((length, one) => length + one.length + 1, 0)
  if (variable.length >= UEVENT_BUFFER_SIZE - used) {
    WARN(true, 'lib/kobject_uevent.c:665', 'add_uevent_var: buffer size too small\n')
    return -ENOMEM
  }
  env.envp.push(variable)
  return 0
}

/**
 * Models `kobject_get_path` (lib/kobject.c, v4.18): builds the path of a kobject below `/sys` from its name and its
 * parents' names.
 *
 * @returns memory that the caller frees; null if memory is short, or if the kobject or a parent has no name
 */
function kobject_get_path(kobj: kobject): cstr | null {
  let path = ''
  for (let parent: kobject | null = kobj; parent !== null; parent = parent.parent) {
    if (parent.name === null) return null
    path = `/${text(parent.name)}${path}`
  }
  return kstrdup(path)
}

/**
 * Models `zap_modalias_env` (lib/kobject_uevent.c, v4.18): removes MODALIAS, so that an unbind does not load a driver.
 */
function zap_modalias_env(env: kobj_uevent_env): void {
  const kept = env.envp.filter((variable) => !variable.startsWith('MODALIAS='))
  env.envp.splice(0, env.envp.length, ...kept)
}

/** Models `kobject_uevent` (lib/kobject_uevent.c, v4.18): `kobject_uevent_env` without variables of the caller. */
export function kobject_uevent(kobj: kobject, action: kobject_action): number {
  return kobject_uevent_env(kobj, action, [])
}

/**
 * Models `kobject_uevent_env` (lib/kobject_uevent.c, v4.18): builds the uevent, even without listeners, and sends it. A
 * uevent that the kset refuses does not count as sent: `kobject_cleanup` retries a refused "remove".
 *
 * The recorded event has the variables in order, without SEQNUM, which counts all uevents since boot.
 *
 * @param envp_ext - variables of the caller, placed before those of the kset
 * @returns 0, even for a kobject that sends no uevents; -EINVAL if neither the kobject nor any of its parents is in a
 *   kset; -ENOMEM; -ENOENT if the path cannot be built; or the error of the kset
 */
export function kobject_uevent_env(
  kobj: kobject,
  action: kobject_action,
  envp_ext: readonly string[],
): number {
  let top_kobj = kobj
  while (top_kobj.kset === null && top_kobj.parent !== null) top_kobj = top_kobj.parent
  const { kset } = top_kobj
  if (kset === null) return -EINVAL
  const { uevent_ops } = kset
  if (uevent_ops?.filter?.(kset, kobj) === false) return 0
  const subsystem = uevent_ops?.name === undefined ? kset.kobj.name : uevent_ops.name(kset, kobj)
  if (subsystem === null) return 0
  const env = kzalloc(kobj_uevent_env)
  if (env === null) return -ENOMEM
  const devpath = kobject_get_path(kobj)
  const retval =
    devpath === null
      ? -ENOENT
      : add_uevent_var(env, 'ACTION=%s', action) ||
        add_uevent_var(env, 'DEVPATH=%s', devpath) ||
        add_uevent_var(env, 'SUBSYSTEM=%s', subsystem) ||
        envp_ext.reduce((error, variable) => error || add_uevent_var(env, '%s', variable), 0) ||
        (uevent_ops?.uevent?.(kset, kobj, env) ?? 0)
  if (retval === 0) sendEvent(kobj, action, env)
  kfree(devpath)
  kfree(env)
  return retval
}

/** Marks the kobject if an "add" or a "remove" is sent, then emits the uevent, an "unbind" without MODALIAS. */
function sendEvent(kobj: kobject, action: kobject_action, env: kobj_uevent_env): void {
  if (action === 'add') kobj.state_add_uevent_sent = true
  if (action === 'remove') kobj.state_remove_uevent_sent = true
  if (action === 'unbind') zap_modalias_env(env)
  const device = kobj.name === null ? '' : text(kobj.name)
  emitEvent('uevent', { object: kobjectId(kobj), action, device, env: [...env.envp] })
}

/** A UUID (include/linux/uuid.h, v4.18), then any number of `KEY=VALUE`, each after one space. */
const synthArguments =
  /^([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})((?: [0-9A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\xff]+=[0-9A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\xff]+)*)$/

/**
 * Models `kobject_action_args` (lib/kobject_uevent.c, v4.18).
 *
 * @param written - the text after the action, without a trailing newline
 * @returns variables of the uevent, which the caller frees; -EINVAL if the text is not a UUID and pairs, or if the
 *   variables do not fit; -ENOMEM if no memory can be allocated for them
 */
function kobject_action_args(written: string): kobj_uevent_env | number {
  if (written === '') return -EINVAL
  const env = kzalloc(kobj_uevent_env)
  if (env === null) return -ENOMEM
  const [, uuid, pairs = ''] = synthArguments.exec(written) ?? []
  let error = uuid === undefined ? -EINVAL : add_uevent_var(env, 'SYNTH_UUID=%s', uuid)
  for (const pair of pairs.split(' ').slice(1)) error ||= add_uevent_var(env, 'SYNTH_ARG_%s', pair)
  if (error === 0) return env
  kfree(env)
  return -EINVAL
}

/**
 * Models `kobject_synth_uevent` (lib/kobject_uevent.c, v4.18): handles a write to a "uevent" file. The first word is
 * the action. A UUID and pairs may follow.
 *
 * @param buf - the written bytes; one trailing newline or NUL is ignored
 * @returns 0; -EINVAL for an invalid action or invalid arguments; -ENOMEM; or the error of `kobject_uevent_env`. Every
 *   error is also printed on the console.
 */
export function kobject_synth_uevent(kobj: kobject, buf: Uint8Array): number {
  const written = fromBytes(buf).replace(/[\n\0]$/, '')
  const space = written.indexOf(' ')
  const word = space < 0 ? written : written.slice(0, space)
  const action = kobject_actions.find((one) => one === word)
  if (action === undefined) return refuseEvent(kobj, -EINVAL, 'unknown uevent action string\n')
  if (space < 0) return refuseEvent(kobj, kobject_uevent_env(kobj, action, ['SYNTH_UUID=0']))
  const env = kobject_action_args(written.slice(space + 1))
  if (typeof env === 'number') {
    return refuseEvent(kobj, env, env === -EINVAL ? 'incorrect uevent action arguments\n' : undefined)
  }
  const error = kobject_uevent_env(kobj, action, env.envp)
  kfree(env)
  return refuseEvent(kobj, error)
}

/**
 * Prints why a written uevent was not sent; prints nothing if `error` is 0. The default message has no trailing
 * newline, as in the kernel. Returns `error`.
 */
function refuseEvent(kobj: kobject, error: number, message = 'failed to send uevent'): number {
  if (error === 0) return 0
  const devpath = kobject_get_path(kobj)
  printk(LOGLEVEL_WARNING, 'synth uevent: %s: %s', devpath ?? 'unknown device', message)
  kfree(devpath)
  return error
}
