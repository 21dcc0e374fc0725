// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compilers, compileToIr, runOnHost } from './support/clang.ts'
import { generateProgram } from './support/generate.ts'
import { build, start } from './support/run.ts'

const folder = join(import.meta.dirname, 'fixtures')
const seeds = [0n, 1n, 0xffffffffffffffffn, 0x0123456789abcdefn, 0x8000000000000000n]

/** Results of native runs of the programs whose IR is committed, by program number. */
const results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Record<string, string[]>
const versions = ['clang-16', 'clang-19'] as const

function fixtureFile(program: string, clang: string): string {
  return join(folder, `program-${program}.${clang}.ll`)
}

function run(ir: string): readonly bigint[] {
  const image = build({ 'program.c': ir })
  expect(image.untranslated).toEqual([])
  const program = start(image)
  return seeds.map((seed) => BigInt.asUintN(64, program.call('test', BigInt.asIntN(64, seed)) as bigint))
}

describe.each(Object.keys(results))('generated program %s', (program) => {
  it.each(versions)('returns its native results, with the IR of %s', (clang) => {
    expect(run(readFileSync(fixtureFile(program, clang), 'utf8')).map(String)).toEqual(results[program])
  })
})

const [clang] = compilers

describe.skipIf(clang === undefined)('with clang installed', () => {
  const found = clang ?? ''

  it.each(Object.keys(results))('program %s is compiled again and returns the same', (number) => {
    const source = generateProgram(Number(number))
    const native = runOnHost(found, source, seeds)
    if (process.env['UPDATE_FIXTURES'] === '1') {
      results[number] = native.map(String)
      writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
      for (const version of versions) {
        writeFileSync(fixtureFile(number, version), compileToIr(version, source, { debug: false }))
      }
    }
    expect(native.map(String)).toEqual(results[number])
    expect(run(compileToIr(found, source))).toEqual(native)
  })

  it('big-endian code returns the same as little-endian code', () => {
    for (const number of [1, 2, 3]) {
      const source = generateProgram(number, false)
      const native = runOnHost(found, source, seeds)
      expect(run(compileToIr(found, source, { target: 'powerpc64-linux-gnu' }))).toEqual(native)
    }
  })
})
