// SPDX-License-Identifier: GPL-2.0-only
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { applyStack, kernelPaths, parseSeries, PatchError, type StackResult } from '../src/index.ts'
import { blobId, mergeByGit } from '../src/git-merge.ts'
import { Repository, type Files } from './repository.ts'

const repository = new Repository()
afterAll(() => {
  repository.remove()
})
repository.git('init', '--quiet')
repository.commit('empty', {})
repository.git('tag', 'empty')

/** Creates a branch with these files. */
function start(name: string, files: Files): void {
  repository.git('checkout', '--quiet', '--force', '-B', name, 'empty')
  repository.commit(name, files)
}

/** Result of `git am` on the latest branch; null if it stops. */
function byGitAm(mails: string, paths: readonly string[], ...options: string[]): Files | null {
  const { ok } = repository.tryGit(mails, 'am', '--quiet', ...options)
  if (!ok) {
    repository.tryGit('', 'am', '--quit')
    repository.git('clean', '--quiet', '--force', '-d', '-x')
    return null
  }
  return Object.fromEntries(paths.map((path) => [path, repository.read(path)]))
}

interface Ours {
  /** State of the stack, or the code of the error. */
  readonly state: StackResult['state'] | PatchError['code']
  readonly files: Files | null
}

async function byUs(mails: string, tree: Files, paths: readonly string[], merging = false): Promise<Ours> {
  let patches
  try {
    patches = parseSeries(mails, { source: 'x.patch', paths: kernelPaths }).patches
  } catch (fault) {
    if (fault instanceof PatchError) return { state: fault.code, files: null }
    throw fault
  }
  const result = await applyStack(patches, {
    read: (path) => Promise.resolve(tree[path] ?? null),
    ...(merging ? { merging: { blobId, merge: (texts) => mergeByGit(texts, repository.folder) } } : {}),
  })
  if (result.state !== 'applied') return { state: result.state, files: null }
  const now = (path: string): string | null => {
    const text = result.changed.get(path)
    return text === undefined ? (tree[path] ?? null) : text
  }
  return { state: result.state, files: Object.fromEntries(paths.map((path) => [path, now(path)])) }
}

/** The mails of git format-patch for these changes, each on top of the previous one. */
function mailsOf(base: Files, changes: readonly (Files | (() => void))[], ...options: string[]): string {
  start('base', base)
  for (const [index, change] of changes.entries()) {
    if (typeof change === 'function') change()
    repository.commit(`change ${String(index + 1)}`, typeof change === 'function' ? {} : change)
  }
  return repository.git(
    'format-patch',
    '--stdout',
    ...options,
    'base~'.replace('~', `~${String(changes.length)}`),
  )
}

const body = (name: string, count = 12): string =>
  `int ${name}(void)\n{\n${Array.from({ length: count }, (_, i) => `\tstep(${name}, ${String(i)});\n`).join('')}}\n\n`
const file = `${body('one')}${body('two')}${body('three')}`
const two = file.replace('step(two, 5)', 'changed(two, 5)')

interface Case {
  readonly base: Files
  readonly changes: readonly (Files | (() => void))[]
  /** The tree to which the mails are applied, if it is not `base`. */
  readonly tree?: Files
  readonly options?: readonly string[]
}

const c = 'drivers/of/base.c'
const applied: readonly (readonly [string, Case])[] = [
  ['a change', { base: { [c]: file }, changes: [{ [c]: two }] }],
  ['a series on one file', { base: { [c]: file }, changes: [{ [c]: two }, { [c]: `${two}/* end */\n` }] }],
  ['lines above', { base: { [c]: file }, changes: [{ [c]: two }], tree: { [c]: `#include <a>\n\n${file}` } }],
  ['lines below', { base: { [c]: file }, changes: [{ [c]: two }], tree: { [c]: `${file}${body('four')}` } }],
  ['a new file', { base: { [c]: file }, changes: [{ 'a/new.c': 'int a;\n' }] }],
  ['a new empty file', { base: { [c]: file }, changes: [{ 'a/new.c': '' }] }],
  ['a deleted file', { base: { [c]: file, 'a.c': file }, changes: [{ 'a.c': null }] }],
  ['a deleted empty file', { base: { [c]: file, 'a.c': '' }, changes: [{ 'a.c': null }] }],
  ['a renamed file', { base: { [c]: file }, changes: [{ [c]: null, 'b.c': file }] }],
  ['a renamed file with a change', { base: { [c]: file }, changes: [{ [c]: null, 'b.c': two }] }],
  [
    'a copied file',
    {
      base: { [c]: file },
      changes: [{ [c]: two, 'b.c': file }],
      options: ['-C', '-C', '--find-copies-harder'],
    },
  ],
  [
    'two files that change names',
    {
      base: { 'a.c': file, 'b.c': body('else', 40) },
      changes: [{ 'a.c': body('else', 40), 'b.c': file }],
      options: ['-B', '-M'],
    },
  ],
  ['a file that was emptied', { base: { [c]: file }, changes: [{ [c]: '' }] }],
  ['a file that was filled', { base: { [c]: '' }, changes: [{ [c]: file }] }],
  ['a last line that loses its newline', { base: { [c]: file }, changes: [{ [c]: file.trimEnd() }] }],
  ['a last line that gets a newline', { base: { [c]: file.trimEnd() }, changes: [{ [c]: file }] }],
  [
    'a last line without a newline that changes',
    { base: { [c]: `${file}x` }, changes: [{ [c]: `${file}y` }] },
  ],
  [
    'a last line without a newline in the context',
    {
      base: { [c]: `${file}x` },
      changes: [{ [c]: file.replace('2, 3', '2, 9').replace('three, 11', 'three, 99') + 'x' }],
    },
  ],
  ['a path with a blank', { base: { 'a b/c d.c': file }, changes: [{ 'a b/c d.c': two }] }],
  ['a path with letters beyond ASCII', { base: { 'größe.c': file }, changes: [{ 'größe.c': two }] }],
  ['one line of context', { base: { [c]: file }, changes: [{ [c]: two }], options: ['-U1'] }],
  ['much context', { base: { [c]: file }, changes: [{ [c]: two }], options: ['-U30'] }],
  ['a change in the first line', { base: { [c]: file }, changes: [{ [c]: `/* a */\n${file}` }] }],
  ['a change in the last line', { base: { [c]: file }, changes: [{ [c]: `${file}/* a */\n` }] }],
  ['many hunks', { base: { [c]: file }, changes: [{ [c]: file.replace(/5\)/g, '55)') }] }],
  [
    'form feeds and trailing blanks',
    { base: { [c]: `${file}\f\n \n` }, changes: [{ [c]: `${two}\f\n \n` }] },
  ],
  [
    'a function that is new',
    {
      base: { [c]: file },
      changes: [{ [c]: file.replace('int three', `${body('mid')}int three`) }],
      tree: { [c]: `/* a */\n${file}` },
    },
  ],
]

describe('a patch that git am applies is applied with the same result', () => {
  it.each(applied)('%s', async (_what, { base, changes, tree = base, options = [] }) => {
    const mails = mailsOf(base, changes, ...options)
    start('tree', tree)
    const paths = [...Object.keys(base), ...changes.flatMap((change) => Object.keys(change))]
    const theirs = byGitAm(mails, paths)
    expect(theirs).not.toBeNull()
    expect(await byUs(mails, tree, paths)).toEqual({ state: 'applied', files: theirs })
  })

  it('also if it only changes the mode of a file, which is reported', async () => {
    const mails = mailsOf({ [c]: file }, [
      () => {
        chmodSync(join(repository.folder, c), 0o755)
      },
    ])
    start('tree', { [c]: file })
    expect(byGitAm(mails, [c])).toEqual({ [c]: file })
    expect(await byUs(mails, { [c]: file }, [c])).toEqual({ state: 'applied', files: { [c]: file } })
    const [patch] = parseSeries(mails, { source: 'x', paths: kernelPaths }).patches
    expect(patch?.files).toMatchObject([{ oldMode: '100644', newMode: '100755', hunks: [] }])
  })
})

describe('if git am stops, nothing is applied', () => {
  const hunkOf = (text: string): string => `--- a/${c}\n+++ b/${c}\n${text}`
  const mailed = (diff: string): string =>
    `From: Ann <a@example.org>\nDate: Thu, 5 Jul 2018 12:00:00 +0200\nSubject: [PATCH] x\n\nWhy.\n---\n${diff}-- \n2.39\n`
  const numbered = Array.from({ length: 20 }, (_, i) => `line ${String(i + 1)}\n`).join('')
  const change = mailsOf({ [c]: file }, [{ [c]: two }])

  it.each<readonly [string, string, Files, Ours['state']]>([
    ['changed context', change, { [c]: file.replace('step(two, 4)', 'step(two, 44)') }, 'conflict'],
    ['changed blanks in the context', change, { [c]: file.replaceAll('\t', '        ') }, 'conflict'],
    ['carriage returns in the file', change, { [c]: file.replaceAll('\n', '\r\n') }, 'conflict'],
    ['a missing file', change, {}, 'conflict'],
    ['the same change', change, { [c]: two }, 'already-applied'],
    ['a new file that is there', mailsOf({}, [{ 'n.c': 'int a;\n' }]), { 'n.c': 'int b;\n' }, 'conflict'],
    [
      'a new file that is the same',
      mailsOf({}, [{ 'n.c': 'int a;\n' }]),
      { 'n.c': 'int a;\n' },
      'already-applied',
    ],
    [
      'a deleted file that is gone',
      mailsOf({ 'n.c': 'a\n' }, [{ 'n.c': null }]),
      { [c]: file },
      'already-applied',
    ],
    [
      'a deleted file with more lines',
      mailsOf({ 'n.c': 'a\n' }, [{ 'n.c': null }]),
      { 'n.c': 'a\nb\n' },
      'conflict',
    ],
    [
      'an empty deleted file with lines',
      mailsOf({ 'n.c': '' }, [{ 'n.c': null }]),
      { 'n.c': 'a\n' },
      'conflict',
    ],
    [
      'a rename onto a file that is there',
      mailsOf({ 'n.c': file }, [{ 'n.c': null, 'm.c': file }]),
      { 'n.c': file, 'm.c': 'a\n' },
      'conflict',
    ],
    [
      'a rename that was made',
      mailsOf({ 'n.c': file }, [{ 'n.c': null, 'm.c': two }]),
      { 'm.c': two },
      'already-applied',
    ],
    [
      'half of a patch',
      mailsOf({ [c]: file, 'n.c': file }, [{ [c]: two, 'n.c': two }]),
      { [c]: two, 'n.c': file },
      'partly-in',
    ],
    [
      'hunks that overlap',
      mailed(
        hunkOf(
          '@@ -2,3 +2,3 @@\n line 2\n-line 3\n+x\n line 4\n@@ -4,3 +4,3 @@\n line 4\n-line 5\n+y\n line 6\n',
        ),
      ),
      { [c]: numbered },
      'conflict',
    ],
    [
      'no context behind the last change, not at the end',
      mailed(hunkOf('@@ -9,2 +9,2 @@\n line 9\n-line 10\n+x\n')),
      { [c]: numbered },
      'conflict',
    ],
    [
      'the beginning of the file, which has moved',
      mailed(hunkOf('@@ -1,2 +1,2 @@\n-line 1\n+x\n line 2\n')),
      { [c]: `line 0\n${numbered}` },
      'conflict',
    ],
    ['names without a/ and b/', change.replaceAll(/ [ab]\/drivers/g, ' drivers'), { [c]: file }, 'path'],
  ])('%s', async (_what, mails, tree, state) => {
    start('tree', tree)
    expect(byGitAm(mails, [c])).toBeNull()
    expect(await byUs(mails, tree, [c])).toEqual({ state, files: null })
  })
})

it('a context line without a newline is a conflict if the file has the newline, although git accepts it', async () => {
  const numbered = Array.from({ length: 20 }, (_, i) => `line ${String(i + 1)}\n`).join('')
  const diff = `--- a/${c}\n+++ b/${c}\n@@ -19,2 +19,2 @@\n-line 19\n+x\n line 20\n\\ No newline at end of file\n`
  expect(await byUs(diff, { [c]: numbered }, [c])).toEqual({ state: 'conflict', files: null })
  expect((await byUs(diff, { [c]: numbered.trimEnd() }, [c])).state).toBe('applied')
})

describe('handwritten hunks are applied as git am applies them', () => {
  const numbered = Array.from({ length: 20 }, (_, i) => `line ${String(i + 1)}\n`).join('')
  const mailed = (diff: string): string =>
    `From: Ann <a@example.org>\nDate: Thu, 5 Jul 2018 12:00:00 +0200\nSubject: [PATCH] x\n\nWhy.\n---\n${diff}-- \n2.39\n`

  it.each([
    [
      'that touch one another',
      '@@ -2,2 +2,2 @@\n-line 2\n+x\n line 3\n@@ -4,3 +4,3 @@\n line 4\n-line 5\n+y\n line 6\n',
    ],
    ['of insertions only', '@@ -3,2 +3,3 @@\n line 3\n+x\n line 4\n'],
    ['that replace the whole file', `@@ -1,20 +1 @@\n${numbered.replace(/^/gm, '-').slice(0, -1)}+x\n`],
    ['whose empty lines lost their blank', '@@ -2,3 +2,4 @@\n line 2\n line 3\n+\n line 4\n'],
  ])('%s', async (_what, hunks) => {
    for (const stamp of ['', '\t2018-07-05 12:00:00.000000000 +0200']) {
      const mails = mailed(`--- linux.orig/${c}${stamp}\n+++ linux/${c}${stamp}\n${hunks}`)
      start('tree', { [c]: numbered })
      const theirs = byGitAm(mails, [c])
      expect(theirs).not.toBeNull()
      expect(await byUs(mails, { [c]: numbered }, [c])).toEqual({ state: 'applied', files: theirs })
    }
  })
})

describe('a hunk that git am puts into another function is not applied', () => {
  const twins = (first: string): string =>
    `int one(void)\n{\n\tget(np);\n\tuse(np);\n${first}\treturn 0;\n}\n\nint two(void)\n{\n\tget(np);\n\tuse(np);\n\treturn 0;\n}\n`

  it('a fix that one of two equal functions already has in another form', async () => {
    const before = `/* a */\n\n\n\n${twins('')}`
    const mails = mailsOf({ [c]: before }, [{ [c]: `/* a */\n\n\n\n${twins('\tput(np);\n')}` }], '-U2')
    const tree = { [c]: `/* a */\n\n\n\n${twins('\tcleanup(np);\n')}` }
    start('tree', tree)
    expect(byGitAm(mails, [c])?.[c]).toMatch(/int two[^]*put\(np\)/)
    expect(await byUs(mails, tree, [c])).toEqual({ state: 'elsewhere', files: null })
  })
})

describe('with merging, a patch that git am --3way applies is applied with the same result', () => {
  it.each<readonly [string, Files, readonly Files[], Files]>([
    [
      'changed context',
      { [c]: file },
      [{ [c]: two }],
      { [c]: file.replace('step(two, 3)', 'step(two, 33)') },
    ],
    ['half of a patch', { [c]: file, 'n.c': file }, [{ [c]: two, 'n.c': two }], { [c]: two, 'n.c': file }],
    [
      'one hunk of two that is in',
      { [c]: file },
      [{ [c]: two.replace('step(one, 3)', 'changed(one, 3)') }],
      { [c]: two },
    ],
  ])('%s', async (_what, base, changes, tree) => {
    const mails = mailsOf(base, changes)
    start('tree', tree)
    const paths = Object.keys(base)
    const theirs = byGitAm(mails, paths, '--3way')
    expect(theirs).not.toBeNull()
    const patches = parseSeries(mails, { source: 'x', paths: kernelPaths }).patches
    const result = await applyStack(patches, {
      read: (path) => Promise.resolve(tree[path] ?? null),
      merging: {
        blobId,
        merge: (texts) => mergeByGit(texts, repository.folder),
        readBlob: (path, id) =>
          Promise.resolve(blobId(base[path] ?? '').startsWith(id) ? (base[path] ?? null) : null),
      },
    })
    expect(result.state).toBe('applied')
    for (const path of paths) expect(result.changed.get(path) ?? tree[path]).toBe(theirs?.[path])
  })

  it('a conflict stays a conflict', async () => {
    const mails = mailsOf({ [c]: file }, [{ [c]: two }])
    const tree = { [c]: file.replace('step(two, 5)', 'other(two, 5)') }
    start('tree', tree)
    expect(byGitAm(mails, [c], '--3way')).toBeNull()
    expect(await byUs(mails, tree, [c], true)).toEqual({ state: 'conflict', files: null })
  })
})
