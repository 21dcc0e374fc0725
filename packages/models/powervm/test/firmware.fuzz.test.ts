// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FdtError, Partition, pseriesQemuDeviceTree, readDeviceTree } from '../src/index.ts'
import { RTAS_SERVICES } from '../src/rtas/names.ts'

/** Number of runs; `FUZZ_RUNS=10000` runs longer. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 200)

/** Expects that the blob is read as a tree, or refused with an FdtError that has a reason. */
function expectTypedAnswer(bytes: Uint8Array): void {
  try {
    const { root } = readDeviceTree(bytes)
    expect(Array.isArray(root.children)).toBe(true)
  } catch (error) {
    expect(error).toBeInstanceOf(FdtError)
    expect((error as FdtError).reason).not.toBe('')
  }
}

const word = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 9, 0xd00dfeed, 0xffffffff),
  fc.integer({ min: 0, max: 200 }),
)

/** A header with random fields, and a structure block of tokens, lengths and names in random order. */
const blob = fc
  .record({
    offsets: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(56) }, { weight: 1, arbitrary: word }), {
      minLength: 3,
      maxLength: 3,
    }),
    version: fc.constantFrom(16, 17, 17, 17, 3, 18),
    body: fc.array(word, { maxLength: 60 }),
  })
  .map(({ offsets: [structure = 0, strings = 0, reserved = 0], version, body }) => {
    const bytes = new Uint8Array(56 + body.length * 4)
    const view = new DataView(bytes.buffer)
    const header = [
      0xd00dfeed,
      bytes.length,
      structure,
      strings,
      reserved === 56 ? 40 : reserved,
      version,
      16,
      0,
    ]
    const words = [...header, body.length * 4, body.length * 4, 0, 0, 0, 0, ...body]
    words.forEach((one, i) => {
      view.setUint32(i * 4, one)
    })
    return bytes
  })

describe('for any flattened device tree', () => {
  it('the parser returns a tree or an FdtError', () => {
    fc.assert(fc.property(blob, expectTypedAnswer), { numRuns })
  })

  it('the parser does so for random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectTypedAnswer), { numRuns })
  })

  it('the parser returns an FdtError for any proper prefix of a valid tree', () => {
    const sound = pseriesQemuDeviceTree()
    const length = fc.integer({ min: 0, max: sound.length - 1 })
    fc.assert(
      fc.property(length, (end) => {
        expect(() => readDeviceTree(sound.slice(0, end))).toThrow(FdtError)
      }),
      { numRuns },
    )
  })
})

describe('for any arguments of an RTAS service', () => {
  const argument = fc.oneof(
    fc.integer({ min: -0x80000000, max: 0xffffffff }),
    fc.constantFrom(0, 1, -2, 9001, 9003, 0x50000000, 0x50000001),
    fc
      .array(fc.oneof(fc.constantFrom(0x50000000, 0xfffffff4, 0, 1, 2), word), { maxLength: 8 })
      .map((words) => {
        const area = new Uint8Array(4096)
        const view = new DataView(area.buffer)
        words.forEach((one, i) => {
          view.setUint32(i * 4, one)
        })
        return area
      }),
    fc.uint8Array({ maxLength: 64 }),
  )
  const service = fc.option(fc.constantFrom(...RTAS_SERVICES), { freq: 20 })
  const call = fc.tuple(service, fc.array(argument, { maxLength: 4 }))

  it('the result is a status and outputs, all signed words', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        const partition = new Partition()
        for (const [service, args] of calls) {
          const token = service === null ? 0xffffffff : partition.token(service)
          const [status, ...outputs] = partition.rtas(token, args)
          for (const value of [status, ...outputs]) expect(value).toBe(Number(value) | 0)
        }
      }),
      { numRuns },
    )
  })
})
