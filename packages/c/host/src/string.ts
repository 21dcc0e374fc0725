// SPDX-License-Identifier: GPL-2.0-only
// Byte functions that powerpc implements in assembler (arch/powerpc/lib), except those that an image defines itself.
// They access memory byte by byte, as C would.
import { modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'

/**
 * The difference of the first two different bytes, within `length` bytes. @param stops - whether to stop at the end of
 * a string
 */
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
