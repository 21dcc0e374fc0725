// SPDX-License-Identifier: GPL-2.0-only
// Functions on bytes that the powerpc tree has in assembler (arch/powerpc/lib). They touch memory as C would, byte by byte
// as far as a fault can be seen.
import { addressOf, badRange, modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'

function checkRange(machine: Machine, pointer: bigint, length: bigint, write: boolean): number {
  const isInside = length <= BigInt(machine.memory.size) && machine.memory.holds(pointer, Number(length))
  const address = addressOf(pointer)
  if (!isInside || machine.shadow.firstForbidden(address, Number(length)) >= 0) {
    badRange(machine, pointer, length, write)
  }
  return address
}

/** `memmove`, and `memcpy`: what overlaps is copied as if it did not. */
const move = modelled(['u64', 'u64', 'u64'], (machine, to, from, length) => {
  if (length === 0n) return to
  const source = checkRange(machine, from, length, false)
  const target = checkRange(machine, to, length, true)
  machine.memory.bytes.copyWithin(target, source, source + Number(length))
  return to
})

/** The difference of the first bytes that differ, of `length` at most. @param stops - at the end of a string */
function compare(machine: Machine, a: bigint, b: bigint, length: bigint, stops: boolean): number {
  for (let at = 0n; at < length; at++) {
    const left = machine.checked.u8(a + at)
    const right = machine.checked.u8(b + at)
    if (left !== right) return left - right
    if (stops && left === 0) return 0
  }
  return 0
}

export const string: HostFunctions = {
  memcpy: move,
  memmove: move,
  memset: modelled(['u64', 's32', 'u64'], (machine, to, byte, length) => {
    if (length === 0n) return to
    const address = checkRange(machine, to, length, true)
    machine.memory.bytes.fill(byte & 0xff, address, address + Number(length))
    return to
  }),
  memcmp: modelled(['u64', 'u64', 'u64'], (machine, a, b, length) => compare(machine, a, b, length, false)),
  memchr: modelled(['u64', 's32', 'u64'], (machine, from, byte, length) => {
    for (let at = 0n; at < length; at++) if (machine.checked.u8(from + at) === (byte & 0xff)) return from + at
    return 0n
  }),
  strncmp: modelled(['u64', 'u64', 'u64'], (machine, a, b, length) => compare(machine, a, b, length, true)),
  strncpy: modelled(['u64', 'u64', 'u64'], (machine, to, from, length) => {
    let hasEnded = false
    for (let at = 0n; at < length; at++) {
      const byte = hasEnded ? 0 : machine.checked.u8(from + at)
      if (byte === 0) hasEnded = true
      machine.checked.setU8(to + at, byte)
    }
    return to
  }),
}
