// SPDX-License-Identifier: GPL-2.0-only

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))

/** A factor as a 32-bit multiplier, an addend and a right shift. */
interface Factor {
  readonly mul: bigint
  readonly adj: bigint
  readonly shift: bigint
}

/** The factor n/d, with the smallest shift for which the rounded-up multiplier has 32 bits. */
function factor(n: bigint, d: bigint): Factor {
  let shift = 0n
  const mul = (): bigint => ((1n << shift) * n + d - 1n) / d
  while (mul() < 1n << 31n) shift++
  const reduced = d / gcd(n, d)
  return { mul: mul(), adj: ((1n << shift) * (reduced - 1n)) / reduced, shift }
}

const hex = (value: bigint): string => `0x${value.toString(16).toUpperCase()}ULL`

/**
 * Generates `include/generated/timeconst.h`: constants that convert between jiffies and units of time
 * (kernel/time/timeconst.bc).
 *
 * @param hz - CONFIG_HZ
 */
export function timeconst(hz: number): string {
  const lines = [`#if HZ != ${String(hz)}`, '#error "timeconst.h is for another HZ"', '#endif']
  for (const [unit, persecond, isMultiplied] of [
    ['MSEC', 1_000n, true],
    ['USEC', 1_000_000n, true],
    ['NSEC', 1_000_000_000n, false],
  ] as const) {
    const [n, d] = [persecond / gcd(persecond, BigInt(hz)), BigInt(hz) / gcd(persecond, BigInt(hz))]
    for (const [name, up, down] of [
      [`HZ_TO_${unit}`, n, d],
      [`${unit}_TO_HZ`, d, n],
    ] as const) {
      if (isMultiplied) {
        const { mul, adj, shift } = factor(up, down)
        lines.push(`#define ${name}_MUL32 ${hex(mul)}`, `#define ${name}_ADJ32 ${hex(adj)}`)
        lines.push(`#define ${name}_SHR32 ${String(shift)}`)
      }
      lines.push(`#define ${name}_NUM ${String(up)}`, `#define ${name}_DEN ${String(down)}`)
    }
  }
  return `${lines.join('\n')}\n`
}
