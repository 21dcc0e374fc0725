// SPDX-License-Identifier: GPL-2.0-only
import {
  alloc_workqueue,
  complete,
  completion,
  container_of,
  EINVAL,
  embed,
  ENOMEM,
  EOPNOTSUPP,
  fileScope,
  followPointer,
  fromBytes,
  kernelKobject,
  kfree,
  kstrdup,
  kzalloc,
  pr_err,
  pr_info,
  queue_work,
  struct,
  sysfs_create_file,
  wait_for_completion,
  work_struct,
  WQ_UNBOUND,
  type workqueue_struct,
} from '@pfo-workbench/kernel'
import { dlpar_cpu, type ProcessorRequest } from './hotplug-cpu.ts'
import { parseCInteger } from './integer.ts'

/** A request from /sys/kernel/dlpar, or the kernel's own request to re-add memory. */
export interface HotplugRequest extends ProcessorRequest {
  readonly resource: 'memory' | 'cpu'
}

/** `struct pseries_hp_errorlog` (arch/powerpc/include/asm/rtas.h, v4.18): a request about processors or memory. */
export class pseries_hp_errorlog extends struct {
  request: HotplugRequest | null = null
}

/** An `int *` for the result of a request. */
interface RequestResult {
  rc: number
}

/** `struct pseries_hp_work` (arch/powerpc/platforms/pseries/dlpar.c, v4.18). */
class pseries_hp_work extends struct {
  readonly work: work_struct = embed(
    this,
    new work_struct(pseries_hp_work_fn, '(work_completion)((struct work_struct *)work)'),
  )
  errlog: pseries_hp_errorlog | null = null
  hp_completion: completion | null = null
  rc: RequestResult | null = null
}

const hotplug = fileScope(() => ({ pseries_hp_wq: null as workqueue_struct | null }))

/**
 * Models `handle_dlpar_errorlog` (arch/powerpc/platforms/pseries/dlpar.c, v4.18) of a kernel with `CONFIG_HOTPLUG_CPU`
 * but without memory hotplug.
 *
 * @returns the result of `dlpar_cpu`; -EOPNOTSUPP for memory
 */
function handle_dlpar_errorlog(errlog: pseries_hp_errorlog): number {
  const request = followPointer(errlog.request)
  return request.resource === 'cpu' ? dlpar_cpu(request) : -EOPNOTSUPP
}

/**
 * Models `pseries_hp_work_fn` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): executes a request, stores its result,
 * wakes the waiting task and frees the request.
 */
function pseries_hp_work_fn(work: work_struct): void {
  const hp_work = container_of<pseries_hp_work>(work)
  const rc = handle_dlpar_errorlog(followPointer(hp_work.errlog))
  if (hp_work.rc !== null) hp_work.rc.rc = rc
  if (hp_work.hp_completion !== null) complete(hp_work.hp_completion)
  kfree(hp_work.errlog)
  kfree(hp_work)
}

/**
 * Models `queue_hotplug_event` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): queues a copy of the request for a
 * worker. The allocation of the copy is not checked: if it fails, there is an Oops. If the allocation of the work
 * fails, the function sets `rc` to -ENOMEM and completes `hotplug_done`; this is an Oops if either is null.
 *
 * @param hotplug_done - completed when the worker is done or cannot start; null if no task waits
 * @param rc - set to the result before `hotplug_done` is completed; null if the caller does not need the result
 */
export function queue_hotplug_event(
  hp_errlog: pseries_hp_errorlog,
  hotplug_done: completion | null,
  rc: RequestResult | null,
): void {
  const hp_errlog_copy = followPointer(kzalloc(pseries_hp_errorlog))
  hp_errlog_copy.request = hp_errlog.request
  const work = kzalloc(pseries_hp_work)
  if (work === null) {
    followPointer(rc).rc = -ENOMEM
    kfree(hp_errlog_copy)
    complete(followPointer(hotplug_done))
    return
  }
  work.errlog = hp_errlog_copy
  work.hp_completion = hotplug_done
  work.rc = rc
  queue_work(followPointer(hotplug().pseries_hp_wq), work.work)
}

/**
 * The words of a request, in order. A missing or invalid word makes the request invalid. Later words are still read,
 * but only the first error is logged. If the first error is a missing keyword, nothing is logged.
 */
class Words {
  isRefused = false
  readonly #words: readonly string[]
  #next = 0

  constructor(line: string) {
    this.#words = line.split(' ')
  }

  /** Returns the next word, one of `choices`; otherwise null. Ignores a trailing newline, as in `sysfs_streq`. */
  oneOf<Choice extends string>(what: string, choices: readonly Choice[]): Choice | null {
    const word = this.#nextWord()
    const found = choices.find((choice) => choice === word?.replace(/\n$/, ''))
    return found ?? this.#refuse(word === undefined ? null : `Invalid ${what} specified.`)
  }

  /** Returns the next word as a 32-bit number, or null. */
  aNumber(what: string): number | null {
    const word = this.#nextWord()
    if (word === undefined) return this.#refuse(`No ${what} specified.`)
    const number = parseCInteger(word)
    const isRead = typeof number !== 'number' && number.value <= 0xffffffff
    return isRead ? number.value : this.#refuse(`Invalid ${what} specified.`)
  }

  #nextWord(): string | undefined {
    return this.#words[this.#next++]
  }

  #refuse(complaint: string | null): null {
    if (complaint !== null && !this.isRefused) pr_err('dlpar: %s\n', complaint)
    this.isRefused = true
    return null
  }
}

/**
 * Parses `<memory|cpu> <add|remove> <index|count|indexed-count> <n> [<n>]`; null if a word is missing or invalid.
 * Further words are ignored.
 */
function readRequest(line: string): HotplugRequest | null {
  const words = new Words(line)
  const resource = words.oneOf('resource', ['memory', 'cpu'])
  const action = words.oneOf('action', ['add', 'remove'])
  const id_type = words.oneOf('id_type', ['indexed-count', 'index', 'count'])
  const count = id_type === 'index' ? 0 : words.aNumber('DRC count')
  const index = id_type === 'count' ? 0 : words.aNumber('DRC Index')
  if (words.isRefused || resource === null || action === null || id_type === null) return null
  return { resource, action, id_type, count: count ?? 0, index: index ?? 0 }
}

/**
 * Executes a request and waits for its result: 0, a negative errno, or a positive status of firmware. -EINVAL for an
 * invalid request.
 */
function doRequest(line: string, hp_elog: pseries_hp_errorlog): number {
  hp_elog.request = readRequest(line)
  if (hp_elog.request === null) return -EINVAL
  const hotplug_done = new completion('hotplug_done')
  const outcome: RequestResult = { rc: 0 }
  queue_hotplug_event(hp_elog, hotplug_done, outcome)
  wait_for_completion(hotplug_done)
  return outcome.rc
}

/**
 * Models `dlpar_store` (arch/powerpc/platforms/pseries/dlpar.c, v4.18), a write to `/sys/kernel/dlpar`. No request
 * concerns the platform facilities.
 *
 * @returns the length of the written text; -EINVAL, -ENOMEM, or the error of the request, which can be a positive
 * status of firmware
 */
function dlpar_store(buf: Uint8Array): number {
  const line = fromBytes(buf)
  const argbuf = kstrdup(line)
  const hp_elog = kzalloc(pseries_hp_errorlog)
  if (hp_elog === null || argbuf === null) {
    pr_info('dlpar: Could not allocate resources for DLPAR operation\n')
    kfree(argbuf)
    kfree(hp_elog)
    return -ENOMEM
  }
  const rc = doRequest(line, hp_elog)
  kfree(argbuf)
  kfree(hp_elog)
  if (rc !== 0) pr_err('dlpar: Could not handle DLPAR request "%s"\n', line)
  return rc === 0 ? buf.length : rc
}

/** Models `dlpar_show` (arch/powerpc/platforms/pseries/dlpar.c, v4.18). */
function dlpar_show(): string {
  return 'memory,cpu\n'
}

/** Models `dlpar_workqueue_init` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): 0 or -ENOMEM. */
function dlpar_workqueue_init(): number {
  const state = hotplug()
  state.pseries_hp_wq ??= alloc_workqueue('pseries hotplug workqueue', WQ_UNBOUND, 1)
  return state.pseries_hp_wq === null ? -ENOMEM : 0
}

/**
 * Models `dlpar_sysfs_init` (arch/powerpc/platforms/pseries/dlpar.c, v4.18), a device initcall: creates the workqueue
 * for requests and `/sys/kernel/dlpar`.
 *
 * @returns 0, -ENOMEM, or the error of the file
 */
export function dlpar_sysfs_init(): number {
  const error = dlpar_workqueue_init()
  if (error !== 0) return error
  return sysfs_create_file(followPointer(kernelKobject()), 'dlpar', dlpar_show, dlpar_store)
}
