// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  defaultLimits,
  isExercised,
  runInSandbox,
  VariantBuilder,
  VariantError,
  type Variant,
} from '../src/index.ts'
import { base, makeFixture, play, replacing, seriesOf, sources, specOf, type Fixture } from './fixture.ts'

let fixture: Fixture
let builder: VariantBuilder

beforeAll(async () => {
  fixture = makeFixture()
  builder = await VariantBuilder.create(fixture)
})

afterAll(async () => {
  await builder.dispose()
  fixture.remove()
})

const build = async (id: string, changes: Parameters<typeof seriesOf>[1]): Promise<Variant> =>
  builder.build(specOf([id, seriesOf(id, changes)]))

describe('a variant', () => {
  it('without patches is the baseline, and plays', async () => {
    const variant = await builder.build({ id: 'baseline', title: 'Baseline', patches: [] })
    expect(variant).toMatchObject({
      id: 'baseline',
      title: 'Baseline',
      patches: [],
      status: 'ok',
      changedLines: [],
      probes: [],
    })
    expect(await play(variant, 'get')).toEqual([{ status: 'ok', output: '3,-1,chain < vio_get', hits: [] }])
  })

  it('is the sources with its patches applied, and nothing of other variants', async () => {
    const one = await build('one', { [base]: replacing('node.count++', 'node.count += 2') })
    const other = await build('other', { [base]: replacing('return -1', 'return -16') })
    const none = await builder.build({ id: 'baseline', title: '', patches: [] })
    expect([one.status, other.status]).toEqual(['ok', 'ok'])
    expect(one.sources).toEqual(new Map([[base, sources[base]?.replace('node.count++', 'node.count += 2')]]))
    expect(one.changedLines).toEqual([{ path: base, line: 15 }])
    const outputs = [one, other, none].map(async (variant) => (await play(variant, 'get'))[0])
    expect(await Promise.all(outputs)).toMatchObject([
      { output: '-1,-1,chain < vio_get' },
      { output: '3,-16,chain < vio_get' },
      { output: '3,-1,chain < vio_get' },
    ])
    expect(new Set([one.hash, other.hash, none.hash]).size).toBe(3)
  })

  it('has the same hash wherever and whenever it is built, which is that of its sources alone', async () => {
    const changes = { [base]: replacing('return -1', 'return -16') }
    const first = await build('a', changes)
    const again = makeFixture()
    const elsewhere = await VariantBuilder.create(again)
    const second = await elsewhere.build(specOf(['b', seriesOf('b', changes)]))
    await elsewhere.dispose()
    again.remove()
    expect(second.hash).toBe(first.hash)
    expect(second.bundle).toBe(first.bundle)
  })

  it('may be a stack of patches whose lines move each other', async () => {
    const first = seriesOf('first', { [base]: replacing('export class', '// one\n// two\nexport class') })
    const second = seriesOf('second', { [base]: replacing('return -1', 'return -16') })
    const variant = await builder.build(specOf(['first', first], ['second', second]))
    expect(variant).toMatchObject({ id: 'first+second', patches: ['first', 'second'], status: 'ok' })
    expect(await play(variant, 'get')).toMatchObject([{ output: '3,-16,chain < vio_get' }])
  })

  it('may be a stack in which one patch changes the context of the next, which git merges', async () => {
    const first = seriesOf('first', { [base]: replacing('return node.count\n', 'return node.count + 10\n') })
    const second = seriesOf('second', {
      [base]: replacing(
        'of_node_put(node: device_node): string {',
        'of_node_put(node: device_node): string { // x',
      ),
    })
    const variant = await builder.build(specOf(['first', first], ['second', second]))
    expect(variant.status).toBe('ok')
    expect(variant.sources.get(base)).toMatch(/count \+ 10[^]*string { \/\/ x/)
  })

  it('may create, delete and rename files', async () => {
    const path = 'packages/models/of/src/limits.ts'
    const variant = await build('move', {
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

it('functions of the same name in two modules keep it in call chains', async () => {
  const variant = await builder.build({ id: 'baseline', title: '', patches: [] })
  expect(variant.bundle).toContain('put2')
  expect(await play(variant, 'release')).toMatchObject([
    { output: 'chain < put < of_node_put < put < vio_release' },
  ])
})

describe('a patch that does not apply', () => {
  it('is a conflict that names patch, file and hunk, and shows what was expected and what was found', async () => {
    const first = seriesOf('first', { [base]: replacing('  node.count++', '  node.count += 1') })
    const second = seriesOf('second', {
      [base]: replacing('  node.count++', '  node.count = node.count + 1'),
    })
    const variant = await builder.build(specOf(['first', first], ['second', second]))
    expect(variant).toMatchObject({ status: 'conflict', patches: ['first', 'second'], probes: [] })
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

  it('is found where it ought to be even if lines moved', async () => {
    const first = seriesOf('first', {
      [base]: (text) => replacing('node.count++', 'node.count += 1')(`// one\n// two\n${text}`),
    })
    const second = seriesOf('second', { [base]: replacing('node.count++', 'node.count--') })
    const { reason } = await builder.build(specOf(['first', first], ['second', second]))
    expect(reason).toContain('expected, at line 12:')
    expect(reason).toContain('found, at line 14, the nearest match:')
  })

  it('because a file is missing or already there says so', async () => {
    const path = 'packages/models/of/src/extra.ts'
    const create = seriesOf('create', { [path]: () => `export const extra: number = 1\n` })
    const again = seriesOf('again', { [path]: () => `export const extra: number = 2\n` })
    expect((await builder.build(specOf(['create', create], ['again', again]))).reason).toBe(
      `patch again ('again.patch'): ${path}: the patch creates this file, but it already exists.`,
    )
    const { reason, status } = await builder.build(
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

  it('does not disturb the next variant', async () => {
    expect((await build('fine', { [base]: replacing('return -1', 'return -2') })).status).toBe('ok')
  })

  it('shows control characters instead of sending them to the terminal', async () => {
    const bad = seriesOf('bad', { [base]: replacing('return -1', 'return -2') })
    const text = JSON.stringify(bad)
      .replaceAll('number = {', '')
      .replaceAll('if (node', '\\u001b[31mif (node')
    const { reason } = await builder.build(specOf(['bad', JSON.parse(text) as typeof bad]))
    expect(reason).toContain('\\u001b[31mif (node')
    expect(reason).not.toContain('\u001b')
  })
})

describe('a patch that is not valid', () => {
  const reasonFor = async (changes: Parameters<typeof seriesOf>[1]): Promise<string> => {
    const { status, reason, bundle } = await build('bad', changes)
    expect([status, bundle]).toEqual(['invalid', undefined])
    return reason ?? ''
  }

  it('because of types says where', async () => {
    expect(await reasonFor({ [base]: replacing('return node.count\n', "return 'three'\n") })).toBe(
      `the patched models do not compile:\n  ${base}:16: Type 'string' is not assignable to type 'number'.`,
    )
  })

  it('because of types in a file that it does not touch says where', async () => {
    expect(
      await reasonFor({
        [base]: replacing(
          'export function of_node_put(node: device_node)',
          'export function of_node_put(node: device_node, flags: number)',
        ),
      }),
    ).toContain('packages/models/vio/src/index.ts:4: Expected 2 arguments, but got 1.')
  })

  it('because of syntax says where', async () => {
    expect(await reasonFor({ [base]: replacing('return node.count\n', 'return node.count }\n') })).toContain(
      `${base}:`,
    )
  })

  it('quotes a few of many messages', async () => {
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
      'a module of the host',
      `import { readFileSync } from 'node:fs'\nexport const x: unknown = readFileSync`,
      "not 'node:fs'",
    ],
    [
      'a module of the host without types',
      `// @ts-nocheck\nimport fs from 'fs'\nexport const x: unknown = fs`,
      "not 'fs'",
    ],
    ['a re-export from elsewhere', `export * from 'esbuild'`, "not 'esbuild'"],
    ['a dynamic import', `export const x: unknown = import('./base.ts')`, 'import() is not accepted'],
    ['import.meta', `export const x: unknown = import.meta`, 'import.meta is not accepted'],
    [
      'the probes',
      `export function x(): void { (globalThis as unknown as { __pfoHits: number[] }).__pfoHits[0] = 1 }`,
      'names that start with __pfo',
    ],
    [
      'a reference',
      `/// <reference path="/etc/passwd" />\nexport const x: number = 1`,
      '/// <reference> is not accepted',
    ],
  ])('because of %s says so', async (_what, text, expected) => {
    const path = 'packages/models/of/src/extra.ts'
    const reason = await reasonFor({ [path]: () => `${text}\n` })
    expect(reason).toMatch(
      /^the patched models do what models may not do:\n {2}packages\/models\/of\/src\/extra\.ts:\d: /,
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
      'a file of the disk',
      `// @ts-nocheck\nimport x from '../../../../../../../../etc/passwd'\nexport const y: unknown = x`,
      "cannot load '../../../../../../../../etc/passwd'",
    ],
    [
      'require',
      `declare const require: (name: string) => unknown\nexport const x: unknown = require('fs')`,
      "cannot load 'fs'",
    ],
    ['types of the host', `export const x: unknown = process.env`, "Cannot find name 'process'"],
  ])('because of %s says so', async (_what, text, expected) => {
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

  it('because git did something else than the parser saw is refused all the same', async () => {
    const good = seriesOf('good', { [base]: replacing('return -1', 'return -2') })
    const [patch] = good.patches
    if (patch === undefined) throw new Error('no patch')
    const disguised = (diff: string) => ({
      ...good,
      patches: [{ ...patch, text: patch.text.replace(/diff --git[^]*/, diff) }],
    })
    const outside = disguised(
      'diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+x\n',
    )
    expect(await builder.build(specOf(['bad', outside]))).toMatchObject({
      status: 'invalid',
      reason: "the patch changes 'x', which is not a source file of a model",
    })
    const path = 'packages/models/of/src/link.ts'
    const link = disguised(
      `diff --git a/${path} b/${path}\nnew file mode 120000\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n`,
    )
    expect(await builder.build(specOf(['bad', link]))).toMatchObject({
      status: 'invalid',
      reason: `the patch gives ${path} the mode 120000`,
    })
  })

  it('because git am cannot read the mail carries its words', async () => {
    const good = seriesOf('good', { [base]: replacing('return -1', 'return -2') })
    const dated = {
      ...good,
      patches: good.patches.map((patch) => ({
        ...patch,
        text: patch.text.replace(/^Date: .*$/m, 'Date: yesterday evening'),
      })),
    }
    expect(await builder.build(specOf(['bad', dated]))).toMatchObject({
      status: 'invalid',
      reason: expect.stringContaining('invalid date format') as unknown,
    })
    expect((await build('fine', { [base]: replacing('return -1', 'return -2') })).status).toBe('ok')
  })
})

it('what a hostile variant does is its own result and leaves the others as they are', async () => {
  const hostile = async (id: string, statement: string): Promise<Variant> =>
    build(id, { [base]: replacing('  node.count++\n', `  ${statement}\n  node.count++\n`) })
  const variants = [
    await hostile('loops', 'for (;;);'),
    await hostile('escapes', ';(globalThis as unknown as { process: { exit(): void } }).process.exit()'),
    await hostile('evaluates', "Function('return process')()"),
    await hostile('fills', 'for (const all: unknown[] = []; ; ) all.push(Array(100_000).fill(all.length))'),
    await build('harmless', { [base]: replacing('return -1', 'return -16') }),
  ]
  expect(variants.map((variant) => variant.status)).toEqual(Array(5).fill('ok'))
  const limits = { ...defaultLimits, jobMilliseconds: 1_000, memoryMegabytes: 128 }
  const results = await Promise.all(
    variants.map(async ({ bundle = '' }) => (await runInSandbox(bundle, ['get'], limits).next()).value),
  )
  expect(results).toMatchObject([
    { status: 'timeout' },
    { status: 'crashed', reason: expect.stringContaining("reading 'exit'") as unknown },
    {
      status: 'crashed',
      reason: expect.stringContaining('Code generation from strings disallowed') as unknown,
    },
    { status: 'crashed', reason: 'out of memory' },
    { status: 'ok', output: '3,-16,chain < vio_get' },
  ])
})

describe('changed lines', () => {
  it('that run are known by their probes, and leave no trace in call chains', async () => {
    const variant = await build('ran', {
      [base]: (text) =>
        replacing(
          '  node.count--\n',
          '  node.count -= 1\n',
        )(replacing('node.count = 0', 'node.count = 1')(text)),
    })
    expect(variant.probes).toEqual([
      { path: base, line: 9 },
      { path: base, line: 24 },
    ])
    const [get, release] = await play(variant, 'get', 'release')
    expect(get?.hits).toEqual([])
    expect(release).toEqual({
      status: 'ok',
      output: 'chain < put < of_node_put < put < vio_release',
      hits: [0],
    })
    expect(isExercised(variant, new Set(get?.hits))).toBe(false)
    expect(isExercised(variant, new Set(release?.hits))).toBe(true)
  })

  it('that only set a constant count as run when their file is part of the program', async () => {
    const variant = await build('constant', { 'packages/models/of/src/limits.ts': replacing('= 3', '= 4') })
    expect(variant.probes).toEqual([])
    expect(isExercised(variant, new Set())).toBe(true)
    const unused = await build('unused', {
      'packages/models/of/src/extra.ts': () => 'export const extra: number = 1\n',
    })
    expect(unused.status).toBe('ok')
    expect(isExercised(unused, new Set())).toBe(false)
  })

  it.each([
    ['a comment', (text: string) => `// of nodes\n${text}`],
    ['a comment in a function', replacing('  node.count--\n', '  // one less\n  node.count--\n')],
    ['an empty line', replacing('  node.count--\n', '\n  node.count--\n')],
    ['types', replacing('(node: device_node): number', '(node: Readonly<device_node>): number')],
  ])('that change no more than %s never run', async (_what, change) => {
    const variant = await build('same', { [base]: change })
    if (variant.status === 'ok') expect(variant.probes).toEqual([])
    expect(isExercised(variant, new Set())).toBe(false)
  })
})

describe('the user', () => {
  it('finds their own repository untouched, even when git is told about it', async () => {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: fixture.root, encoding: 'utf8' })
    git('init', '--quiet')
    writeFileSync(join(fixture.root, '.git/hooks/post-applypatch'), '#!/bin/sh\ntouch "$PWD/hook-ran"\n', {
      mode: 0o755,
    })
    git('add', '--all')
    git('-c', 'user.name=U', '-c', 'user.email=u@example.org', 'commit', '--quiet', '--message=x')
    const state = (): unknown => [
      git('status', '--porcelain', '--ignored'),
      git('for-each-ref'),
      git('stash', 'list'),
      readFileSync(join(fixture.root, '.git/index')).toString('hex'),
      statSync(join(fixture.root, '.git/config')).mtimeMs,
      readdirSync(join(fixture.root, '.git')).sort(),
    ]
    const before = state()
    const variables = {
      GIT_DIR: join(fixture.root, '.git'),
      GIT_WORK_TREE: fixture.root,
      GIT_INDEX_FILE: join(fixture.root, '.git/index'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: join(fixture.root, '.git/hooks'),
    }
    Object.assign(process.env, variables)
    try {
      const own = await VariantBuilder.create(fixture)
      const variant = await own.build(
        specOf(['x', seriesOf('x', { [base]: replacing('return -1', 'return -2') })]),
      )
      await own.dispose()
      expect(variant.status).toBe('ok')
    } finally {
      for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name)
    }
    expect(state()).toEqual(before)
  })
})

describe('the scratch repository', () => {
  // A temporary folder of their own: other tests and other users make scratch repositories too.
  const temporary = mkdtempSync(join(tmpdir(), 'pfo-builder-test-'))
  const scratch = (): string[] => readdirSync(temporary).filter((name) => name.startsWith('pfo-scratch-'))

  beforeAll(() => {
    vi.stubEnv('TMPDIR', temporary)
  })

  afterAll(() => {
    vi.unstubAllEnvs()
    rmSync(temporary, { recursive: true })
  })

  it('is gone when the builder is disposed of, and the builder of no use', async () => {
    const before = new Set(scratch())
    const own = await VariantBuilder.create(fixture)
    const [mine = ''] = scratch().filter((name) => !before.has(name))
    expect(mine).not.toBe('')
    await own.dispose()
    expect(scratch()).not.toContain(mine)
    await expect(own.build({ id: 'late', title: '', patches: [] })).rejects.toThrow(VariantError)
  })

  it('is gone when the process exits', async () => {
    const before = new Set(scratch())
    const listeners = new Set(process.listeners('exit'))
    const own = await VariantBuilder.create(fixture)
    const mine = scratch().filter((name) => !before.has(name))
    for (const listener of process.listeners('exit')) if (!listeners.has(listener)) listener(0)
    for (const name of mine) expect(scratch()).not.toContain(name)
    expect(mine).not.toEqual([])
    await own.dispose()
  })

  it('is not made for models that are not there', async () => {
    const before = scratch().length
    const models = [{ name: '@pfo-workbench/nothing', dir: join(fixture.root, 'nothing') }]
    await expect(VariantBuilder.create({ ...fixture, models })).rejects.toMatchObject({
      code: 'sources',
      message: expect.stringContaining('@pfo-workbench/nothing') as unknown,
    })
    expect(scratch().length).toBe(before)
  })
})
