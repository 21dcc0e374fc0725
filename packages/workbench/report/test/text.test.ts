// SPDX-License-Identifier: GPL-2.0-only
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { toFullText } from '../src/index.ts'
import {
  cell,
  colour,
  comparison,
  control,
  finding,
  hostile,
  interacting,
  manyVariants,
  proof,
  saying,
  variant,
} from './support.ts'

const plain = toFullText(comparison, { color: false })

/** Lines of a text from the line with this start up to the next empty line. */
function blockFrom(text: string, begin: string): string[] {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => line.startsWith(begin))
  return lines.slice(first, lines.indexOf('', first))
}

describe('the ranking', () => {
  it('has one line per variant, the best first, and no rank for variants that could not be played', () => {
    expect(blockFrom(plain, 'rank').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['rank', 'variant', 'fixed', 'kept', 'introduced'],
      ['1', 'baseline (unpatched)', '2'],
      ['2', 'idle (not exercised)', '0', '2', '0'],
      ['3', 'good', '1', '1', '1'],
      ['-', 'bad', 'conflict'],
    ])
  })
})

describe('the matrix', () => {
  it('has a row per scenario and a column per variant, with findings by oracle in each cell', () => {
    expect(blockFrom(plain, 'scenario ')).toEqual([
      'scenario  baseline      good      bad       idle',
      'once      leak 1        = leak 1  conflict  not exercised',
      '                                            = leak 1',
    ])
    expect(blockFrom(plain, 'twice ')).toEqual([
      'twice     ends in oops  + oops 1  conflict  not exercised',
      '          leak 1        - leak 1            = leak 1',
    ])
  })

  it('counts the findings of an oracle in a cell by status', () => {
    const findings = [
      finding({ status: 'fixed' }),
      finding({ subject: 'a' }),
      finding({ subject: 'b' }),
      finding({ subject: 'c', status: 'introduced' }),
    ]
    const one = { ...comparison, cells: [cell('good', 'once', { findings })] }
    const lines = blockFrom(toFullText(one, { color: false }), 'once ').map(
      (line) => line.match(/[+=-] leak \d/)?.[0],
    )
    expect(lines).toEqual(['+ leak 1', '- leak 1', '= leak 2'])
  })

  it('marks a cell without findings as clean, unless its run was cut short', () => {
    const cells = [cell('baseline', 'once'), cell('good', 'once', { outcome: 'timeout' })]
    const [line] = blockFrom(toFullText({ ...comparison, cells }, { color: false }), 'once ')
    expect(line?.split(/ {2,}/).slice(0, 3)).toEqual(['once', 'clean', 'ends in timeout'])
  })

  it('names the oracles', () => {
    const judged = blockFrom(plain, 'Judged: ').join(' ').replaceAll(/\s+/g, ' ')
    expect(judged).toMatch(/oops, leak; no other checks/)
  })
})

it('only the reason is shown if nothing could be compared', () => {
  const bad = variant('bad', { status: 'conflict', reason: 'does not apply' })
  const text = toFullText({ ...comparison, variants: [variant('baseline', { patches: [] }), bad] })
  expect(text.endsWith('\n\nbad: conflict\n  does not apply\n')).toBe(true)
  expect(text).not.toContain('KEPT')
})

describe('many variants', () => {
  const lines = toFullText(manyVariants, { color: false }).split('\n')

  it('fit into 80 columns, however long their names are', () => {
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  })

  it('have one line per scenario in a matrix of several panels', () => {
    const panels = lines.filter((line) => line.startsWith('scenario '))
    expect(panels.length).toBeGreaterThan(1)
    const rows = lines.filter((line) => line.startsWith('a-long-scenario-7 '))
    expect(rows).toHaveLength(panels.length)
    expect(rows[0]).toMatch(/^a-long-scenario-7 {2,}1 {2}\+1( +\+1)+$/)
  })

  it('are named by their numbers if their names are too long', () => {
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain('name-1+another-xxxxx (20), #4 (20), #5')
  })

  it('are counted, not named, if many have the same effect on a kind of findings', () => {
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}= \d+ variants$/))
  })
})

it.each([60, 80, 132, 200])('a screen of %i columns is filled but not exceeded', (columns) => {
  const revealing = {
    ...interacting,
    cells: interacting.cells.map((one) => ({
      ...one,
      findings: one.findings.map((found) =>
        one.variant === 'good' ? { ...found, status: 'revealed' as const } : found,
      ),
    })),
  }
  for (const one of [comparison, manyVariants, interacting, revealing]) {
    const lines = toFullText(one, { columns }).split('\n')
    expect(lines.filter((line) => line.length > columns)).toEqual([])
  }
  const widest = Math.max(
    ...toFullText(manyVariants, { columns })
      .split('\n')
      .map(({ length }) => length),
  )
  expect(widest).toBeGreaterThan(columns * 0.75)
})

describe('the list of findings', () => {
  it('has each finding once, with its evidence and the variants that introduce, fix or keep it', () => {
    expect(plain).toContain(`
INTRODUCED: the unpatched kernel does not have it

oops  f
    it died
  + good: twice

FIXED: a variant does not have it any more

leak  /x[0]
    detached, with 2 references taken for f and not dropped (2 in all) (once)
      taken for f: f < h < vfs_write
  - good: twice
  = good: once
  = idle: all scenarios
`)
  })

  it("shows the variant's message if it differs from the unpatched kernel's", () => {
    const cells = [
      cell('baseline', 'once', { findings: [finding()] }),
      cell('good', 'once', {
        findings: [finding({ count: 9, unpatched: { state: 'differs', finding: finding() } })],
      }),
    ]
    expect(toFullText({ ...comparison, cells }, { color: false })).toContain(
      '  = good: once\n      detached, with 9 references taken for f and not dropped (2 in all)\n',
    )
  })

  it('shows what hid the finding on the unpatched kernel', () => {
    const masked = finding({ unpatched: { state: 'hidden', finding: saying('something else') } })
    const cells = [cell('baseline', 'once'), cell('good', 'once', { findings: [masked] })]
    expect(toFullText({ ...comparison, cells }, { color: false })).toContain(
      '  = good: once\n      unpatched: hidden: something else\n',
    )
  })

  it('has at most three pieces of evidence, all different', () => {
    const proofs = ['a', 'a', 'b', 'c', 'd'].map((text, seq) => proof(text, `f${String(seq)}`))
    const cells = [cell('good', 'once', { findings: [finding({ evidence: proofs })] })]
    const shown = toFullText({ ...comparison, cells }, { color: false })
    expect(shown.match(/^ {6}[a-d]: f\d$/gm)).toEqual(['      a: f0', '      b: f2', '      c: f3'])
  })

  it('shows the inner end of a long call chain', () => {
    const chain = Array.from({ length: 30 }, (_, n) => `f${String(n)}`).join(' < ')
    const cells = [cell('good', 'once', { findings: [finding({ evidence: [proof('a', chain)] })] })]
    expect(toFullText({ ...comparison, cells }, { color: false })).toContain('f8 < ...\n')
  })

  it('names a variant by its id alone', () => {
    const cells = [cell('my own patch', 'once', { findings: [finding()] })]
    expect(toFullText({ ...comparison, cells }, { color: false })).toContain('  = my own patch: once\n')
  })
})

it('the interactions of patches follow the matrix', () => {
  expect(blockFrom(toFullText(interacting), 'INTERACTIONS')).toEqual([
    'INTERACTIONS between the patches of a stack',
    '  combination (appears only in combination)',
    '    good: oops f arises in once only with good and idle together; none of them',
    '    has it alone',
  ])
  expect(plain).not.toContain('INTERACTIONS')
})

it('the reasons why variants could not be judged precede the matrix', () => {
  expect(plain).toContain('bad: conflict\n  of.ts: hunk 1 of 1\n  does not apply\n')
  expect(plain).toContain(
    'idle: not exercised: its changed statement ran in no scenario\n  of.ts:3: put(node)\n',
  )
})

describe('colour', () => {
  it('is used only on request', () => {
    expect(plain).not.toContain('\u001b')
    expect(toFullText(comparison, { color: true })).toContain('\u001b[31m+ oops 1\u001b[39m')
  })

  it('changes nothing else', () => {
    expect(stripVTControlCharacters(toFullText(comparison, { color: true }))).toBe(plain)
  })
})

describe('text from a patch', () => {
  const poisoned = JSON.parse(
    JSON.stringify(comparison, (key, value: unknown) =>
      typeof value === 'string' && !['status', 'outcome', 'kernel', 'kind', 'state'].includes(key)
        ? `${value}${hostile}`
        : value,
    ),
  ) as typeof comparison

  it.each([false, true])('reaches the terminal only as text (colour: %s)', (color) => {
    const text = toFullText(poisoned, { color })
    // Our own colours are allowed.
    expect(text.replaceAll(colour, '')).not.toMatch(control)
    expect(text.replace(/\s/g, '')).toContain(
      '\\u001b]0;title\\u0007\\u001b[32m\\u000d\\u0008\\u009b31m\\u202e',
    )
    expect(text).not.toContain('\u001b[32m\\u000d')
  })

  it('keeps its line breaks only in a reason', () => {
    const one = {
      ...comparison,
      variants: [variant('bad', { status: 'invalid', reason: 'a\n    b' }), variant('good')],
      cells: [
        cell('bad', 'once', {
          findings: [saying('a\n  - good: all scenarios', { evidence: [proof('b', 'f')] })],
        }),
      ],
    }
    const text = toFullText(one, { color: false })
    expect(text).toContain('bad: invalid\n  a\n      b\n')
    expect(text).toContain('    a\\u000a  - good: all scenarios (once)\n')
  })
  it.each([
    ['one word', 'x'.repeat(1 << 20)],
    ['many words', 'x '.repeat(1 << 19)],
    ['blanks before a word', `${' '.repeat(1 << 20)}x`],
  ])('is cut if it has a million characters: %s', (_what, long) => {
    const one = {
      ...comparison,
      variants: [variant('bad', { status: 'crashed', reason: long }), variant('good')],
      cells: [cell('bad', 'once', { findings: [saying(long)], console: [long] })],
    }
    const text = toFullText(one, { color: false })
    expect(text.length).toBeLessThan(20_000)
    expect(text.replace(/\s/g, '')).toContain('…(10485')
  })
})
