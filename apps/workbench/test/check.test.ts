// SPDX-License-Identifier: GPL-2.0-only
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import { kernelPaths, parseSeries } from '@pfo-workbench/patch'
import { checkReport, type CheckDocument, type CheckedPatch } from '@pfo-workbench/check'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { checkHint } from '../src/check/check-hint.ts'
import { filesToCheck } from '../src/check/files-to-check.ts'
import { preparePatches } from '../src/check/patches-to-check.ts'
import { readPatches } from '../src/check/read-patches.ts'
import { scenarioHint } from '../src/check/scenario-hint.ts'
import { buildCommand, pfo, scratch, write } from './support.ts'

/** A kernel tree of these texts. */
function treeOf(texts: Readonly<Record<string, string>>): KernelTree {
  const paths = Object.keys(texts)
  return {
    title: 'a tree',
    version: { text: '6.12.1', numbers: [6, 12, 1] } as unknown as KernelTree['version'],
    commit: null,
    id: 'x',
    notes: [],
    texts: new Map(),
    read: async (path) => Promise.resolve(texts[path] === undefined ? null : Buffer.from(texts[path])),
    list: async (folder) => {
      const below = paths.filter((path) => path.startsWith(`${folder}/`))
      const names = below.map((path) => path.slice(folder.length + 1).replace(/\/.*/, '/'))
      return Promise.resolve([...new Set(names)].sort())
    },
    mounts: async () => Promise.resolve([]),
    dispose: async () => Promise.resolve(),
  }
}

const before = 'int f(void)\n{\n\tint a = 1;\n\n\treturn a;\n}\n'
const after = before.replace('return a', 'return a + 1')
const diff = `Subject: [PATCH] f: Add one

--- a/lib/f.c
+++ b/lib/f.c
@@ -2,5 +2,5 @@ int f(void)
 {
 \tint a = 1;
 
-\treturn a;
+\treturn a + 1;
 }
`
const series = parseSeries(diff, { source: 'f.patch', paths: kernelPaths })

describe('patches for a check', () => {
  it('contain the texts before and after', async () => {
    const [prepared] = await preparePatches(treeOf({ 'lib/f.c': before }), [series])
    expect(prepared).toMatchObject({
      status: 'ready',
      patch: { title: 'f: Add one', state: 'applied', files: [{ path: 'lib/f.c', before, after }] },
    })
  })

  it('are reverted if the tree already contains them', async () => {
    const [prepared] = await preparePatches(treeOf({ 'lib/f.c': after }), [series])
    expect(prepared).toMatchObject({
      status: 'ready',
      patch: { state: 'already-applied', files: [{ path: 'lib/f.c', before, after }] },
    })
  })

  it('that do not apply are reported, and the others are still checked', async () => {
    const [prepared] = await preparePatches(treeOf({ 'lib/f.c': 'int g;\n' }), [series])
    expect(prepared).toMatchObject({ status: 'refused', result: { state: 'conflict' } })
  })

  it('are applied on top of earlier changes of the tree', async () => {
    const patched = withTexts(treeOf({ 'lib/f.c': 'int g;\n' }), new Map([['lib/f.c', before]]))
    expect(await preparePatches(patched, [series])).toMatchObject([{ status: 'ready' }])
  })
})

describe('patches on the command line', () => {
  const mail = (subject: string, rest = diff.slice(diff.indexOf('\n'))): string =>
    `From: A <a@example.org>\nSubject: ${subject}\n${rest}`
  const readMails = async (folder: string, mails: Readonly<Record<string, string>>): Promise<string[]> => {
    mkdirSync(join(scratch, folder), { recursive: true })
    for (const [name, text] of Object.entries(mails)) write(`${folder}/${name}`, text)
    const inputs = await readPatches([join(scratch, folder)])
    return inputs.map((input) =>
      input.status === 'refused'
        ? `refused: ${input.result.reason ?? ''}`
        : input.parts.flatMap(({ patches }) => patches.map(({ subject }) => subject)).join(' + '),
    )
  }

  it('are one series if their files are numbered as its parts, and independent otherwise', async () => {
    const mails = {
      '0000-cover.patch': mail('[PATCH 0/2] f: Changes', '\nTwo changes.\n'),
      '0001-one.patch': mail('[PATCH 1/2] f: One'),
      '0002-two.patch': mail('[PATCH 2/2] f: Two'),
      '0003-other.patch': mail('[PATCH] g: Three'),
      '0004-version.patch': mail('[PATCH v2 3/3] h: Four'),
    }
    expect(await readMails('parts', mails)).toEqual(['f: One + f: Two', 'g: Three', 'h: Four'])
  })

  it('that are damaged do not stop the others', async () => {
    const damaged = mail('[PATCH] f: Damaged').replace('@@ -2,5 +2,5 @@', '@@ -2,5 +2,6 @@')
    const [first, second] = await readMails('damaged', {
      'a.mbox': damaged,
      'b.mbox': mail('[PATCH] f: Sound'),
    })
    expect(first).toMatch(/^refused: .*a\.mbox:\d+: the hunk's header promises/)
    expect(second).toBe('f: Sound')
    await expect(readPatches([join(scratch, 'damaged/a.mbox')])).rejects.toThrow('the hunk')
  })

  it('must be among the mails', async () => {
    const reply = mail('Re: [PATCH] f: Sound', '\nLooks good.\n')
    await expect(readMails('replies', { 'a.mbox': reply, 'b.mbox': reply })).rejects.toThrow('replies/a.mbox')
  })
})

describe('files for a check', () => {
  const tree = treeOf({
    'drivers/a/probe.c': 'np = of_find_node_by_path("/");\n',
    'drivers/a/plain.c': 'int a;\n',
    'drivers/a/deep/loop.c': 'for_each_child_of_node(np, child)\n',
    'drivers/a/head.h': 'of_node_put(np);\n',
  })

  it('in a folder are those that count references', async () => {
    expect(await filesToCheck(tree, ['drivers/'], [])).toEqual(['drivers/a/deep/loop.c', 'drivers/a/probe.c'])
  })

  it('on the command line are taken as they are, once', async () => {
    expect(await filesToCheck(tree, ['./drivers/a/plain.c', 'drivers/a/plain.c'], [])).toEqual([
      'drivers/a/plain.c',
    ])
  })

  it('must exist and be C files', async () => {
    await expect(filesToCheck(tree, ['drivers/b'], [])).rejects.toThrow('no such file, and no C file below')
    await expect(filesToCheck(tree, ['drivers/a/head.h'], [])).rejects.toThrow('only C files')
  })
})

describe('the hint at pfo compare', () => {
  const of = (file: string, name: string, state: CheckedPatch['state'] = 'applied'): CheckedPatch => ({
    id: 'a',
    title: 'a',
    state,
    functions: [
      { file, name, configuration: 'ppc64', forced: [], paths: 2, complete: true, approximate: false },
    ],
    findings: [],
  })
  const dlpar = 'arch/powerpc/platforms/pseries/dlpar.c'

  it('is printed if scenarios run a function of a patch', async () => {
    const hint = await scenarioHint([of(dlpar, 'dlpar_detach_node')])
    expect(hint).toMatch(/^scenarios run dlpar_detach_node\(\): "pfo compare --kernel" plays/)
  })

  it('is not printed for other functions, nor for files without a patch', async () => {
    expect(await scenarioHint([of('drivers/a/probe.c', 'probe')])).toBeNull()
    expect(await scenarioHint([of(dlpar, 'dlpar_detach_node', 'unpatched')])).toBeNull()
  })
})

describe('the hint at pfo check', () => {
  type Hinted = Parameters<typeof checkHint>[0]
  const of = (
    exercised: boolean,
    status = 'ok',
    scenarios = shippedScenarios('all'),
    exercise: readonly unknown[] = [{}],
  ): Hinted =>
    ({
      scenarios,
      baseline: 'unpatched',
      variants: [
        { id: 'unpatched', status: 'ok', exercised: false, exercise: [], patches: [] },
        { id: 'fix', status, exercised, exercise, patches: ['fix'] },
      ],
    }) as unknown as Hinted

  it('is printed if no scenario runs a changed statement', () => {
    expect(checkHint(of(false), '/src/my linux')).toBe(
      `no scenario runs the changes of fix; to execute the changed functions in isolation: pfo check --kernel '/src/my linux' PATCH`,
    )
  })

  it('says how many other scenarios there are', () => {
    const some = shippedScenarios('all').slice(2)
    expect(checkHint(of(false, 'ok', some), 'linux')).toContain(
      'no scenario runs the changes of fix; --scenario all plays 2 more scenarios; to execute',
    )
    const leftOut = shippedScenarios('all').slice(0, 2)
    expect(checkHint({ ...of(false, 'ok', some), leftOut } as unknown as Hinted, 'linux')).not.toContain(
      '--scenario',
    )
  })

  it('counts no scenario that this kernel cannot play', () => {
    const [first, ...others] = shippedScenarios('all')
    const leftOut = [{ id: first?.id ?? '', title: '', reason: 'not for this kernel' }]
    expect(checkHint({ ...of(false, 'ok', others), leftOut }, 'linux')).not.toContain('--scenario all')
  })

  it('is not printed if a scenario runs a changed statement, nor for a patch that was not played', () => {
    expect(checkHint(of(true), 'linux')).toBeNull()
    expect(checkHint(of(false, 'conflict'), 'linux')).toBeNull()
  })

  it('is not printed for a patch that changes no statement', () => {
    expect(checkHint(of(false, 'ok', [], []), 'linux')).toBeNull()
  })
})

/** The JSON document of a check of files. */
function checkOf(names: readonly string[], shard?: CheckDocument['shard']): CheckDocument {
  return {
    schemaVersion: 1,
    kernel: '6.12.1',
    compiler: 'clang 19',
    ...(shard === undefined ? {} : { shard }),
    patches: names.map((name) => ({
      id: name,
      title: name,
      state: 'unpatched',
      functions: [],
      findings: [
        {
          rule: 'leak',
          severity: 'error',
          status: 'present',
          file: name,
          function: 'probe',
          line: 7,
          message: `leak of the node of ${name}`,
          paths: 1,
          ofPaths: 2,
          path: [],
        },
      ],
    })),
  }
}

describe.concurrent('pfo report of checks', () => {
  const names = ['a.c', 'b.c', 'c.c', 'd.c', 'e.c']
  const json = (document: CheckDocument): string =>
    checkReport(document, 'json', { kept: false, color: false })
  const shards = ['shard-1.json', 'shard-2.json', 'shard-3.json']

  beforeAll(() => {
    buildCommand()
    shards.forEach((file, i) => {
      const own = names.filter((_, place) => place % shards.length === i)
      write(file, json(checkOf(own, { index: i + 1, of: shards.length })))
    })
    write('whole.json', json(checkOf(names)))
    write('comparison.json', '{"schemaVersion":2}')
  }, 180_000)

  it('merges shards, in any order, to the same bytes as the whole check', async () => {
    const [first = '', second = '', third = ''] = shards
    const { code, stdout, stderr } = await pfo('report', third, first, second, '--format', 'json')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(json(checkOf(names)))
  })

  it('prints the output of the check, with the exit code of the condition', async () => {
    const { code, stdout } = await pfo('report', 'whole.json', '--format', 'md', '--fail-on', 'any')
    expect(code).toBe(1)
    expect(stdout).toBe(checkReport(checkOf(names), 'md', { kept: false, color: false }))
  })

  it('refuses options that checks do not have, and names the accepted ones', async () => {
    const [first = '', second = ''] = shards
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[first, second], /shard 3 of 3 is missing/],
      [[first, 'comparison.json'], /documents of different kinds cannot be merged/],
      [[...shards, '--format', 'html'], /a check is printed as text, json, md, mail, junit/],
      [[...shards, '--fail-on', 'revealed'], /accepted for a check: never, introduced, any/],
      [[...shards, '--full'], /for checks, --kept shows/],
    ]
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await pfo('report', ...args)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(message)
    }
  })
})

describe.concurrent('pfo check', () => {
  beforeAll(() => {
    buildCommand()
    mkdirSync(join(scratch, 'linux'), { recursive: true })
    write('contracts.json', '{"schemaVersion":1,"functions":{"f":{"drops":[0]}}}')
  }, 180_000)

  it.each([
    ['nothing to check', ['--kernel', '.'], /nothing to check: name patches, or files and folders/],
    ['no tree', [], /required option '--kernel <tree>'/],
    ['a shard that is none', ['--kernel', '.', 'x', '--shard', '3/2'], /It must be I\/N with I from 1 to N/],
    [
      'an unknown class',
      ['--kernel', '.', '--file', 'x', '--class', 'tree'],
      /Known classes: of_node, fwnode, device/,
    ],
    ['bad contracts', ['--kernel', '.', '--file', 'x', '--contracts', 'contracts.json'], /needs a "class"/],
    [
      'contracts that are not there',
      ['--kernel', '.', '--file', 'x', '--contracts', 'none.json'],
      /cannot be read/,
    ],
    [
      'a configuration that is not there',
      ['--kernel', '.', '--file', 'x', '--config', 'none'],
      /cannot be read/,
    ],
    ['patches to verify contracts by', ['--kernel', '.', 'x', '--verify-contracts'], /takes no patches/],
    [
      'verified contracts as a mail',
      ['--kernel', '.', '--verify-contracts', '--format', 'mail'],
      /printed as text or json, not as mail/,
    ],
  ])('refuses %s and exits with 2', async (_, args, message) => {
    const { code, stdout, stderr } = await pfo('check', ...args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })

  it('has help with examples', async () => {
    const { code, stdout } = await pfo('check', '--help')
    expect(code).toBe(0)
    for (const text of ['--contracts', '--fail-on', '--shard', 'pfo check --kernel ~/linux --file']) {
      expect(stdout).toContain(text)
    }
  })
})
