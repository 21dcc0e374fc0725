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

/** Size of the red zone after an object: the size of a pointer, in bytes. */
const RED_ZONE = 8

/**
 * Poisons freed bytes as SLUB does: the whole object of the cache, even if fewer bytes were requested, and a red zone
 * after the object. A string function finds no terminator in either and reads to the end of the red zone. There, the
 * model ends the string in place of the pointer that SLUB stores. Memory of size 0 is not poisoned.
 *
 * @param end - object size of the cache, in bytes
 */
export function poisonBytes(memory: Memory, end: number): void {
  memory.bytesBeforeFree = memory.bytes
  if (memory.bytes.length === 0) return
  memory.bytes = new Uint8Array(end + RED_ZONE).fill(POISON_FREE, 0, end).fill(SLUB_RED_INACTIVE, end)
  memory.bytes[end - 1] = POISON_END
}

/**
 * Replaces the fields of a freed struct, and of its embedded structs, with traps, which report every access. With
 * poisoning, a number reads as the poison pattern, a boolean as true, and a pointer is invalid. Without poisoning, the
 * old values remain. A value that is written later can be read back.
 *
 * @param prefix - path of the embedded struct with a trailing dot, for the names of fields in reports
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

/** Returns the value that a field of freed, poisoned memory reads as. */
function poisonOf(value: unknown): unknown {
  if (typeof value === 'number') return 0x6b6b6b6b
  if (typeof value === 'boolean') return true
  return POISON_POINTER
}

/** A pointer made of poison. It can be copied and compared; dereferencing it is an Oops. */
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

/**
 * Replaces the traps of freed memory with the fields of a new object. Dangling pointers to the old object thus point to
 * the new object.
 */
export function fillAgain(memory: object, fresh: object): void {
  for (const [key, value] of Object.entries(fresh) as [string, unknown][]) {
    if (bookkeeping.has(key)) continue
    if (value instanceof embedded && value.container === fresh) {
      fillAgain((memory as Record<string, object>)[key] ?? value, value)
      continue
    }
    Object.defineProperty(memory, key, { configurable: true, enumerable: true, writable: true, value })
  }
}
