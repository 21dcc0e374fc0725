// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownedPrefix } from '@pfo-workbench/process'
import { describe, expect, it } from 'vitest'
import { openKernelTree, readText, type KernelTree } from '../src/index.ts'
import {
  commitAll,
  contentOf,
  git,
  makeFolder,
  makefile,
  makeRepository,
  sample,
  writeFiles,
} from './support/sample.ts'

const open = async (argument: string, cacheFolder = join(makeFolder(), 'cache')): Promise<KernelTree> =>
  openKernelTree(argument, { cacheFolder })

/** Opens a tree, reads and exports one of its files, and returns the results. */
async function use(
  argument: string,
): Promise<{ tree: KernelTree; exported: string | null; listed: readonly string[] }> {
  const tree = await open(argument)
  try {
    const mounts = await tree.mounts(['drivers/of/dynamic.c'])
    const mount = mounts.find(({ path }) => path === 'drivers/of')
    const exported = mount === undefined ? null : readFileSync(join(mount.from, 'dynamic.c'), 'utf8')
    return { tree, exported, listed: await tree.list('drivers/of') }
  } finally {
    await tree.dispose()
  }
}

describe('a repository', () => {
  it('defaults to HEAD', async () => {
    const folder = makeRepository()
    const commit = git(folder, 'rev-parse', 'HEAD')
    const { tree, exported, listed } = await use(folder)
    expect(tree).toMatchObject({ commit, title: `6.1.7 (${commit.slice(0, 12)})`, notes: [] })
    expect(tree.id).toBe(git(folder, 'rev-parse', 'HEAD^{tree}'))
    expect(exported).toBe(sample['drivers/of/dynamic.c'])
    expect(listed).toEqual(['base.c', 'dynamic.c'])
  })

  it('resolves every name that git knows for a commit', async () => {
    const folder = makeRepository()
    const first = git(folder, 'rev-parse', 'HEAD')
    git(folder, 'tag', '--annotate', '--message=x', 'v6.1')
    writeFiles(folder, { Makefile: makefile('6.2.0-rc1') })
    const second = commitAll(folder, 'second')
    git(folder, 'branch', 'topic/x@y')
    git(folder, 'pack-refs', '--all')
    for (const [name, commit] of [
      ['v6.1', first],
      ['HEAD~1', first],
      [first.slice(0, 10), first],
      ['main', second],
      ['topic/x@y', second],
    ] as const) {
      const tree = await open(`${folder}@${name}`)
      expect([name, tree.commit]).toEqual([name, commit])
      await tree.dispose()
    }
  })

  it.each(['v9.9', 'HEAD~9', '--help', '-n', 'HEAD:Makefile', ''.padEnd(40, '0')])(
    'has no commit %j',
    async (name) => {
      const folder = makeRepository()
      await expect(open(`${folder}@${name}`)).rejects.toMatchObject({
        code: 'commit',
        message: `${folder} has no commit ${name}; accepted: branches, tags and ids of commits`,
      })
    },
  )

  it('is read if bare, shared, a linked work tree, packed, or named by a folder in it', async () => {
    const folder = makeRepository()
    const others = makeFolder()
    git(others, 'clone', '--quiet', '--bare', folder, 'bare.git')
    git(others, 'clone', '--quiet', '--shared', folder, 'shared')
    git(folder, 'worktree', 'add', '--quiet', '--detach', join(others, 'linked'))
    git(others, 'clone', '--quiet', folder, 'packed')
    git(join(others, 'packed'), 'gc', '--quiet', '--aggressive')
    const commit = git(folder, 'rev-parse', 'HEAD')
    for (const place of ['bare.git', 'shared', 'linked', 'packed', 'packed/drivers/of', 'packed/.git']) {
      const { tree, exported } = await use(join(others, place))
      expect([place, tree.commit, exported]).toEqual([place, commit, sample['drivers/of/dynamic.c']])
    }
  })

  it('may contain the kernel in a folder', async () => {
    const files = Object.fromEntries(Object.entries(sample).map(([path, text]) => [`linux/${path}`, text]))
    const folder = makeRepository({ ...files, README: 'x' })
    const { tree, exported } = await use(join(folder, 'linux/drivers'))
    expect(tree.id).toBe(git(folder, 'rev-parse', 'HEAD:linux'))
    expect(exported).toBe(sample['drivers/of/dynamic.c'])
    await expect(open(folder)).rejects.toMatchObject({ code: 'not-a-kernel' })
  })

  it('that is shallow is read; other commits are missing', async () => {
    const folder = makeRepository()
    writeFiles(folder, { 'drivers/of/base.c': 'x' })
    const commit = commitAll(folder, 'second')
    const others = makeFolder()
    git(others, 'clone', '--quiet', '--depth=1', `file://${folder}`, 'shallow')
    const shallow = join(others, 'shallow')
    expect((await use(shallow)).tree.commit).toBe(commit)
    await expect(open(`${shallow}@HEAD~1`)).rejects.toThrow(
      `has no commit HEAD~1; it is a shallow clone; "git -C ${shallow} fetch --unshallow" may fetch it`,
    )
  })

  it('that is a partial clone is refused', async () => {
    const folder = makeRepository()
    git(folder, 'config', 'uploadpack.allowFilter', 'true')
    const others = makeFolder()
    git(others, 'clone', '--quiet', '--no-checkout', '--filter=blob:none', `file://${folder}`, 'partial')
    const partial = join(others, 'partial')
    const before = contentOf(partial)
    await expect(open(partial)).rejects.toMatchObject({ code: 'partial-clone' })
    expect(contentOf(partial)).toEqual(before)
  })

  it('with missing objects is an error, and nothing is fetched', async () => {
    const folder = makeRepository()
    const blob = git(folder, 'rev-parse', 'HEAD:drivers/of/dynamic.c')
    rmSync(join(folder, '.git/objects', blob.slice(0, 2), blob.slice(2)))
    await expect(use(folder)).rejects.toMatchObject({ code: 'repository' })
  })

  it('that is damaged is reported in one line', async () => {
    const folder = makeRepository()
    const tree = git(folder, 'rev-parse', 'HEAD:drivers')
    const file = join(folder, '.git/objects', tree.slice(0, 2), tree.slice(2))
    chmodSync(file, 0o644)
    writeFileSync(file, 'garbage')
    await expect(open(folder)).rejects.toThrow(/^git cannot list commit [^\n]*$/)
  })

  it('without a commit is an error', async () => {
    const folder = makeFolder()
    git(folder, 'init', '--quiet')
    await expect(open(folder)).rejects.toMatchObject({ code: 'commit' })
  })

  it.runIf(process.getuid?.() === 0)('of another user is read', async () => {
    const folder = makeRepository()
    for (const path of [folder, ...contentOf(folder).keys()]) chownSync(path, 12_345, 12_345)
    expect((await use(folder)).exported).toBe(sample['drivers/of/dynamic.c'])
  })

  it('with SHA-256 is read', async () => {
    const folder = writeFiles(makeFolder(), sample)
    git(folder, 'init', '--quiet', '--object-format=sha256')
    commitAll(folder, 'first')
    expect((await use(folder)).exported).toBe(sample['drivers/of/dynamic.c'])
  })
})

describe('changes in the work tree', () => {
  it('are not used, but counted', async () => {
    const folder = makeRepository()
    writeFiles(folder, { 'drivers/of/dynamic.c': 'changed', 'untracked.c': '' })
    rmSync(join(folder, 'kernel/fork.c'))
    writeFiles(folder, { 'lib/staged.c': '' })
    git(folder, 'add', 'lib/staged.c')
    const before = contentOf(folder)
    const { tree, exported } = await use(folder)
    const head = git(folder, 'rev-parse', '--short=12', 'HEAD')
    expect(tree.notes).toEqual([`3 changed files of the work tree are not used: HEAD (${head}) is`])
    expect(exported).toBe(sample['drivers/of/dynamic.c'])
    expect(contentOf(folder)).toEqual(before)
  })

  it('are counted with a split index too, and ignored if a commit is named', async () => {
    const folder = makeRepository()
    git(folder, 'update-index', '--split-index')
    writeFiles(folder, { 'drivers/of/dynamic.c': 'changed' })
    const [head] = (await use(folder)).tree.notes
    expect(head).toMatch(/^1 changed file of the work tree is not used/)
    expect((await use(`${folder}@HEAD`)).tree.notes).toEqual([])
  })
})

/** Configuration lines that name a program wherever git accepts one. */
const hostileConfiguration = (program: string): string => `
[core]
  fsmonitor = ${program}
  hooksPath = hooks
  sshCommand = ${program}
  pager = ${program}
  editor = ${program}
  askPass = ${program}
  gitProxy = ${program}
  worktree = /nonexistent
  attributesFile = attributes
  alternateRefsCommand = ${program}
[filter "evil"]
  smudge = ${program}
  clean = ${program}
  process = ${program}
  required = true
[diff]
  external = ${program}
[diff "evil"]
  textconv = ${program}
  command = ${program}
[merge "evil"]
  driver = ${program}
[uploadpack]
  packObjectsHook = ${program}
[credential]
  helper = ${program}
[gpg]
  program = ${program}
[status]
  submoduleSummary = true
[alias]
  rev-parse = !${program}
  ls-tree = !${program}
  status = !${program}
[tar "tar"]
  command = ${program}
[include]
  path = more
`

describe('a hostile repository', () => {
  it('runs no program, applies no export attributes, and is not modified', async () => {
    const folder = makeRepository({
      ...sample,
      '.gitattributes':
        '* filter=evil diff=evil merge=evil export-subst ident\ndynamic.c export-ignore\n*.c eol=crlf\n',
    })
    const trap = makeFolder()
    const program = join(trap, 'program')
    writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> ${join(trap, 'sprung')}\n`)
    chmodSync(program, 0o755)
    writeFileSync(join(folder, '.git/config'), hostileConfiguration(program), { flag: 'a' })
    writeFileSync(join(folder, '.git/more'), `[core]\n  fsmonitor = ${program}\n`)
    writeFileSync(join(folder, '.git/info/attributes'), '* filter=evil\n')
    for (const hook of ['post-checkout', 'post-index-change', 'pre-auto-gc', 'reference-transaction']) {
      writeFileSync(join(folder, '.git/hooks', hook), readFileSync(program))
      chmodSync(join(folder, '.git/hooks', hook), 0o755)
    }
    writeFiles(folder, { 'drivers/of/base.c': 'changed' })
    const before = contentOf(folder)
    const { tree, exported } = await use(folder)
    expect(exported).toBe(sample['drivers/of/dynamic.c'])
    expect(tree.notes).toHaveLength(1)
    expect(contentOf(folder)).toEqual(before)
    expect(existsSync(join(trap, 'sprung'))).toBe(false)
    // Check the trap itself: git run by the owner of the repository triggers it.
    try {
      git(folder, `--work-tree=${folder}`, 'status')
    } catch {
      // git fails because its helper prints nothing.
    }
    expect(existsSync(join(trap, 'sprung'))).toBe(true)
  })

  it('with a submodule does not run git in the submodule', async () => {
    const inner = makeRepository()
    const folder = makeRepository()
    git(folder, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'sub')
    commitAll(folder, 'submodule')
    const trap = join(makeFolder(), 'sprung')
    git(join(folder, 'sub'), 'config', 'core.fsmonitor', `touch ${trap};:`)
    await use(folder)
    expect(existsSync(trap)).toBe(false)
    git(folder, 'status')
    expect(existsSync(trap)).toBe(true)
  })

  it('exports no symbolic links and ignores replacement objects', async () => {
    const folder = makeRepository()
    symlinkSync('/etc/passwd', join(folder, 'drivers/of/passwd.h'))
    commitAll(folder, 'link')
    const [real, other] = ['drivers/of/dynamic.c', 'kernel/fork.c'].map((path) =>
      git(folder, 'rev-parse', `HEAD:${path}`),
    )
    git(folder, 'replace', real ?? '', other ?? '')
    const { exported, listed } = await use(folder)
    expect(exported).toBe(sample['drivers/of/dynamic.c'])
    expect(listed).toEqual(['base.c', 'dynamic.c'])
  })

  it('cannot make the export write outside of its folder', async () => {
    const folder = makeRepository()
    const blob = git(folder, 'rev-parse', 'HEAD:kernel/fork.c')
    const bad = join(folder, 'bad')
    const entry = Buffer.concat([Buffer.from('100644 ../../evil.c\0'), Buffer.from(blob, 'hex')])
    writeFileSync(bad, entry)
    const tree = git(folder, 'hash-object', '-t', 'tree', '-w', '--literally', bad)
    rmSync(bad)
    git(folder, 'read-tree', 'HEAD')
    const kernel = git(folder, 'ls-tree', 'HEAD').replace(/^.*\tkernel$/m, `040000 tree ${tree}\tkernel`)
    writeFileSync(bad, kernel)
    const top = execFileSync('git', ['-C', folder, 'mktree'], {
      input: `${kernel}\n`,
      encoding: 'utf8',
    }).trim()
    const commit = git(folder, 'commit-tree', '-m', 'evil', top)
    const place = makeFolder()
    const opened = await open(`${folder}@${commit}`, join(place, 'a/b'))
    expect(await opened.list('kernel')).toEqual([])
    await opened.mounts(['kernel', 'kernel/../../evil.c'])
    await opened.dispose()
    expect([...contentOf(place).keys()].filter((path) => path.includes('evil'))).toEqual([])
  })
})

describe('parts of commits', () => {
  it('are cached by content: commits share equal parts', async () => {
    const folder = makeRepository()
    const cache = join(makeFolder(), 'cache')
    const first = await open(folder, cache)
    const before = await first.mounts([
      'drivers/of/base.c',
      'include',
      'kernel/fork.c',
      'Makefile',
      'no/such',
    ])
    expect(before.map(({ path }) => path)).toEqual(['drivers/of', 'include', 'kernel', ''])
    await first.dispose()
    writeFiles(folder, { 'kernel/fork.c': 'changed' })
    commitAll(folder, 'second')
    const second = await open(folder, cache)
    const after = await second.mounts(['drivers/of/base.c', 'include', 'kernel/fork.c', 'Makefile'])
    await second.dispose()
    const changed = after.filter(({ path, from }) => before.find((one) => one.path === path)?.from !== from)
    expect(changed.map(({ path }) => path)).toEqual(['kernel'])
    expect(readdirSync(join(cache, 'trees'))).toHaveLength(5)
  })

  it('are exported again if the cache was cleared meanwhile', async () => {
    const cache = join(makeFolder(), 'cache')
    const tree = await open(makeRepository(), cache)
    const before = await tree.mounts(['drivers/of/dynamic.c', 'include'])
    rmSync(join(cache, 'trees'), { recursive: true })
    const after = await Promise.all([tree.mounts(['drivers/of/dynamic.c']), tree.mounts(['include'])])
    await tree.dispose()
    expect(after).toEqual([before, before])
    expect(before.map(({ from }) => existsSync(from))).toEqual([true, true])
  })

  it('that cannot be written are an error that names the folder', async () => {
    const folder = makeRepository()
    const file = join(makeFolder(), 'file')
    writeFileSync(file, '')
    const tree = await open(folder, file)
    await expect(tree.mounts(['include'])).rejects.toMatchObject({ code: 'unreadable' })
    await tree.dispose()
  })

  it('can be read concurrently', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [
        `lib/f${String(index)}.c`,
        `${String(index)}\n`.repeat(index * 7),
      ]),
    )
    const tree = await open(makeRepository({ ...sample, ...files }))
    const texts = await Promise.all(Object.keys(files).map(async (path) => readText(tree, path)))
    expect(texts).toEqual(Object.values(files))
    await tree.dispose()
  })
})

it('leaves no temporary folder', async () => {
  const ours = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(ownedPrefix('pfo-git')))
  const folder = makeRepository()
  const tree = await open(folder)
  expect(ours()).toHaveLength(1)
  await tree.dispose()
  await expect(open(`${folder}@nope`)).rejects.toThrow()
  expect(ours()).toEqual([])
})
