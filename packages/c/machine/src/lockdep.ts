// SPDX-License-Identifier: GPL-2.0-only
// The checks of lockdep before a task takes a lock (kernel/locking/lockdep.c). The first report disables lockdep.
import { isAtLeast } from './config.ts'
import type { Machine } from './machine.ts'
import { logLevel, printStack } from './reports.ts'
import { labelOf } from './task.ts'

/** A requested lock. */
export interface RequestedLock {
  readonly lock: bigint
  readonly name: string
  /** True if waiting for the lock sleeps. */
  readonly sleeps: boolean
}

/** Checks a lock before it is taken. */
export function checkAcquisition(machine: Machine, asked: RequestedLock): void {
  const { options, lockReports } = machine
  if (!options.lockDebugging || lockReports.size > 0) return
  if (asked.sleeps && isInvalidContext(machine)) {
    // Sleeping here was already reported, so this is not an event of its own.
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

/**
 * Since v5.7 lockdep knows in which contexts each lock may be waited for: a lock that sleeps must not be taken inside
 * of a spinlock or an RCU section.
 */
function isInvalidContext({ options, current }: Machine): boolean {
  if (!isAtLeast(options.release, [5, 7])) return false
  return current.rcuNesting > 0 || current.held.some(({ sleeps }) => !sleeps)
}

/**
 * Checks for two locks that are taken in both orders. Considers only locks in variables: the class of a lock in an
 * object depends on where it was initialized, which the workbench does not know. Only the innermost held lock counts as
 * the outer lock; the locks around it were recorded when it was taken.
 */
function checkOrder(machine: Machine, asked: RequestedLock): void {
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
  asked: RequestedLock,
  kind: 'recursive-locking' | 'lock-order',
  what: string,
): void {
  machine.lockReports.add(kind)
  print(machine, asked, `WARNING: ${what}`, 'trying to acquire lock')
  const by = machine.chainHere()[0]?.function ?? '?'
  machine.journal.emit('lock.report', { report: kind, lock: asked.name, function: by, holder: null })
}

function print(machine: Machine, { name }: RequestedLock, title: string, what: string): void {
  const { journal, current } = machine
  journal.print(logLevel.warning, title)
  journal.print(logLevel.warning, `${labelOf(current)} is ${what}: (${name})`)
  printStack(machine)
}
