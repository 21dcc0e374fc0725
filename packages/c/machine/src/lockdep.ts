// SPDX-License-Identifier: GPL-2.0-only
// What lockdep finds wrong with a lock that is about to be taken (kernel/locking/lockdep.c). Its first report turns it off.
import { isAtLeast } from './config.ts'
import type { Machine } from './machine.ts'
import { logLevel, printStack } from './reports.ts'
import { labelOf } from './task.ts'

/** A lock that a task asks for. */
export interface AskedLock {
  readonly lock: bigint
  readonly name: string
  /** Who waits for it sleeps. */
  readonly sleeps: boolean
}

/** Checks a lock before it is taken. */
export function checkAcquisition(machine: Machine, asked: AskedLock): void {
  const { options, lockReports } = machine
  if (!options.lockDebugging || lockReports.size > 0) return
  if (asked.sleeps && isInvalidContext(machine)) {
    // Whoever asks to sleep was complained about already: this is no event of its own.
    print(machine, asked, '[ BUG: Invalid wait context ]', 'trying to lock')
    lockReports.add('invalid-wait-context')
    return
  }
  if (machine.current.held.some(({ lock }) => lock === asked.lock)) {
    report(machine, asked, 'recursive-locking', 'possible recursive locking detected')
    return
  }
  checkOrder(machine, asked)
}

/** Since v5.7 each lock says what it may be waited for in: nothing that sleeps inside of a spinlock or an RCU section. */
function isInvalidContext({ options, current }: Machine): boolean {
  return isAtLeast(options.release, [5, 7]) && (current.preemptCount > 0 || current.rcuNesting > 0)
}

/**
 * Two locks that are taken in both orders. Only variables are looked at: which locks of objects are of one class depends on where
 * each was prepared, which the workbench does not know. Only the innermost lock that is held counts as the one before: those around
 * it were noted when it was taken.
 */
function checkOrder(machine: Machine, asked: AskedLock): void {
  const { lockOrder, current } = machine
  const outer = current.held.findLast(({ lock }) => isVariable(machine, lock))
  if (outer === undefined || outer.name === asked.name || !isVariable(machine, asked.lock)) return
  if (lockOrder.has(orderOf(outer.name, asked.name))) return
  if (leadsTo(lockOrder, asked.name, outer.name))
    report(machine, asked, 'lock-order', 'possible circular locking dependency detected')
  lockOrder.add(orderOf(outer.name, asked.name))
}

function isVariable({ objects }: Machine, lock: bigint): boolean {
  return objects.at(Number(BigInt.asUintN(32, lock))) === null
}

const separator = ' -> '

const orderOf = (outer: string, inner: string): string => outer + separator + inner

function leadsTo(order: ReadonlySet<string>, from: string, to: string): boolean {
  const pairs = [...order].map((one) => one.split(separator))
  const seen = new Set<string>()
  const open = [from]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true
    if (seen.has(name)) continue
    seen.add(name)
    for (const [outer, inner] of pairs) if (outer === name && inner !== undefined) open.push(inner)
  }
  return false
}

function report(
  machine: Machine,
  asked: AskedLock,
  kind: 'recursive-locking' | 'lock-order',
  what: string,
): void {
  machine.lockReports.add(kind)
  print(machine, asked, `WARNING: ${what}`, 'trying to acquire lock')
  const by = machine.chainHere()[0]?.function ?? '?'
  machine.journal.emit('lock.report', { report: kind, lock: asked.name, function: by, holder: null })
}

function print(machine: Machine, { name }: AskedLock, title: string, what: string): void {
  const { journal, current } = machine
  journal.print(logLevel.warning, title)
  journal.print(logLevel.warning, `${labelOf(current)} is ${what}: (${name})`)
  printStack(machine)
}
