// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { compilers, compileToIr, runOnHost } from './support/clang.ts'
import { generateProgram } from './support/generate.ts'
import { build, start } from './support/run.ts'

/** A program takes half a second, so one program replaces a thousand runs of other fuzz tests. */
const programs = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 3000) / 1000)
const first = Number(
  process.env['FUZZ_SEED'] ?? (process.env['FUZZ_RUNS'] === undefined ? 1000 : Date.now() % 1e9),
)
const seeds = [0n, 1n, 0xffffffffffffffffn, 0xfedcba9876543210n]
const [clang] = compilers

describe.skipIf(clang === undefined)('generated programs', () => {
  const found = clang ?? ''

  it.each(Array.from({ length: programs }, (_, i) => first + i))(
    'with seed %i return the same natively and as WebAssembly',
    (seed) => {
      // Compile every third program for big-endian.
      const bigEndian = seed % 3 === 0
      const source = generateProgram(seed, !bigEndian)
      const native = runOnHost(found, source, seeds)
      const ir = compileToIr(found, source, bigEndian ? { target: 'powerpc64-linux-gnu' } : {})
      const program = start(build({ 'program.c': ir }))
      const ours = seeds.map((one) =>
        BigInt.asUintN(64, program.call('test', BigInt.asIntN(64, one)) as bigint),
      )
      expect(ours).toEqual(native)
    },
  )
})
