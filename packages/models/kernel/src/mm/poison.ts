// SPDX-License-Identifier: GPL-2.0-only
import type { Memory } from '../c/bytes.ts'
import { currentMachine, undoAfterTrial } from '../machine/machine.ts'
import { oops } from '../kernel/oops.ts'
import {
  POISON_END,
  POISON_FREE,
  reportUseAfterFree,
  SLUB_RED_INACTIVE,
  type SlabRecord,
} from './slab-record.ts'
import { bookkeeping, embedded } from '../c/struct.ts'

/** Size of the red zone behind an object, in bytes: a pointer's. */
const RED_ZONE = 8

/**
 * Overwrites freed bytes as SLUB does: the whole object of the cache they came from, however few of its bytes were asked
 * for. A string function goes on through the red zone; what lies behind, SLUB's own pointer, reads as its end.
 *
 * @param end - size of the objects of that cache, in bytes
 */
export function poisonBytes(memory: Memory, end: number): void {
  memory.bytesBeforeFree = memory.bytes
  if (memory.bytes.length === 0) return
  memory.bytes = new Uint8Array(end + RED_ZONE).fill(POISON_FREE, 0, end).fill(SLUB_RED_INACTIVE, end)
  memory.bytes[end - 1] = POISON_END
}

/**
 * Replaces the fields of a freed struct, and of the structs embedded in it, by traps. With poisoning a number reads
 * as the poison pattern and a pointer leads nowhere; without, the old values are still there.
 */
export function trapFields(object: object, record: SlabRecord, poison: boolean, prefix = ''): void {
  const fields = object as Record<string, unknown>
  for (const key of Object.keys(fields)) {
    if (bookkeeping.has(key)) continue
    const value = fields[key]
    if (value instanceof embedded && value.container === object) {
      trapFields(value, record, poison, `${prefix}${key}.`)
      continue
    }
    let seen = poison ? poisonOf(value) : value
    Object.defineProperty(object, key, {
      configurable: true,
      enumerable: true,
      get: function readTrap(): unknown {
        const machine = currentMachine()
        if (machine.inspecting && machine.trial === null) return value
        reportUseAfterFree(record, prefix + key, 'read')
        return seen
      },
      set: function writeTrap(written: unknown): void {
        reportUseAfterFree(record, prefix + key, 'write')
        const before = seen
        undoAfterTrial(() => (seen = before))
        seen = written
      },
    })
  }
}

/** What a field of freed, poisoned memory reads as. */
function poisonOf(value: unknown): unknown {
  if (typeof value === 'number') return 0x6b6b6b6b
  if (typeof value === 'boolean') return true
  return POISON_POINTER
}

/** A pointer made of poison: it can be copied and compared, but whoever follows it takes an Oops. */
const POISON_POINTER: object = new Proxy(function poison() {}, {
  get: function readPoison(_target, key) {
    return typeof key === 'symbol' || bookkeeping.has(key) ? undefined : followPoison()
  },
  set: followPoison,
  has: followPoison,
  apply: followPoison,
  getPrototypeOf: () => null,
})

function followPoison(): never {
  return oops('Unable to handle kernel paging request for data at address 0x6b6b6b6b6b6b6b6b')
}

/** Gives freed memory the fields of a new object. Who still points there from before points to the new object. */
export function refill(memory: object, fresh: object): void {
  for (const [key, value] of Object.entries(fresh) as [string, unknown][]) {
    if (bookkeeping.has(key)) continue
    if (value instanceof embedded && value.container === fresh) {
      refill((memory as Record<string, object>)[key] ?? value, value)
      continue
    }
    Object.defineProperty(memory, key, { configurable: true, enumerable: true, writable: true, value })
  }
}
