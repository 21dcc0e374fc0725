// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { VariantBuilder } from '../src/index.ts'
import { base, makeFixture, play, replacing, seriesOf, sources, specOf, useWorkshop } from './fixture.ts'

const workshop = useWorkshop()

describe('a variant', () => {
  it('without patches is the unpatched kernel, and can be played', async () => {
    const variant = await workshop.builder.build({ id: 'baseline', title: 'Baseline', patches: [] })
    expect(variant).toMatchObject({
      id: 'baseline',
      title: 'Baseline',
      patches: [],
      status: 'ok',
      statements: [],
    })
    expect(await play(variant, 'get')).toEqual([{ status: 'ok', output: '3,-1,chain < vio_get', hits: [] }])
  })

  it('contains its own patches and nothing of other variants', async () => {
    const one = await workshop.build('one', { [base]: replacing('node.count++', 'node.count += 2') })
    const other = await workshop.build('other', { [base]: replacing('return -1', 'return -16') })
    const none = await workshop.builder.build({ id: 'baseline', title: '', patches: [] })
    expect([one.status, other.status]).toEqual(['ok', 'ok'])
    expect(one.sources).toEqual(new Map([[base, sources[base]?.replace('node.count++', 'node.count += 2')]]))
    expect(one.statements).toEqual([{ file: base, line: 15, statement: 'node.count += 2' }])
    const outputs = [one, other, none].map(async (variant) => (await play(variant, 'get'))[0])
    expect(await Promise.all(outputs)).toMatchObject([
      { output: '-1,-1,chain < vio_get' },
      { output: '3,-16,chain < vio_get' },
      { output: '3,-1,chain < vio_get' },
    ])
    expect(new Set([one.hash, other.hash, none.hash]).size).toBe(3)
  })

  it('has a hash that depends only on its sources, not on place or time of the build', async () => {
    const changes = { [base]: replacing('return -1', 'return -16') }
    const first = await workshop.build('a', changes)
    const again = makeFixture()
    const elsewhere = await VariantBuilder.create(again)
    const second = await elsewhere.build(specOf(['b', seriesOf('b', changes)]))
    await elsewhere.dispose()
    again.remove()
    expect(second.hash).toBe(first.hash)
    expect(second.bundle).toBe(first.bundle)
  })

  it('sets the name of a function only if the function has another', async () => {
    const { bundle } = await workshop.builder.build({ id: 'baseline', title: '', patches: [] })
    expect(bundle).toMatch(/var __name=\(target,value\)=>target\.name===value\?target:/)
  })

  it("can be a stack of patches that move each other's lines", async () => {
    const first = seriesOf('first', { [base]: replacing('export class', '// one\n// two\nexport class') })
    const second = seriesOf('second', { [base]: replacing('return -1', 'return -16') })
    const variant = await workshop.builder.build(specOf(['first', first], ['second', second]))
    expect(variant).toMatchObject({ id: 'first+second', patches: ['first', 'second'], status: 'ok' })
    expect(await play(variant, 'get')).toMatchObject([{ output: '3,-16,chain < vio_get' }])
  })

  it('can be a stack in which one patch changes the context of the next; git merges them', async () => {
    const first = seriesOf('first', { [base]: replacing('return node.count\n', 'return node.count + 10\n') })
    const second = seriesOf('second', {
      [base]: replacing(
        'of_node_put(node: device_node): string {',
        'of_node_put(node: device_node): string { // x',
      ),
    })
    const variant = await workshop.builder.build(specOf(['first', first], ['second', second]))
    expect(variant.status).toBe('ok')
    expect(variant.sources.get(base)).toMatch(/count \+ 10[^]*string { \/\/ x/)
  })

  it('can create, delete and rename files', async () => {
    const path = 'packages/models/of/src/limits.ts'
    const variant = await workshop.build('move', {
      [path]: () => null,
      'packages/models/of/src/bounds.ts': () => `export const limit: number = 2\n`,
      [base]: replacing('./limits.ts', './bounds.ts'),
      'packages/models/of/src/index.ts': replacing('./limits.ts', './bounds.ts'),
    })
    expect(variant.status).toBe('ok')
    expect(variant.sources.get(path)).toBeNull()
    expect(await play(variant, 'get')).toMatchObject([{ output: '-1,-1,chain < vio_get' }])
  })
})

it('functions with the same name in two modules keep their name in call chains', async () => {
  const variant = await workshop.builder.build({ id: 'baseline', title: '', patches: [] })
  expect(variant.bundle).toContain('put2')
  expect(await play(variant, 'release')).toMatchObject([
    { output: 'chain < put < of_node_put < put < vio_release' },
  ])
})

describe('changed statements', () => {
  it('are recorded by coverage points when they run, and leave no trace in call chains', async () => {
    const variant = await workshop.build('ran', {
      [base]: (text) =>
        replacing(
          '  node.count--\n',
          '  node.count -= 1\n',
        )(replacing('node.count = 0', 'node.count = 1')(text)),
    })
    expect(variant.statements).toEqual([
      { file: base, line: 9, statement: 'node.count -= 1' },
      { file: base, line: 24, statement: 'node.count = 1' },
    ])
    const [get, release] = await play(variant, 'get', 'release')
    expect(get?.hits).toEqual([])
    expect(release).toEqual({
      status: 'ok',
      output: 'chain < put < of_node_put < put < vio_release',
      hits: [0],
    })
  })

  it('that only set a constant run when their file is loaded', async () => {
    const variant = await workshop.build('constant', {
      'packages/models/of/src/limits.ts': replacing('= 3', '= 4'),
    })
    expect((await play(variant, 'get'))[0]?.hits).toEqual([0])
    const unused = await workshop.build('unused', {
      'packages/models/of/src/extra.ts': () => 'export const extra: number = 1\n',
    })
    expect(unused.statements).toHaveLength(1)
    expect((await play(unused, 'get'))[0]?.hits).toEqual([])
  })

  it.each([
    ['a comment', (text: string) => `// of nodes\n${text}`],
    ['a comment in a function', replacing('  node.count--\n', '  // one less\n  node.count--\n')],
    ['an empty line', replacing('  node.count--\n', '\n  node.count--\n')],
    ['types', replacing('(node: device_node): number', '(node: Readonly<device_node>): number')],
  ])('do not include %s', async (_what, change) => {
    const variant = await workshop.build('same', { [base]: change })
    expect(variant.statements).toEqual([])
  })
})
