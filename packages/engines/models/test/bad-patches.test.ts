// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { base, replacing, seriesOf, specOf, useWorkshop } from './fixture.ts'

const workshop = useWorkshop()

describe('a patch that does not apply', () => {
  it('is a conflict; the reason names patch, file and hunk, and shows the expected and the actual text', async () => {
    const first = seriesOf('first', { [base]: replacing('  node.count++', '  node.count += 1') })
    const second = seriesOf('second', {
      [base]: replacing('  node.count++', '  node.count = node.count + 1'),
    })
    const variant = await workshop.builder.build(specOf(['first', first], ['second', second]))
    expect(variant).toMatchObject({ status: 'conflict', patches: ['first', 'second'], statements: [] })
    expect(variant.bundle).toBeUndefined()
    expect(variant.reason)
      .toBe(`patch second ('second.patch'): ${base}: hunk 1 of 1 in 'function put(node: device_node): string {' (second.patch:5) does not apply.
  expected, at line 12:

    export function of_node_get(node: device_node): number {
      if (node.count >= limit) return -1
  !   node.count++
      return node.count
    }

  found, at line 12, the nearest match:

    export function of_node_get(node: device_node): number {
      if (node.count >= limit) return -1
  !   node.count += 1
      return node.count
    }
`)
  })

  it('shows the text found at the right place even if lines moved', async () => {
    const first = seriesOf('first', {
      [base]: (text) => replacing('node.count++', 'node.count += 1')(`// one\n// two\n${text}`),
    })
    const second = seriesOf('second', { [base]: replacing('node.count++', 'node.count--') })
    const { reason } = await workshop.builder.build(specOf(['first', first], ['second', second]))
    expect(reason).toContain('expected, at line 12:')
    expect(reason).toContain('found, at line 14, the nearest match:')
  })

  it('because a file is missing or already exists is reported as such', async () => {
    const path = 'packages/models/of/src/extra.ts'
    const create = seriesOf('create', { [path]: () => `export const extra: number = 1\n` })
    const again = seriesOf('again', { [path]: () => `export const extra: number = 2\n` })
    expect((await workshop.builder.build(specOf(['create', create], ['again', again]))).reason).toBe(
      `patch again ('again.patch'): ${path}: the patch creates this file, but it already exists.`,
    )
    const { reason, status } = await workshop.builder.build(
      specOf(
        ['gone', seriesOf('gone', { [base]: () => null })],
        ['edit', seriesOf('edit', { [base]: replacing('return -1', 'return -2') })],
      ),
    )
    expect([status, reason]).toEqual([
      'conflict',
      `patch edit ('edit.patch'): ${base}: there is no such file.`,
    ])
  })

  it('does not affect the next variant', async () => {
    expect((await workshop.build('fine', { [base]: replacing('return -1', 'return -2') })).status).toBe('ok')
  })

  it('is quoted with control characters escaped', async () => {
    const bad = seriesOf('bad', { [base]: replacing('return -1', 'return -2') })
    const text = JSON.stringify(bad)
      .replaceAll('number = {', '')
      .replaceAll('if (node', '\\u001b[31mif (node')
    const { reason } = await workshop.builder.build(specOf(['bad', JSON.parse(text) as typeof bad]))
    expect(reason).toContain('\\u001b[31mif (node')
    expect(reason).not.toContain('\u001b')
  })
})

it('the quote from a patch that does not apply is limited in length', async () => {
  const long = seriesOf('long', { [base]: replacing('return -1', `return -2${' + 2'.repeat(100_000)}`) })
  const again = JSON.parse(
    JSON.stringify(long).replaceAll('return -1', `return -1${' + 1'.repeat(100_000)}`),
  ) as typeof long
  const { status, reason = '' } = await workshop.builder.build(specOf(['again', again]))
  expect([status, reason.length]).toEqual(['conflict', expect.toSatisfy((length: number) => length < 10_000)])
  expect(reason).toMatch(/ \+ 1 \+ 1[^\n]*…$/m)
})

describe('a patch that is not valid', () => {
  const reasonFor = async (changes: Parameters<typeof seriesOf>[1]): Promise<string> => {
    const { status, reason, bundle } = await workshop.build('bad', changes)
    expect([status, bundle]).toEqual(['invalid', undefined])
    return reason ?? ''
  }

  it('is reported with the location of a type error', async () => {
    expect(await reasonFor({ [base]: replacing('return node.count\n', "return 'three'\n") })).toBe(
      `the patched models do not compile:\n  ${base}:16: Type 'string' is not assignable to type 'number'.`,
    )
  })

  it('is reported with the location of a type error in a file that it does not touch', async () => {
    expect(
      await reasonFor({
        [base]: replacing(
          'export function of_node_put(node: device_node)',
          'export function of_node_put(node: device_node, flags: number)',
        ),
      }),
    ).toContain('packages/models/vio/src/index.ts:4: Expected 2 arguments, but got 1.')
  })

  it('is reported with the location of a syntax error', async () => {
    expect(await reasonFor({ [base]: replacing('return node.count\n', 'return node.count }\n') })).toContain(
      `${base}:`,
    )
  })

  it('is reported with only the first of many messages', async () => {
    const reason = await reasonFor({
      [base]: replacing(
        'return node.count\n',
        `${Array.from({ length: 9 }, (_, i) => `  let x${String(i)}: string = ${String(i)}\n`).join('')}  return node.count\n`,
      ),
    })
    expect(reason.split('\n')).toHaveLength(7)
    expect(reason).toMatch(/and 4 more$/)
  })

  it.each([
    [
      'a Node module',
      `import { readFileSync } from 'node:fs'\nexport const x: unknown = readFileSync`,
      "not 'node:fs'",
    ],
    ['a Node module without types', `\nimport fs from 'fs'\nexport const x: unknown = fs`, "not 'fs'"],
    ['a re-export from elsewhere', `export * from 'esbuild'`, "not 'esbuild'"],
    ['a dynamic import', `export const x: unknown = import('./base.ts')`, 'import() is not accepted'],
    ['import.meta', `export const x: unknown = import.meta`, 'import.meta is not accepted'],
    [
      'the coverage points',
      `export function x(): void { (globalThis as unknown as { __pfoHits: number[] }).__pfoHits[0] = 1 }`,
      'names that start with __pfo',
    ],
    [
      'a reference',
      `/// <reference path="/etc/passwd" />\nexport const x: number = 1`,
      '/// <reference> is not accepted',
    ],
    ...[
      '// @ts-nocheck',
      '//@ts-nocheck',
      '/* @ts-nocheck */',
      'export const y: number = 1 // @ts-ignore',
      '/* x\n   @ts-ignore */',
      '/** @ts-expect-error */',
      '/// <reference no-default-lib="true"/>',
      'export const y: string[] = [`${String(1) /* @ts-ignore */}`]',
    ].map((comment): [string, string, string] => [
      JSON.stringify(comment),
      `${comment}\nexport const x: number = 1`,
      'comments that change the type check are not accepted',
    ]),
  ])('because of %s is reported as such', async (_what, text, expected) => {
    const path = 'packages/models/of/src/extra.ts'
    const reason = await reasonFor({ [path]: () => `${text}\n` })
    expect(reason).toMatch(
      /^the patched models break the rules for models:\n {2}packages\/models\/of\/src\/extra\.ts:\d: /,
    )
    expect(reason).toContain(expected)
  })

  it.each([
    [
      'a file outside the sources',
      `import x from '../../../../engine.ts'\nexport const y: unknown = x`,
      'Cannot find module',
    ],
    [
      'a file on disk',
      `\nimport x from '../../../../../../../../etc/passwd'\nexport const y: unknown = x`,
      'Relative import paths need explicit file extensions',
    ],
    [
      'require',
      `declare const require: (name: string) => unknown\nexport const x: unknown = require('fs')`,
      "cannot load 'fs'",
    ],
    ['Node types', `export const x: unknown = process.env`, "Cannot find name 'process'"],
  ])('because of %s is reported as such', async (_what, text, expected) => {
    const path = 'packages/models/of/src/extra.ts'
    const index = 'packages/models/of/src/index.ts'
    expect(
      await reasonFor({
        [path]: () => `${text}\n`,
        [index]: (old) => `${old}export * from './extra.ts'\n`,
        [base]: replacing("'node'", "'nodes'"),
      }),
    ).toContain(expected)
  })

  const added = (path: string) => ({
    [`packages/models/of/src/${path}`]: () => 'export const x: number = 1\n',
  })
  it.each([
    [
      'an existing file',
      added('Base.ts'),
      "'packages/models/of/src/Base.ts' differs from 'packages/models/of/src/base.ts'",
    ],
    [
      'another file of the patch',
      { ...added('one.ts'), ...added('oNe.ts') },
      "'packages/models/of/src/one.ts' differs from 'packages/models/of/src/oNe.ts'",
    ],
    [
      'a folder of the patch',
      { ...added('sub/a.ts'), ...added('SUB/b.ts') },
      "'packages/models/of/src/sub' differs from 'packages/models/of/src/SUB'",
    ],
  ])('because a name differs only in case from %s is reported as such', async (_what, changes, expected) => {
    expect(await reasonFor(changes)).toBe(
      `patch bad ('bad.patch'): ${expected} only in case: some file systems treat them as equal. Accepted: names that differ in more than case.`,
    )
  })

  it('because a name differs only in case from one of an earlier patch is reported as such', async () => {
    const [one, other] = ['one.ts', 'ONE.ts'].map((name) => seriesOf(name, added(name)))
    if (one === undefined || other === undefined) throw new Error('no patch')
    expect(await workshop.builder.build(specOf(['a', one], ['b', other]))).toMatchObject({
      status: 'invalid',
      reason: expect.stringMatching(/^patch b .*'packages\/models\/of\/src\/ONE.ts' differs/) as unknown,
    })
  })
})
