// SPDX-License-Identifier: GPL-2.0-only
import { kasanStackRedzone, stackRedzone } from '@pfo-workbench/object'
import { Halt } from './halt.ts'
import { isAtLeast } from './config.ts'
import type { Machine } from './machine.ts'
import { addressOf } from './memory.ts'
import type { ObjectRecord } from './objects.ts'
import { redzone } from './allocator.ts'
import { faultText, printOops, printSleepInAtomic, printWarning, type Fault } from './reports.ts'
import { chainAt, type CallSites } from './stack.ts'

/** Flags of an entry of the bug table (include/asm-generic/bug.h). */
const bugFlags = { warning: 1, once: 2, noCutHere: 8 } as const

/**
 * Handles an access that the shadow forbids. An access to memory that belongs to an object is reported once per object,
 * field and place, and the kernel continues, as on real hardware. An access to any other address is an Oops. While the
 * journal is silent, nothing is reported.
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

/** Like `badAccess`, for a range: reports the first forbidden byte. */
export function badRange(machine: Machine, pointer: bigint, length: bigint, write: boolean): void {
  const unsigned = BigInt.asUintN(64, pointer)
  const size = BigInt.asUintN(64, length)
  const room = BigInt(machine.memory.size)
  if (size > room || !machine.memory.holds(unsigned, Number(size))) {
    // The access runs past the end of memory. That is an Oops, whatever the memory before the end allows.
    if (!machine.journal.silent) oops(machine, { kind: 'access', pointer: unsigned, write })
    return
  }
  badAccess(machine, unsigned, Number(size), write)
}

/** Reports an access to memory that belongs to an object or a variable. @returns false if it belongs to none */
function reportAccess(machine: Machine, address: number, size: number, write: boolean): boolean {
  const access = write ? 'write' : 'read'
  const callSites = machine.callSitesHere()
  const object = machine.objects.near(address, redzone)
  const freedBy = object === null ? null : machine.objects.freedAt(object)
  if (object === null || freedBy === null) {
    const beside = object ?? variableBeside(machine, address)
    if (beside === null) return false
    const { id, struct } = beside
    const offset = address - beside.address
    if (isNew(machine, [id, offset, access], callSites)) {
      machine.journal.emit('out-of-bounds', { object: id, struct, offset, size, access }, callSites)
    }
    return true
  }
  const { id, struct, allocated: allocatedBy } = object
  const field = fieldOf(machine, object, address - object.address)
  if (isNew(machine, [id, field, access], callSites)) {
    machine.journal.emit(
      'use-after-free',
      { object: id, struct, field, access, allocatedBy, freedBy },
      callSites,
    )
  }
  return true
}

/** A variable whose bounds were exceeded. */
interface Beside {
  readonly id: string
  readonly struct: string
  readonly address: number
}

function variableBeside(machine: Machine, address: number): Beside | null {
  const { data, stack } = machine.image.memory
  if (address >= stack.start && address < stack.end) return stackVariableBeside(machine, address)
  if (address < data.start || address >= data.end) return null
  const symbol = machine.symbols.dataBefore(address)
  if (symbol === null) return null
  const struct = symbol.type?.kind === 'struct' ? symbol.type.name : 'bytes'
  return { id: symbol.name, struct, address: addressOf(symbol.address) }
}

/**
 * The variable on the stack to whose redzone an address belongs. The 16 bytes before a variable, which begin with its
 * number, belong to that variable. Other addresses belong to the variable below.
 */
function stackVariableBeside({ memory, shadow, image }: Machine, address: number): Beside | null {
  const isRedzone = (at: number): boolean => shadow.at(at) === kasanStackRedzone
  const { start, end } = image.memory.stack
  let above = address - (address % 8)
  while (above < end && isRedzone(above)) above += 8
  let first = above
  if (above - address > stackRedzone || above === address - (address % 8)) {
    first = address - (address % 8)
    while (first > start && isRedzone(first)) first -= 8
    while (first > start && !isRedzone(first - 8)) first -= 8
  }
  const variable = image.stackVariables[memory.u32(first - stackRedzone)]
  if (variable === undefined) return null
  return { id: `${variable.function}.${variable.name}`, struct: 'stack', address: first }
}

function isNew(machine: Machine, what: readonly (string | number)[], callSites: CallSites): boolean {
  const key = [...what, callSites.sites[0] ?? -1].join(' ')
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
 * @param callSites - the location, if it was recorded before the stack was unwound
 */
export function oops(machine: Machine, fault: Fault, callSites: CallSites = machine.callSitesHere()): never {
  throw reportOops(machine, fault, callSites)
}

/** Like `oops`, but returns the Halt, for a task that was already unwound. */
export function reportOops(machine: Machine, fault: Fault, callSites: CallSites): Halt {
  const chain = chainAt(machine.image, callSites)
  const reason = faultText(machine, fault)
  printOops(machine, fault, chain)
  const held = machine.current.held.map(({ name }) => name)
  machine.journal.emit('oops', { function: chain[0]?.function ?? '?', reason, held }, callSites)
  machine.current.killed = true
  endTask(machine)
  return new Halt('oops', reason)
}

/**
 * Exiting may sleep, whatever locks the task holds: `exit_signals` waits for changes of control groups
 * (kernel/signal.c).
 */
function endTask(machine: Machine): void {
  const { preemptCount, irqsDisabled } = machine.current
  if (preemptCount === 0 && irqsDisabled === 0) return
  const fields = { report: 'sleep-in-atomic', lock: '', function: 'exit_signals', holder: null } as const
  // The image has no C code that ends a task, so there is no call chain.
  machine.journal.emit('lock.report', fields, { sites: [] })
  if (machine.options.lockDebugging) printSleepInAtomic(machine, 'include/linux/cgroup-defs.h:0', [])
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
  const callSites = machine.callSitesHere()
  const chain = chainAt(machine.image, callSites)
  // Before v5.4 no `cut here` line was printed for a WARN without a text.
  const cuts = isAtLeast(machine.options.release, [5, 4]) && (flags & bugFlags.noCutHere) === 0
  printWarning(machine, { at, chain, cutHere: cuts })
  machine.journal.emit('warn', { file, line, function: chain[0]?.function ?? '?', text, once }, callSites)
}

/** The run called a function that has no implementation. Records the function and ends the task. */
export function unmodelled(machine: Machine, name: string): never {
  machine.unmodelled ??= { function: name, callSites: machine.callSitesHere() }
  machine.journal.emit('unmodelled', { function: name })
  throw new Halt('unmodelled', `${name} is not modelled`)
}
