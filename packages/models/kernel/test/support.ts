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
  type Machine,
} from '../src/index.ts'
import { must } from '../src/testing.ts'
import { it as plainIt } from 'vitest'

/** Boots a machine without subsystems. */
export function boot(config: Partial<KernelConfig> = {}, options: Partial<BootOptions> = {}): Machine {
  return bootMachine({ devicetree: new Uint8Array(), subsystems: [], config, ...options })
}

/** A test whose `machine` is booted with the defaults of `boot`. */
export const it = plainIt.extend('machine', () => boot())

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
