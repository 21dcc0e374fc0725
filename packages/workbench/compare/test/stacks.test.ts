// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PatchError, patchId } from '@pfo-workbench/patch'
import { describe, expect, it } from 'vitest'
import { unpatchedStack, compare, loadStacks, StackError, stackOfFile, stackOfId } from '../src/index.ts'
import { engine, folderWith, root } from './support.ts'

const patches = join(root, 'patches')
const shipped = (id: string): string => readFileSync(join(patches, `${id}.patch`), 'utf8')

/** The error for a series file with this text, without its folder. */
function refusal(text: string): string {
  const folder = folderWith({ 'series.yaml': text, 'wipe.patch': shipped('wipe') })
  try {
    loadStacks(join(folder, 'series.yaml'), engine)
  } catch (fault) {
    if (fault instanceof StackError) return fault.message.replaceAll(`${folder}/`, '')
    throw fault
  }
  throw new Error('it was accepted')
}

describe('a series file', () => {
  it('names stacks of the patches in its folder, in order of application', () => {
    const folder = folderWith({
      'series.yaml': `stacks:
  - patches: [b, a]
    title: Both
  - patches: [a]
`,
      'a.patch': shipped('wipe'),
      'b.patch': shipped('cache-skip-detached'),
    })
    const stacks = loadStacks(join(folder, 'series.yaml'), engine)
    expect(stacks.map(({ id, title, patches }) => [id, title, patches.map((patch) => patch.id)])).toEqual([
      ['b+a', 'Both', ['b', 'a']],
      ['a', stackOfId(patches, 'wipe', engine).title, ['a']],
    ])
    expect(stacks[1]?.title).toMatch(/^powerpc.*detached node$/)
  })

  it('of the workbench has every shipped patch in some stack', () => {
    const files = readdirSync(patches).filter((name) => name.endsWith('.patch'))
    const used = loadStacks(join(patches, 'series.yaml'), engine).flatMap((stack) =>
      stack.patches.map((patch) => patch.id),
    )
    expect(new Set(used)).toEqual(new Set(files.map(patchId)))
  })

  it.each([
    [
      'an unknown patch',
      'stacks:\n  - patches: [wipe]\n  - patches:\n      - wipe\n      - wiped\n',
      ':5:9: "stacks.1.patches.1": there is no wiped.patch next to the series file',
    ],
    [
      'a path instead of an id',
      'stacks: [{ patches: ["../wipe"] }]\n',
      ':1:22: "stacks.0.patches.0": there is no ../wipe.patch next to the series file',
    ],
    [
      'an unknown field',
      'stacks:\n  - patches: [wipe]\n    titel: x\n',
      ':3:5: unknown field "stacks.0.titel"; accepted here: patches, title. Did you mean "title"?',
    ],
    [
      'a patch twice in a stack',
      'stacks:\n  - patches: [wipe, wipe]\n',
      ':2:5: "stacks.0.patches": must name each patch once',
    ],
    [
      'a stack of no patches',
      'stacks:\n  - patches: []\n',
      ':2:5: "stacks.0.patches": must name at least one patch',
    ],
    [
      'a number for a patch',
      'stacks:\n  - patches: [5]\n',
      ':2:15: "stacks.0.patches.0": expected a string, found a number',
    ],
    ['no stacks', 'stacks: []\n', ':1:1: "stacks": must name at least one stack'],
    [
      'a stack without patches',
      'stacks:\n  - title: x\n',
      ':2:5: "stacks.0.patches": is missing; expected a list',
    ],
    [
      'bad YAML',
      'stacks: [\n',
      ':2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ])('with %s is refused, and the message says where', (_what, text, message) => {
    expect(refusal(text)).toBe(`series.yaml${message}`)
  })

  it('that does not exist is refused', () => {
    expect(() => loadStacks('/nowhere/series.yaml', engine)).toThrow(
      '/nowhere/series.yaml: the series file cannot be read: there is no such file',
    )
  })
})

describe('a stack', () => {
  it('has an id made of the ids of its patches, joined by "+"', () => {
    expect(stackOfId(patches, 'wipe+cache-skip-detached', engine)).toMatchObject({
      id: 'wipe+cache-skip-detached',
      patches: [{ id: 'wipe' }, { id: 'cache-skip-detached' }],
    })
    expect(stackOfId(patches, 'baseline', engine)).toEqual(unpatchedStack(engine))
  })

  it.each(['nonsense', 'wipe+nonsense', '../patches/wipe', '', 'wipe+', 'baseline+wipe'])(
    '"%s" is no stack of shipped patches',
    (id) => {
      expect(() => stackOfId(patches, id, engine)).toThrow(StackError)
      expect(() => stackOfId(patches, id, engine)).toThrow('"pfo list patches" lists the patches')
    },
  )

  it('has each patch once', () => {
    expect(() => stackOfId(patches, 'wipe+wipe', engine)).toThrow(
      '"wipe" appears twice in the stack wipe+wipe',
    )
  })

  it('cannot have a patch file with a "+" in its name, which would make ids ambiguous', () => {
    const folder = folderWith({ 'a b+c.patch': shipped('wipe') })
    expect(() => stackOfFile(join(folder, 'a b+c.patch'), engine)).toThrow(
      'a b+c.patch: the name contains "+", which joins the patches of a stack. Accepted: a name without "+", such as a b-c.patch',
    )
  })

  it('of a patch file has the id of the file and the subject of the mail as title', () => {
    const folder = folderWith({ 'my.patch': shipped('wipe'), 'no.patch': 'no diff here' })
    expect(stackOfFile(join(folder, 'my.patch'), engine)).toMatchObject({
      id: 'my',
      title: stackOfId(patches, 'wipe', engine).title,
      patches: [{ id: 'my' }],
    })
    expect(() => stackOfFile(join(folder, 'no.patch'), engine)).toThrow(PatchError)
    expect(() => stackOfFile(join(folder, 'none.patch'), engine)).toThrow(StackError)
  })
})

describe('the variants of a comparison', () => {
  const wipe = stackOfId(patches, 'wipe', engine)

  it('must have different ids', async () => {
    await expect(compare({ engine, stacks: [wipe, wipe], scenarios: [] })).rejects.toThrow(StackError)
    await expect(compare({ engine, stacks: [wipe, wipe], scenarios: [] })).rejects.toThrow(
      '"wipe" is given twice',
    )
  })

  it('cannot have the id of the unpatched kernel', async () => {
    const stacks = [{ ...wipe, id: 'baseline' }]
    await expect(compare({ engine, stacks, scenarios: [] })).rejects.toThrow(
      'a patch file cannot be named "baseline.patch"',
    )
  })
})

describe('what is no regular file is refused at once:', () => {
  it.runIf(existsSync('/dev/zero'))('a device without an end', () => {
    const reason = 'cannot be read: it is a device. Accepted: a regular file'
    expect(() => stackOfFile('/dev/zero', engine)).toThrow(`/dev/zero: the patch ${reason}`)
    expect(() => loadStacks('/dev/zero', engine)).toThrow(`/dev/zero: the series file ${reason}`)
  })

  it.skipIf(process.platform === 'win32')('a pipe in the place of a patch of a series', () => {
    const folder = folderWith({ 'series.yaml': 'stacks: [{ patches: [x] }]\n' })
    execFileSync('mkfifo', [join(folder, 'x.patch')])
    expect(() => loadStacks(join(folder, 'series.yaml'), engine)).toThrow(
      'x.patch: the patch cannot be read: it is a pipe. Accepted: a regular file',
    )
  })
})

it('a patch over the size limit is refused', () => {
  const folder = folderWith({ 'long.patch': 'x'.repeat(4_194_305) })
  expect(() => stackOfFile(join(folder, 'long.patch'), engine)).toThrow(
    'long.patch: the file is too long. Accepted: at most 4194304 bytes.',
  )
})
