// SPDX-License-Identifier: GPL-2.0-only
import {
  alloc_ordered_workqueue,
  container_of,
  EINVAL,
  embed,
  ENOMEM,
  EOPNOTSUPP,
  fileScope,
  flush_work,
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
  work_struct,
  type workqueue_struct,
} from '@pfo-workbench/kernel'
import { parseCInteger } from './integer.ts'

/** What a request asks for: words of /sys/kernel/dlpar, and the kernel's own wish to have memory added once more. */
interface Request {
  readonly resource: 'memory' | 'cpu'
  readonly action: 'add' | 'remove' | 'readd'
  readonly drc_count: number | null
  readonly drc_index: number | null
}

/** `struct pseries_hp_errorlog` (arch/powerpc/include/asm/rtas.h, v4.18): a request about processors or memory. */
export class pseries_hp_errorlog extends struct {
  request: Request | null = null
}

/** An `int *` for the outcome of a request. */
interface Outcome {
  rc: number
}

/** `struct pseries_hp_work` (arch/powerpc/platforms/pseries/dlpar.c, v4.18). */
class pseries_hp_work extends struct {
  readonly work: work_struct = embed(
    this,
    new work_struct(pseries_hp_work_fn, '(work_completion)((struct work_struct *)work)'),
  )
  errlog: pseries_hp_errorlog | null = null
  outcome: Outcome | null = null
}

const hotplug = fileScope(() => ({ pseries_hp_wq: null as workqueue_struct | null }))

/**
 * Models `handle_dlpar_errorlog` (arch/powerpc/platforms/pseries/dlpar.c, v4.18). The machine can neither take memory
 * away nor change its processors.
 *
 * @returns -EOPNOTSUPP
 */
function handle_dlpar_errorlog(_errlog: pseries_hp_errorlog): number {
  return -EOPNOTSUPP
}

/** Models `pseries_hp_work_fn`: does what a request asks for, and frees it. */
function pseries_hp_work_fn(work: work_struct): void {
  const hp_work = container_of<pseries_hp_work>(work)
  const errlog = followPointer(hp_work.errlog)
  const rc = handle_dlpar_errorlog(errlog)
  if (hp_work.outcome !== null) hp_work.outcome.rc = rc
  kfree(errlog)
  kfree(hp_work)
}

/**
 * Models `queue_hotplug_event` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): a worker does what a copy of the request
 * asks for. That there is memory for the copy is not checked: an Oops. Without memory for the work, -ENOMEM is the
 * outcome, and an Oops if nobody wants one.
 *
 * @param outcome - set when the worker is done; null if nobody wants it
 * @returns the work, for whoever waits for it; null if there is none
 */
export function queue_hotplug_event(
  hp_errlog: pseries_hp_errorlog,
  outcome: Outcome | null,
): work_struct | null {
  const copy = followPointer(kzalloc(pseries_hp_errorlog))
  copy.request = hp_errlog.request
  const hp_work = kzalloc(pseries_hp_work)
  if (hp_work === null) {
    followPointer(outcome).rc = -ENOMEM
    kfree(copy)
    return null
  }
  hp_work.errlog = copy
  hp_work.outcome = outcome
  const { work } = hp_work
  queue_work(followPointer(hotplug().pseries_hp_wq), work)
  return work
}

/**
 * The words of a request, one after the other. The first that is missing or wrong has the request refused, and those behind
 * it are not looked at.
 */
class Words {
  isRefused = false
  readonly #words: readonly string[]
  #next = 0

  constructor(line: string) {
    this.#words = line.split(' ')
  }

  /** The next word, which is one of these; a newline at its end does not count, as in `sysfs_streq`. */
  oneOf<Choice extends string>(what: string, choices: readonly Choice[]): Choice | null {
    const word = this.#nextWord()
    const found = choices.find((choice) => choice === word?.replace(/\n$/, ''))
    return found ?? this.#refuse(word === undefined ? null : `Invalid ${what} specified.`)
  }

  /** The next word as a number of 32 bits. */
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

/** Reads `<memory|cpu> <add|remove> <index|count|indexed-count> <n> [<n>]`; null for anything else. */
function readRequest(line: string): Request | null {
  const words = new Words(line)
  const resource = words.oneOf('resource', ['memory', 'cpu'])
  const action = words.oneOf('action', ['add', 'remove'])
  const by = words.oneOf('id_type', ['indexed-count', 'index', 'count'])
  const drc_count = by === 'index' ? null : words.aNumber('DRC count')
  const drc_index = by === 'count' ? null : words.aNumber('DRC Index')
  if (words.isRefused || resource === null || action === null) return null
  return { resource, action, drc_count, drc_index }
}

/** Does a request and waits for its outcome: 0 or a negative errno. */
function doRequest(line: string, hp_elog: pseries_hp_errorlog): number {
  hp_elog.request = readRequest(line)
  if (hp_elog.request === null) return -EINVAL
  const outcome: Outcome = { rc: 0 }
  const work = queue_hotplug_event(hp_elog, outcome)
  if (work !== null) flush_work(work)
  return outcome.rc
}

/**
 * Models `dlpar_store` (arch/powerpc/platforms/pseries/dlpar.c, v4.18), a write of `/sys/kernel/dlpar`. Nothing that it
 * can do concerns facilities.
 *
 * @returns the length of what was written; -EINVAL, -ENOMEM, or the outcome of the request
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

/**
 * Models `dlpar_sysfs_init` (arch/powerpc/platforms/pseries/dlpar.c, v4.18), a device initcall: the worker of requests, and
 * `/sys/kernel/dlpar`.
 *
 * @returns 0, -ENOMEM, or the error of the file
 */
export function dlpar_sysfs_init(): number {
  const queue = alloc_ordered_workqueue('pseries hotplug workqueue')
  if (queue === null) return -ENOMEM
  hotplug().pseries_hp_wq = queue
  return sysfs_create_file(followPointer(kernelKobject()), 'dlpar', dlpar_show, dlpar_store)
}
