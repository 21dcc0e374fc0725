// SPDX-License-Identifier: GPL-2.0-only
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { VariantBuilder, type ModelVariant } from '../src/index.ts'
import { base, makeFixture, replacing, seriesOf, specOf } from './fixture.ts'

/** Path of a new model file that is hard to compile. */
const path = 'packages/models/of/src/bomb.ts'

const fixture = makeFixture()
const memoryMegabytes = 256
/** Never stops a compilation for its time, even on a busy machine. */
let patient: VariantBuilder
/** Stops a compilation after 10 s. */
let hurried: VariantBuilder

beforeAll(async () => {
  patient = await VariantBuilder.create({ ...fixture, limits: { milliseconds: 300_000, memoryMegabytes } })
  hurried = await VariantBuilder.create({ ...fixture, limits: { milliseconds: 10_000, memoryMegabytes } })
}, 60_000)

afterAll(async () => {
  await patient.dispose()
  await hurried.dispose()
  fixture.remove()
})

const build = async (builder: VariantBuilder, text: string): Promise<ModelVariant> =>
  builder.build(specOf(['bomb', seriesOf('bomb', { [path]: () => text })]))

const buildFine = async (builder: VariantBuilder): Promise<ModelVariant> =>
  builder.build(specOf(['fine', seriesOf('fine', { [base]: replacing('return -1', 'return -2') })]))

const nested = (open: string, inner: string, close: string, depth = 20_000): string =>
  `export const x: unknown = ${open.repeat(depth)}${inner}${close.repeat(depth)}\n`

describe('a patch crafted to break the compiler is invalid', () => {
  it.each([
    ['parentheses in parentheses', nested('(', '1', ')')],
    ['lists in lists', nested('[', '', ']')],
    ['lists that do not end', nested('[', '', '', 300_000)],
    ['templates in templates', nested('`${', '1', '}`')],
    ['blocks in blocks', `export function f(): void ${'{'.repeat(20_000)}${'}'.repeat(20_000)}\n`],
    ['types in types', `export type X = ${'{ a: '.repeat(20_000)}1${' }'.repeat(20_000)}\n`],
    ['a sum that is long', `export const x: number = ${'1 + '.repeat(100_000)}1\n`],
    ['calls of calls, which are not checked', `export const x = y${'.z()'.repeat(100_000)}\n`],
  ])(
    'with %s',
    async (_what, text) => {
      expect(await build(patient, text)).toMatchObject({
        status: 'invalid',
        reason: 'the patched models are nested too deeply for the compiler.',
        statements: [],
      })
    },
    300_000,
  )

  it('and does not affect the next patch', async () => {
    expect((await buildFine(patient)).status).toBe('ok')
  }, 300_000)
})

describe('a patch crafted to keep the compiler busy forever', () => {
  it('is stopped: source whose parse is ambiguous an exponential number of times', async () => {
    expect(await build(hurried, `export const x: unknown = ${'a<(b = '.repeat(40)}\n`)).toMatchObject({
      status: 'timeout',
      reason: 'compiling the patched models took longer than 10 s.',
    })
  }, 120_000)

  it('is stopped: types with too many members, by the limit that is reached first', async () => {
    const { status, reason } = await build(
      hurried,
      `type D = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'\n` +
        'type S = `${D}${D}${D}${D}`\n' +
        'type T = { [K in S]: { [L in S]: K | L } }\n' +
        `type U = { [K in keyof T]: T[K] extends T['0000'] ? T[K] : never }[S]\n` +
        'export const x: U = 5 as unknown as T\n',
    )
    expect(['timeout', 'crashed']).toContain(status)
    expect(reason).toMatch(/^compiling the patched models (?:takes more than 256 MB|took longer than 10 s)/)
  }, 120_000)

  it('does not affect the next patch', async () => {
    // On a busy machine, the limit may stop this build too. Another compiler process then makes the next build.
    await expect.poll(async () => (await buildFine(hurried)).status, { timeout: 200_000 }).toBe('ok')
  }, 240_000)
})
