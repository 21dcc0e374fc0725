// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tally, type Cell } from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { afterAll, describe, expect, it } from 'vitest'
import { exitCodeFor, remarkOn, type VariantOutcome } from '../src/compare-command.ts'
import { chooseScenarios } from '../src/scenarios.ts'
import { shellWords } from '../src/shell.ts'
import { matchIds } from '../src/match-ids.ts'
import { chooseVariant, inputsOfArguments, stacksOf } from '../src/variants.ts'
import { shippedPatch } from './support.ts'

const engine = new ModelEngine()

const variant = (state: Partial<VariantOutcome>): VariantOutcome => ({
  id: 'a',
  status: 'ok',
  ...tally([]),
  ...state,
})

describe('the exit code of a comparison', () => {
  /** A variant, and the outcomes of its runs. */
  type Given = Partial<VariantOutcome> & { readonly outcomes?: readonly Cell['outcome'][] }

  const outcomeOf = (...states: Given[]) => {
    const variants = [
      { id: 'baseline', kept: 9 },
      ...states.map((state, index) => ({ id: String(index), ...state })),
    ]
    const cells = variants.flatMap(({ id, outcomes = ['completed'] }: Given) =>
      outcomes.map((outcome) => ({ variant: id ?? '', outcome }) as Cell),
    )
    return {
      baseline: 'baseline' as const,
      variants: variants.map(({ outcomes: _, ...state }: Given) => variant(state)),
      cells,
    }
  }
  const codes = (...states: Given[]): number[] =>
    (['never', 'introduced', 'revealed', 'any'] as const).map((failOn) =>
      exitCodeFor(outcomeOf(...states), failOn),
    )
  const remark = (...states: Given[]): string | null => remarkOn(outcomeOf(...states))

  it('is 1 if a variant introduces, reveals or keeps findings and --fail-on asks for it', () => {
    expect(codes({ fixed: 3 })).toEqual([0, 0, 0, 0])
    expect(codes({ kept: 1 })).toEqual([0, 0, 0, 1])
    expect(codes({ notReached: 1 })).toEqual([0, 0, 0, 1])
    expect(codes({ revealed: 1 })).toEqual([0, 0, 1, 1])
    expect(codes({ fixed: 3 }, { introduced: 1 })).toEqual([0, 1, 1, 1])
    expect(remark({ fixed: 3 }, { introduced: 1 })).toBeNull()
  })

  it('is 1 for a variant that could not be judged, and stderr names the variant', () => {
    const states: Given[] = [
      {},
      { status: 'conflict', outcomes: [] },
      { status: 'timeout', outcomes: ['oops', 'timeout'] },
    ]
    expect(codes(...states)).toEqual([0, 1, 1, 1])
    expect(remark(...states)).toBe(
      'not compared, or not in all scenarios: 1 (conflict), 2 (timeout); the report says why',
    )
    expect(codes({ status: 'crashed', outcomes: ['completed'] })).toEqual([0, 1, 1, 1])
  })

  it('is 2 if nothing is known about any patch, for whatever reason', () => {
    const states: Given[] = [
      { status: 'conflict', outcomes: [] },
      { status: 'invalid', outcomes: [] },
      { status: 'crashed', outcomes: [] },
      { status: 'timeout', outcomes: [] },
      { status: 'timeout', outcomes: ['timeout', 'timeout'] },
    ]
    for (const state of states) {
      expect(codes(state)).toEqual([2, 2, 2, 2])
      expect(remark(state)).toBe('none of the patches could be compared; the report says why')
    }
    expect(codes(...states)).toEqual([2, 2, 2, 2])
    expect(codes()).toEqual([0, 0, 0, 0])
  })
})

describe('an unknown word', () => {
  it('can be a patch of a stack', async () => {
    await expect(chooseVariant('wipe+cache-fxi', engine)).rejects.toThrow(
      'there is no patch "cache-fxi". Did you mean "cache-fix"? ("pfo list patches" names all)',
    )
    await expect(chooseVariant('basline', engine)).rejects.toThrow('Did you mean "baseline"?')
    await expect(chooseVariant('vio', engine)).rejects.toThrow(
      'Did you mean "vio-notifier", "vio-notifier-wq" or "vio-unregister-uaf"?',
    )
    for (const word of ['', '+', 'wipe+', '+wipe'])
      await expect(chooseVariant(word, engine)).rejects.toThrow(
        'an argument is empty, or begins or ends with "+"',
      )
    await expect(chooseVariant('https://lore.kernel.org/r/1@example.org/', engine)).rejects.toThrow(
      'pfo does not download mails',
    )
    await expect(inputsOfArguments(['https://lore.kernel.org/r/1@example.org/'])).rejects.toThrow(
      'pfo does not download mails',
    )
    await expect(chooseVariant('wipe+wipe', engine)).rejects.toThrow('"wipe" appears twice in the stack')
  })

  it('can be a scenario, or a patch file that --scenario took for a scenario', () => {
    for (const word of ['lpm-twice-hierarchie', 'lpm-twicehier'])
      expect(() => chooseScenarios([word])).toThrow('Did you mean "lpm-twice-hierarchy"?')
    expect(() => chooseScenarios(['frobnicate'])).toThrow(
      'there is no scenario "frobnicate". Accepted: ids ("pfo list scenarios" names them)',
    )
    expect(() => chooseScenarios(['./none.yaml'])).toThrow(
      './none.yaml: the scenario cannot be read: there is no such file',
    )
    expect(() => chooseScenarios(['lpm-twice-hierarchy', 'my.patch'])).toThrow(
      '"my.patch" is a patch file, and --scenario takes every argument that follows it: name patch files first, or put "--" before them',
    )
  })
})

describe('a word for patches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pfo-words-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const text = (id: string): string => shippedPatch(id)
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const cover =
    'From: a@example.org\nSubject: [PATCH 0/2] Two fixes\nMessage-ID: <0@example.org>\n\nWords.\n\n'
  const series = `From a@example.org Mon Sep 17 00:00:00 2001\n${cover}${text('wipe')}${text('cache-fix')}`
  const idsOf = async (word: string, each = false): Promise<string[]> =>
    (await stacksOf(word, { engine, each })).map(({ id }) => id)

  it('can be an id, a file, or a stack of both', async () => {
    const mine = file('my.patch', text('cache-fix'))
    expect(await idsOf(`wipe+${mine}`)).toEqual(['wipe+my'])
    expect(await idsOf('unpatched')).toEqual(['baseline'])
  })

  it('can be a file with "+" in its name, although "+" separates the patches of a stack', async () => {
    expect(await idsOf(file('a+b.diff', text('wipe')))).toEqual(['a-b'])
  })

  it.each(['patch', 'diff', 'mbox', 'mbx', 'eml'])(
    'can be a file whose name ends in .%s',
    async (extension) => {
      expect(await idsOf(file(`my.${extension}`, text('wipe')))).toEqual(['my'])
    },
  )

  it('can be a series: one stack, or each patch by itself, named after its subject; the cover letter is reported', async () => {
    const said: string[] = []
    const mbox = file('series.mbox', series)
    const [stack] = await stacksOf(mbox, { engine, say: (message) => said.push(message) })
    expect(stack?.patches.flatMap(({ series: { patches } }) => patches)).toHaveLength(2)
    expect(said).toEqual([`${mbox}: the cover letter "[PATCH 0/2] Two fixes" was skipped`])
    const each = await idsOf(mbox, true)
    expect(each).toHaveLength(2)
    expect(each[0]).toMatch(/^powerpc-pseries-Zero-the-phandle/)
  })

  it('can be a folder: its patches in the order of their names', async () => {
    const inner = join(folder, 'patches')
    mkdirSync(inner)
    writeFileSync(join(inner, '0002-b.patch'), text('cache-fix'))
    writeFileSync(join(inner, '0001-a.patch'), text('wipe'))
    expect(await idsOf(inner)).toEqual(['0001-a+0002-b'])
    expect(await idsOf(inner, true)).toEqual(['0001-a', '0002-b'])
  })
})

describe('a word for scenarios', () => {
  const ids = ['lpm-once', 'lpm-twice', 'ofdt']

  it.each([
    ['lpm-once', ['lpm-once']],
    ['lpm', ['lpm-once', 'lpm-twice']],
    ['*ce', ['lpm-once', 'lpm-twice']],
    ['of?t', ['ofdt']],
    ['x', []],
    ['*.', []],
    ['', []],
  ])('%s', (word, meant) => {
    expect(matchIds(word, ids)).toEqual(meant)
  })
})

describe('a command in a report', () => {
  it('is quoted for a shell', () => {
    const words = ['npx', 'my own.patch', "it's", '$HOME', 'a+b', '', '*']
    const printed = execFileSync('sh', ['-c', `printf '%s\\n' ${shellWords(words)}`], { encoding: 'utf8' })
    expect(printed.split('\n').slice(0, -1)).toEqual(words)
  })
})
