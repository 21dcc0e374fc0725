// SPDX-License-Identifier: GPL-2.0-only
import { shadowStackRedzone, stackRedzone } from '@pfo-workbench/object'
import { Halt } from './halt.ts'
import { isAtLeast } from './config.ts'
import type { Machine } from './machine.ts'
import { addressOf } from './memory.ts'
import type { ObjectRecord } from './objects.ts'
import { redzone } from './allocator.ts'
import { faultText, printOops, printWarning, type Fault } from './reports.ts'
import { chainAt, StackTrack, type Track } from './stack.ts'

/** Flags of an entry of the bug table (include/asm-generic/bug.h). */
const bugFlags = { warning: 1, once: 2, noCutHere: 8 } as const

/**
 * The shadow forbids an access. What belongs to an object is reported once for each object, field and place, and the kernel
 * goes on, as it does on real hardware; an access that leads nowhere is an Oops.
 */
export function badAccess(machine: Machine, pointer: bigint, size: number, write: boolean): void {
  if (machine.journal.silent) return
  const unsigned = BigInt.asUintN(64, pointer)
  if (machine.memory.holds(unsigned, 1)) {
    const address = addressOf(unsigned)
    if (machine.shadow.firstForbidden(address, size) < 0 && machine.memory.holds(unsigned, size)) return
    if (reportAccess(machine, machine.shadow.firstForbidden(address, size), size, write)) return
  }
  oops(machine, { kind: 'access', pointer: unsigned, write })
}

/** As `badAccess`, for a range: the first byte that may not be touched counts. */
export function badRange(machine: Machine, pointer: bigint, length: bigint, write: boolean): void {
  const unsigned = BigInt.asUintN(64, pointer)
  const size = BigInt.asUintN(64, length)
  const room = BigInt(machine.memory.size)
  if (size > room || !machine.memory.holds(unsigned, Number(size))) {
    // The access comes to the end of memory, whatever is before it.
    if (!machine.journal.silent) oops(machine, { kind: 'access', pointer: unsigned, write })
    return
  }
  badAccess(machine, unsigned, Number(size), write)
}

/** Reports an access to memory that belongs to an object or a variable. @returns false if it belongs to none */
function reportAccess(machine: Machine, address: number, size: number, write: boolean): boolean {
  const access = write ? 'write' : 'read'
  const track = new StackTrack()
  if (machine.shadow.at(address) === shadowStackRedzone) {
    return reportStackVariable(machine, address, size, access, track)
  }
  const object = machine.objects.near(address, redzone)
  if (object === null) return false
  const offset = address - object.address
  const { id, struct } = object
  const freedBy = machine.objects.freedAt(object)
  if (freedBy === null) {
    if (isNew(machine, [id, offset, access], track)) {
      machine.journal.emit('out-of-bounds', { object: id, struct, offset, size, access }, track)
    }
    return true
  }
  const field = fieldOf(machine, object, offset)
  if (isNew(machine, [id, field, access], track)) {
    const fields = { object: id, struct, field, access, allocatedBy: object.allocated, freedBy } as const
    machine.journal.emit('use-after-free', fields, track)
  }
  return true
}

/** A variable on the stack was run over; the first bytes of its left redzone hold its number. */
function reportStackVariable(
  machine: Machine,
  address: number,
  size: number,
  access: 'read' | 'write',
  track: Track,
): boolean {
  const { memory, shadow, image } = machine
  // The redzone that was hit is the right one of the variable below it, or the left one of the variable above.
  let start = address - (address % stackRedzone)
  while (start > image.memory.stack.start && shadow.at(start - 1) !== shadowStackRedzone) start -= 8
  const left = start - stackRedzone
  const variable = image.stackVariables[memory.u32(left)] ?? image.stackVariables[memory.u32(start)]
  if (variable === undefined) return false
  const object = `${variable.function}.${variable.name}`
  const offset = address - start
  if (isNew(machine, [object, offset, access], track)) {
    machine.journal.emit('out-of-bounds', { object, struct: 'stack', offset, size, access }, track)
  }
  return true
}

function isNew(machine: Machine, what: readonly (string | number)[], track: Track): boolean {
  const key = [...what, track.positions[0] ?? -1].join(' ')
  if (machine.reported.has(key)) return false
  machine.reported.add(key)
  return true
}

function fieldOf(machine: Machine, { struct }: ObjectRecord, offset: number): string {
  return struct === 'bytes' ? 'bytes' : machine.layouts.fieldAt(struct, offset)
}

/**
 * A fault in kernel mode: prints the Oops, records it, and kills the task. Its locks stay held.
 *
 * @param track - where, if it was noted before the stack was unwound
 */
export function oops(machine: Machine, fault: Fault, track: Track = new StackTrack()): never {
  throw reportOops(machine, fault, track)
}

/** As `oops`, for a task that was unwound already. */
export function reportOops(machine: Machine, fault: Fault, track: Track): Halt {
  const chain = chainAt(machine.image, track.positions)
  const reason = faultText(machine, fault)
  printOops(machine, fault, chain)
  const held = machine.current.held.map(({ name }) => name)
  machine.journal.emit('oops', { function: chain[0]?.function ?? '?', reason, held }, track)
  machine.current.killed = true
  return new Halt('oops', reason)
}

/** A trap with an entry in the bug table: `WARN` returns, `BUG` does not. */
export function trapped(machine: Machine, file: string, line: number, flags: number): void {
  const at = `${file}:${String(line)}`
  if ((flags & bugFlags.warning) === 0) oops(machine, { kind: 'bug', at })
  const text = machine.warnText
  machine.warnText = ''
  const once = (flags & bugFlags.once) !== 0
  if (once) {
    if (machine.warned.has(at)) return
    machine.warned.add(at)
  }
  const track = new StackTrack()
  const chain = chainAt(machine.image, track.positions)
  // Before v5.4 a WARN without a text had no such line.
  const cuts = isAtLeast(machine.options.release, [5, 4]) && (flags & bugFlags.noCutHere) === 0
  printWarning(machine, { at, chain, cutHere: cuts })
  machine.journal.emit('warn', { file, line, function: chain[0]?.function ?? '?', text, once }, track)
}

/** The run reached something that nobody supplies: it ends here, and says what. */
export function unmodelled(machine: Machine, name: string): never {
  machine.unmodelled ??= { function: name, track: new StackTrack() }
  machine.journal.emit('unmodelled', { function: name })
  throw new Halt('unmodelled', `${name} is not modelled`)
}
