// SPDX-License-Identifier: GPL-2.0-only
import {
  bootMachine,
  embed,
  kfree,
  kobject,
  kobject_init,
  kzalloc,
  container_of,
  struct,
  type BootOptions,
  type kobj_type,
  type KernelConfig,
  type KernelEvent,
  type KernelEventType,
  type Machine,
} from '../src/index.ts'

/** Boots a machine without subsystems. */
export function boot(config: Partial<KernelConfig> = {}, options: Partial<BootOptions> = {}): Machine {
  return bootMachine({ devicetree: new Uint8Array(), subsystems: [], config, ...options })
}

export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the test expected something here')
  return value
}

/** Runs kernel code as a task that must return. */
export function run<T>(machine: Machine, body: () => T): T {
  const returned = machine.task('test', () => ({ value: body() }))
  if (returned === null) throw new Error(`the task did not come back:\n${machine.console.join('\n')}`)
  return returned.value
}

export function eventsOf<K extends KernelEventType>(machine: Machine, type: K): KernelEvent<K>[] {
  return machine.events.filter((event) => event.type === type) as unknown as KernelEvent<K>[]
}

/** Returns the console lines that `body` prints. */
export function consoleOf(machine: Machine, body: () => void): string[] {
  const before = machine.console.length
  body()
  return machine.console.slice(before)
}

/** Returns the names of the kernel functions of a call chain, innermost first. */
export function functionsOf(chain: readonly { readonly function: string }[]): string[] {
  return chain.map((frame) => frame.function)
}

/** An object with a reference counter, as drivers have them. */
export class thing extends struct {
  readonly kobj: kobject = embed(this, new kobject())
  value = 1
  other: thing | null = null
}

export const thing_ktype: kobj_type = {
  release: function thing_release(kobj) {
    kfree(container_of<thing>(kobj))
  },
}

export function new_thing(): thing {
  const one = must(kzalloc(thing))
  kobject_init(one.kobj, thing_ktype)
  return one
}
