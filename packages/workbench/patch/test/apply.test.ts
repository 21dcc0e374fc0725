// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  applyPatch,
  applyStack,
  explainResult,
  kernelPaths,
  parseSeries,
  reversedPatch,
  type Patch,
  type PatchResult,
} from '../src/index.ts'

const path = 'drivers/x.c'

const patchOf = (hunks: string, name = path): Patch => {
  const text = `--- a/${name}\n+++ b/${name}\n${hunks}`
  const [patch] = parseSeries(text, { source: 'x.patch', paths: kernelPaths }).patches
  if (patch === undefined) throw new Error('no patch')
  return patch
}

const reader = (files: Readonly<Record<string, string>>) => (name: string) =>
  Promise.resolve(files[name] ?? null)

const apply = async (hunks: string, text: string): Promise<PatchResult> =>
  applyPatch(patchOf(hunks), { read: reader({ [path]: text }) })

const explain = async (hunks: string, text: string): Promise<string | null> =>
  explainResult(await apply(hunks, text), 'x.patch')

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, i) => `line ${String(i + 1)}\n`).join('')

const fn = (name: string, ...lines: readonly string[]): string =>
  `int ${name}(void)\n{\n${lines.map((line) => `\t${line}\n`).join('')}}\n\n`

describe('a hunk that is applied', () => {
  it('reports line, function and offset', async () => {
    const hunks = '@@ -7,3 +7,4 @@ int two(void)\n \tget();\n+\tput();\n \treturn;\n }\n'
    const result = await apply(
      hunks,
      `/* a */\n/* b */\n${fn('one', 'x();')}${fn('two', 'get();', 'return;')}`,
    )
    expect(result).toMatchObject({
      state: 'applied',
      files: [
        {
          state: 'applied',
          hunks: [{ state: 'applied', hunk: 0, place: { line: 11, function: 'two' }, offset: 3 }],
        },
      ],
    })
  })

  it('may have another offset in each function, with the functions in another order', async () => {
    const [one, two] = [fn('one', 'a();', 'b();', 'c();'), fn('two', 'd();', 'e();', 'f();')]
    const hunks =
      '@@ -3,3 +3,3 @@ int one(void)\n \ta();\n-\tb();\n+\tB();\n \tc();\n' +
      '@@ -10,3 +10,3 @@ int two(void)\n \td();\n-\te();\n+\tE();\n \tf();\n'
    const result = await apply(hunks, two + one)
    expect(result).toMatchObject({
      state: 'applied',
      changed: new Map([[path, two.replace('e()', 'E()') + one.replace('b()', 'B()')]]),
    })
  })

  it('may have an offset if its header has a label, within the expected function', async () => {
    const hunks = '@@ -5,2 +5,3 @@ out:\n \tget();\n+\tput();\n \treturn;\n'
    const text = fn('one', 'x();', 'y();', 'z();', 'get();', 'return;')
    expect((await apply(hunks, text)).state).toBe('applied')
    const moved = fn('zero', ...Array.from({ length: 9 }, () => 'x();')) + text
    expect((await apply(hunks, moved)).state).toBe('elsewhere')
  })

  it('may have a header that diff -p has cut', async () => {
    const header = 'static struct irq_chip a_long_name_of_an_irq_chip = {\n'
    const hunks = `@@ -2,2 +2,3 @@ ${header.slice(0, 40)}\n \t.a = 1,\n+\t.b = 2,\n \t.c = 3,\n`
    const text = `/* a */\n${header}\t.x = 0,\n\t.a = 1,\n\t.c = 3,\n};\n`
    expect((await apply(hunks, text)).state).toBe('applied')
  })

  it('is identified by the definition that its context begins, whatever its header says', async () => {
    const hunks = '@@ -1,4 +1,4 @@ int before(void)\n int one(void)\n {\n-\ta();\n+\tb();\n }\n'
    expect((await apply(hunks, `/* a */\n${fn('zero')}${fn('one', 'a();')}`)).state).toBe('conflict')
    const later = hunks.replace('-1,4 +1,4', '-5,4 +5,4')
    expect((await apply(later, `${fn('zero')}${fn('other', 'x();')}${fn('one', 'a();')}`)).state).toBe(
      'applied',
    )
  })
})

describe('a hunk that is not applied', () => {
  const add = '@@ -3,2 +3,3 @@ int one(void)\n \tget();\n+\tput();\n \treturn;\n'

  it('because only another function has its lines reports where', async () => {
    const text = fn('one', 'get();', 'cleanup();', 'return;') + fn('two', 'get();', 'return;')
    const result = await apply(add, text)
    expect(result).toMatchObject({
      state: 'elsewhere',
      files: [{ hunks: [{ state: 'elsewhere', why: 'other-function', places: [{ function: 'two' }] }] }],
    })
    expect(explainResult(result, 'x.patch')).toBe(
      "drivers/x.c: hunk 1 of 1 in 'int one(void)' (x.patch:3) does not apply in its function: the same lines occur only elsewhere, at line 10 (two).",
    )
  })

  it('because its function has the lines more than once reports where', async () => {
    const text = `/* a */\n${fn('one', 'get();', 'return;', 'get();', 'return;')}`
    expect(await explain(add, text)).toBe(
      "drivers/x.c: hunk 1 of 1 in 'int one(void)' (x.patch:3) does not apply: its lines occur more than once, at line 4 (one), line 6 (one).",
    )
  })

  it('because it is already applied differs from one that conflicts', async () => {
    expect((await apply(add, fn('one', 'get();', 'put();', 'return;'))).state).toBe('already-applied')
    expect((await apply(add, `/* a */\n${fn('one', 'get();', 'put();', 'return;')}`)).state).toBe(
      'already-applied',
    )
    expect((await apply(add, fn('one', 'get();', 'drop();', 'return;'))).state).toBe('conflict')
  })

  it('may have its result elsewhere, which is reported', async () => {
    const text = fn('one', 'x();') + fn('two', 'get();', 'put();', 'return;')
    expect(await explain(add, text)).toMatch(
      /\n {2}The change may already be applied: the resulting lines are at line 8 \(two\)\.$/,
    )
  })

  it('while another hunk of its file is already applied makes the patch partly applied', async () => {
    const second = '@@ -9,2 +10,3 @@ int two(void)\n \ta();\n+\tb();\n \tc();\n'
    const text = fn('one', 'get();', 'put();', 'return;') + fn('two', 'a();', 'c();')
    const result = await apply(add + second, text)
    expect(result.state).toBe('partly-in')
    expect(explainResult(result, 'x.patch')).toMatch(
      /hunk 1 of 2 .* is already applied, at line 4, but other hunks/,
    )
  })

  it('shows the expected and the found lines, and the first difference', async () => {
    const hunks = '@@ -3,3 +3,3 @@ int one(void)\n \tget();\n-\tuse();\n+\tput();\n \treturn;\n'
    const result = await apply(hunks, fn('one', 'get();', 'misuse();', 'return;'))
    expect(result.files[0]).toMatchObject({
      hunks: [
        {
          state: 'conflict',
          expectedLine: 3,
          difference: {
            expected: ['\tget();', '\tuse();', '\treturn;'],
            found: ['\tget();', '\tmisuse();', '\treturn;'],
            foundLine: 3,
            first: 1,
            patchLine: 5,
            cause: null,
          },
        },
      ],
    })
    expect(explainResult(result, 'x.patch'))
      .toBe(`drivers/x.c: hunk 1 of 1 in 'int one(void)' (x.patch:3) does not apply.
  expected, at line 3:
    \tget();
  ! \tuse();
    \treturn;
  found, at line 3, the nearest match:
    \tget();
  ! \tmisuse();
    \treturn;`)
  })

  it('because no context follows its change says that its lines must end the file, as git apply wants', async () => {
    const text = fn('one', 'get();', 'return;')
    const hunks = '@@ -3 +3,2 @@ int one(void)\n \tget();\n+\tput();\n'
    expect(await explain(hunks, text)).toMatch(
      /The lines are the same\. They must be the last of the file, because no context follows the last change\.$/,
    )
    expect((await apply(hunks, 'int one(void)\n{\n\tget();\n')).state).toBe('applied')
  })

  it('because its header says line 1 says that its lines must start the file', async () => {
    const hunks = '@@ -1,2 +1,3 @@\n \tget();\n+\tput();\n \treturn;\n'
    expect(await explain(hunks, fn('one', 'get();', 'return;'))).toMatch(
      /The lines are the same\. They must be the first of the file, because the hunk starts at line 1\.$/,
    )
  })

  it('because a mailer replaced tabs says so', async () => {
    expect(await explain(add.replaceAll('\t', '        '), fn('one', 'get();', 'return;'))).toMatch(
      /differ only in blanks and tabs: a mailer or an editor changed the patch\.$/,
    )
  })
})

describe('a conflict', () => {
  it('shows the most similar lines as the nearest match, not those where only braces and empty lines agree', async () => {
    const text = `${'  return 0\n}\n\n/**\n'.repeat(9)}  before.sibling = np.sibling\n  np.flags = DETACHED\n}\n`
    const hunks =
      '@@ -3,5 +3,6 @@\n   before.next = np.sibling\n-  np.flags |= DETACHED\n+  x\n+  y\n }\n \n /**\n'
    expect(await explain(hunks, text)).toContain('found, at line 37, the nearest match:')
  })

  it('reports that the file is too short', async () => {
    expect(await explain('@@ -20,3 +20,3 @@\n a\n-b\n+x\n c\n', numbered(3))).toContain(
      'found: the file ends before that line.',
    )
  })

  it('shows the part of a long hunk that contains the difference', async () => {
    const lines = numbered(40).trimEnd().split('\n')
    const hunks = `@@ -1,40 +1,40 @@\n${lines.map((line, i) => (i === 30 ? '-other\n+x' : ` ${line}`)).join('\n')}\n`
    const text = (await explain(hunks, numbered(40))) ?? ''
    expect(text).toContain('  ! other')
    expect(text).toContain('  ! line 31')
    expect(text.split('\n').length).toBeLessThan(32)
  })

  it('is reported without a comparison if that would take too long', async () => {
    const many = 'a\n'.repeat(60_000)
    const long = `@@ -1,15000 +1,15000 @@\n${' a\n'.repeat(14_999)}-b\n+c\n`
    expect((await apply(long, many)).state).toBe('conflict')
    const hunks = Array.from(
      { length: 10_000 },
      (_, i) => `@@ -${String(i + 5)} +${String(i + 5)} @@\n-a\n+a\n`,
    )
    expect((await apply(`${hunks.join('')}@@ -59000 +59000 @@\n-b\n+c\n`, many)).state).toBe('conflict')
  })
})

describe('a stack', () => {
  const add = (old: string, now: string): Patch => patchOf(`@@ -1,3 +1,3 @@\n a\n-${old}\n+${now}\n c\n`)

  it('is applied patch by patch, and skips those that are already applied', async () => {
    const read = reader({ [path]: 'a\nb\nc\n' })
    const result = await applyStack([add('x', 'b'), add('b', 'd'), add('d', 'e')], { read })
    expect(result.patches.map(({ state }) => state)).toEqual(['already-applied', 'applied', 'applied'])
    expect([result.state, result.changed]).toEqual(['applied', new Map([[path, 'a\ne\nc\n']])])
  })

  it('ends at the first patch that does not apply', async () => {
    const result = await applyStack([add('b', 'd'), add('x', 'y'), add('d', 'e')], {
      read: reader({ [path]: 'a\nb\nc\n' }),
    })
    expect([result.state, result.patches.length]).toEqual(['conflict', 2])
  })

  it('that changes a file back has not changed it', async () => {
    const result = await applyStack([add('b', 'd'), add('d', 'b')], { read: reader({ [path]: 'a\nb\nc\n' }) })
    expect([result.state, [...result.changed]]).toEqual(['applied', []])
  })

  it('is already applied if it has no patches, or only applied ones', async () => {
    const read = reader({ [path]: 'a\nb\nc\n' })
    expect((await applyStack([], { read })).state).toBe('already-applied')
    expect((await applyStack([add('x', 'b')], { read })).state).toBe('already-applied')
  })
})

describe('a reversed patch', () => {
  it('undoes the patch', async () => {
    const patch = patchOf('@@ -1,3 +1,4 @@\n a\n-b\n+x\n+y\n c\n')
    const done = await applyPatch(patch, { read: reader({ [path]: 'a\nb\nc\n' }) })
    const text = done.state === 'applied' ? (done.changed.get(path) ?? '') : ''
    expect(text).toBe('a\nx\ny\nc\n')
    expect(await applyPatch(reversedPatch(patch, 'x'), { read: reader({ [path]: text }) })).toMatchObject({
      state: 'applied',
      changed: new Map([[path, 'a\nb\nc\n']]),
    })
  })

  it('of a new file deletes it, of a rename renames it back', async () => {
    const text =
      'diff --git a/n.c b/n.c\nnew file mode 100644\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+a\n' +
      'diff --git a/o.c b/p.c\nsimilarity index 100%\nrename from o.c\nrename to p.c\n'
    const [patch] = parseSeries(text, { source: 'x', paths: kernelPaths }).patches
    if (patch === undefined) throw new Error('no patch')
    const result = await applyPatch(reversedPatch(patch, 'x'), {
      read: reader({ 'n.c': 'a\n', 'p.c': 'b\n' }),
    })
    expect(result).toMatchObject({
      state: 'applied',
      changed: new Map([
        ['p.c', null],
        ['o.c', 'b\n'],
        ['n.c', null],
      ]),
    })
  })

  it('of a copy is refused', () => {
    const text = 'diff --git a/o.c b/p.c\nsimilarity index 100%\ncopy from o.c\ncopy to p.c\n'
    const [patch] = parseSeries(text, { source: 'x', paths: kernelPaths }).patches
    if (patch === undefined) throw new Error('no patch')
    expect(() => reversedPatch(patch, 'x.patch')).toThrow(
      /^x\.patch: the patch copies o\.c to p\.c, which cannot/,
    )
  })
})
