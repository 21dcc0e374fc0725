// SPDX-License-Identifier: GPL-2.0-only

/**
 * Helpers for the tests of models.
 *
 * @packageDocumentation
 */
import type { Machine } from './machine/boot.ts'
import type { KernelEvent, KernelEventType } from './machine/events.ts'

/**
 * Returns a value that the test requires.
 *
 * @throws Error if there is none
 */
export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the test expected something here')
  return value
}

/**
 * Runs kernel code as a task.
 *
 * @throws Error if the task did not return, so that no expectation is skipped silently
 */
export function run<T>(machine: Machine, body: () => T): T {
  const returned = machine.task('test', () => ({ value: body() }))
  if (returned === null) {
    throw new Error(`the task did not come back: ${machine.outcome}\n${machine.console.join('\n')}`)
  }
  return returned.value
}

/**
 * Runs kernel code that must not return. Returns the machine's outcome.
 *
 * @throws Error if the code returned
 */
export function runToDeath(machine: Machine, body: () => unknown): Machine['outcome'] {
  const returned = machine.task('test', () => ({ value: body() }))
  if (returned !== null) throw new Error('the task came back')
  return machine.outcome
}

/** The events of a type. */
export function eventsOf<Type extends KernelEventType>(machine: Machine, type: Type): KernelEvent<Type>[] {
  const isOfType = (event: KernelEvent): event is KernelEvent<Type> & KernelEvent => event.type === type
  return machine.events.filter(isOfType)
}

/** The console lines that `body` prints. */
export function consoleOf(machine: Machine, body: () => unknown): string[] {
  const before = machine.console.length
  body()
  return machine.console.slice(before)
}
