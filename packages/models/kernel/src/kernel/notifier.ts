// SPDX-License-Identifier: GPL-2.0-only
import { ENOENT } from '../include/errno.ts'
import { spinForever } from './hang.ts'
import { down_read, down_write, rw_semaphore, up_read, up_write } from './locking/locks.ts'
import { emitEvent } from '../machine/machine.ts'

/** Result of a callback: it ignored the event (include/linux/notifier.h). */
export const NOTIFY_DONE = 0x0000
/** Result of a callback: handled (include/linux/notifier.h, v4.18). */
export const NOTIFY_OK = 0x0001
/** Flag in the result of a callback: stop the chain (include/linux/notifier.h, v4.18). */
export const NOTIFY_STOP_MASK = 0x8000
/** Result of a callback: veto, and stop the chain (include/linux/notifier.h, v4.18). */
export const NOTIFY_BAD = 0x8002
/** Result of a callback: success, and stop the chain (include/linux/notifier.h, v4.18). */
export const NOTIFY_STOP = 0x8001

/** `struct notifier_block` (include/linux/notifier.h, v4.18): a callback on a chain. */
export class notifier_block<Data = unknown> {
  /** Called with the action and the object that it concerns. Returns one of `NOTIFY_*`. */
  notifier_call: (nb: notifier_block<Data>, action: number, data: Data) => number
  next: notifier_block<Data> | null = null
  priority: number

  constructor(call: (nb: notifier_block<Data>, action: number, data: Data) => number, priority = 0) {
    this.notifier_call = call
    this.priority = priority
  }
}

/** `struct blocking_notifier_head` (include/linux/notifier.h, v4.18): a notifier chain protected by an rwsem. */
export class blocking_notifier_head<Data = unknown> {
  readonly name: string
  readonly rwsem: rw_semaphore
  head: notifier_block<Data> | null = null

  /**
   * @param rwsem - name of the lock; by default the name that `BLOCKING_NOTIFIER_HEAD` derives from the name of a
   *   variable
   */
  constructor(name: string, rwsem = `(${name}).rwsem`) {
    this.name = name
    this.rwsem = new rw_semaphore(rwsem)
  }
}

/**
 * Models `blocking_notifier_chain_register` (kernel/notifier.c, v4.18). The chain is sorted by descending priority,
 * then in order of registration. Takes the rwsem for writing: a call from a callback of the same chain deadlocks. A
 * second registration of the same block is not detected. If the block is the last of its priority, it becomes its own
 * successor, and the chain never ends. Otherwise the chain loses the blocks of the same priority after it. Always
 * returns 0.
 */
export function blocking_notifier_chain_register<Data>(
  nh: blocking_notifier_head<Data>,
  n: notifier_block<Data>,
): number {
  down_write(nh.rwsem)
  let before: notifier_block<Data> | null = null
  let after = nh.head
  let passed = 0
  while (after !== null && n.priority <= after.priority) {
    before = after
    after = after.next
    if (++passed > maxBlocks) spinForever(nh.name)
  }
  n.next = after
  if (before === null) nh.head = n
  else before.next = n
  emitEvent('notifier.register', { head: nh.name, callback: n.notifier_call.name })
  up_write(nh.rwsem)
  return 0
}

/**
 * Models `blocking_notifier_chain_unregister` (kernel/notifier.c, v4.18). Returns 0, or -ENOENT if the block is not on
 * the chain. Takes the rwsem for writing.
 */
export function blocking_notifier_chain_unregister<Data>(
  nh: blocking_notifier_head<Data>,
  n: notifier_block<Data>,
): number {
  down_write(nh.rwsem)
  let result = -ENOENT
  if (nh.head === n) {
    nh.head = n.next
    result = 0
  } else {
    let passed = 0
    for (let nb = nh.head; nb !== null; nb = nb.next) {
      if (++passed > maxBlocks) spinForever(nh.name)
      if (nb.next !== n) continue
      nb.next = n.next
      result = 0
      break
    }
  }
  if (result === 0) emitEvent('notifier.unregister', { head: nh.name, callback: n.notifier_call.name })
  up_write(nh.rwsem)
  return result
}

/**
 * Models `blocking_notifier_call_chain` (kernel/notifier.c, v4.18): calls the blocks in order, with the rwsem held for
 * reading, until one stops the chain. Does not take the rwsem if the chain is empty.
 *
 * @returns the result of the last callback that was called; `NOTIFY_DONE` if the chain is empty
 */
export function blocking_notifier_call_chain<Data>(
  nh: blocking_notifier_head<Data>,
  action: number,
  data: Data,
): number {
  if (nh.head === null) return NOTIFY_DONE
  down_read(nh.rwsem)
  const result = notifier_call_chain(nh, action, data)
  up_read(nh.rwsem)
  return result
}

/**
 * Models `notifier_call_chain` (kernel/notifier.c, v4.18). Returns the result of the last callback, or of the first one
 * that stops the chain.
 */
function notifier_call_chain<Data>(nh: blocking_notifier_head<Data>, action: number, data: Data): number {
  let result = NOTIFY_DONE
  let calls = 0
  for (let nb = nh.head; nb !== null;) {
    const next: notifier_block<Data> | null = nb.next
    result = nb.notifier_call(nb, action, data)
    emitEvent('notifier.call', { head: nh.name, callback: nb.notifier_call.name, action, result })
    if ((result & NOTIFY_STOP_MASK) !== 0) break
    if (++calls > maxBlocks) spinForever(nh.name)
    nb = next
  }
  return result
}

/** A longer chain is a loop, made by registering a block twice. */
const maxBlocks = 1000

/**
 * Models `notifier_to_errno` (include/linux/notifier.h, v4.18). Returns 0 for `NOTIFY_OK`, `NOTIFY_DONE` and
 * `NOTIFY_STOP`, otherwise a negative errno (-EPERM for `NOTIFY_BAD`).
 */
export function notifier_to_errno(result: number): number {
  const code = result & ~NOTIFY_STOP_MASK
  return code > NOTIFY_OK ? NOTIFY_OK - code : 0
}

/**
 * Models `notifier_from_errno` (include/linux/notifier.h, v4.18). Returns the result with which a callback makes the
 * chain fail with `error`; `NOTIFY_OK` if `error` is 0.
 */
export function notifier_from_errno(error: number): number {
  return error === 0 ? NOTIFY_OK : NOTIFY_STOP_MASK | (NOTIFY_OK - error)
}
