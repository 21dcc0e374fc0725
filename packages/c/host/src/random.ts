// SPDX-License-Identifier: GPL-2.0-only
// drivers/char/random.c: the same numbers in each run.
import { addressOf, modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { named } from './named.ts'

const key = Symbol('random')

/** The next 64-bit number of a linear congruential sequence (Knuth, MMIX). */
export function nextRandom(machine: Machine): bigint {
  const state = machine.stateOf(key, () => ({ last: 0n }))
  state.last = BigInt.asUintN(64, state.last * 6364136223846793005n + 1442695040888963407n)
  return state.last
}

/** A 32-bit number: the upper half, whose bits have a longer period. */
const next32 = (machine: Machine): bigint => nextRandom(machine) >> 32n

function fill(machine: Machine, buffer: bigint, length: number): void {
  const bytes = machine.checked.bytes(buffer, length, true)
  for (let at = 0; at < bytes.length; at++) bytes[at] = addressOf(next32(machine)) & 0xff
}

export const random: HostFunctions = {
  ...named(
    modelled(['u64', 's32'], (machine, buffer, length) => {
      fill(machine, buffer, length)
      return 0
    }),
    'get_random_bytes',
    'get_random_bytes_wait',
  ),
  ...named(modelled([], next32), 'get_random_u32', 'prandom_u32'),
  get_random_u64: modelled([], nextRandom),
}
