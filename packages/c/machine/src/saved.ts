// SPDX-License-Identifier: GPL-2.0-only
import type { SavedHeap } from './allocator.ts'
import type { SavedDeferred } from './deferred.ts'
import type { PlainData } from './host-state.ts'
import type { SavedJournal } from './journal.ts'
import type { Machine, Outcome } from './machine.ts'
import type { SavedObjects } from './objects.ts'
import { copyTask, type Task } from './task.ts'

/** The sets and maps of a machine that its state contains. */
type MachineSets = Pick<
  Machine,
  'assumed' | 'taints' | 'warned' | 'reported' | 'waitingWriters' | 'lockOrder' | 'lockReports'
>

/** A saved state of a machine at rest. Opaque: only `restoreMachine` uses it, and only for the same machine. */
export interface SavedMachine {
  readonly memory: Uint8Array<ArrayBuffer>
  readonly shadow: Uint8Array<ArrayBuffer>
  readonly heap: SavedHeap
  readonly objects: SavedObjects
  readonly journal: SavedJournal
  readonly deferred: SavedDeferred
  readonly hostStates: ReadonlyMap<symbol, PlainData>
  readonly tasks: readonly Task[]
  readonly outcome: Outcome
  readonly unmodelled: Machine['unmodelled']
  readonly oopses: number
  readonly linkedModules: readonly string[]
  readonly warnText: string
  readonly sets: MachineSets
}

/** Copies the sets and maps of a machine. */
function copySets(from: MachineSets): MachineSets {
  const { assumed, taints, warned, reported, waitingWriters, lockOrder, lockReports } = from
  return {
    assumed: new Set(assumed),
    taints: new Set(taints),
    warned: new Set(warned),
    reported: new Set(reported),
    waitingWriters: new Map(waitingWriters),
    lockOrder: new Set(lockOrder),
    lockReports: new Set(lockReports),
  }
}

/** Copies the state of a machine at rest. @throws Error while a task runs: V8's stack cannot be saved */
export function saveMachine(machine: Machine): SavedMachine {
  if (machine.isRunning) throw new Error('a machine can be saved only at rest, not while a task runs')
  const { memory, shadow, allocator, image } = machine
  const { start } = image.memory.data
  const length = allocator.end - start
  const range = shadow.range(start, length)
  return {
    memory: memory.bytes.slice(start, allocator.end),
    shadow: shadow.bytes.slice(range.start, range.end),
    heap: allocator.save(),
    objects: machine.objects.save(),
    journal: machine.journal.save(),
    deferred: machine.deferred.save(),
    hostStates: machine.hostStates.save(),
    tasks: machine.tasks.map(copyTask),
    outcome: machine.outcome,
    unmodelled: machine.unmodelled,
    oopses: machine.oopses,
    linkedModules: machine.linkedModules,
    warnText: machine.warnText,
    sets: copySets(machine),
  }
}

/** Returns a machine to a state that was saved from it. @throws Error while a task runs */
export function restoreMachine(machine: Machine, saved: SavedMachine): void {
  if (machine.isRunning) throw new Error('a machine can be restored only at rest, not while a task runs')
  const { memory, shadow, allocator, image } = machine
  const { data, stack } = image.memory
  allocator.restore(saved.heap)
  memory.bytes.set(saved.memory, data.start)
  shadow.bytes.set(saved.shadow, shadow.range(data.start, 0).start)
  // Otherwise uninitialized variables of the next run would contain data of the previous one.
  memory.bytes.fill(0, stack.start, stack.end)
  shadow.allow(stack.start, stack.end - stack.start)
  machine.objects.restore(saved.objects)
  machine.journal.restore(saved.journal)
  machine.deferred.restore(saved.deferred)
  machine.hostStates.restore(saved.hostStates)
  machine.tasks = saved.tasks.map(copyTask)
  machine.outcome = saved.outcome
  machine.unmodelled = saved.unmodelled
  machine.oopses = saved.oopses
  machine.linkedModules = saved.linkedModules
  machine.warnText = saved.warnText
  machine.failing = null
  // New sets: a set that is cleared again and again links each of its tables to the next, so that no quick garbage
  // collection frees them.
  Object.assign(machine, copySets(saved.sets))
}
