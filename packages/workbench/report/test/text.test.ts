// SPDX-License-Identifier: GPL-2.0-only
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { toText } from '../src/index.ts'
import { cell, colour, comparison, control, finding, hostile, variant } from './support.ts'

const plain = toText(comparison, { color: false })

/** The cells of the table's rows, by what stands in the first column; lines of a cell are joined. */
function rows(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  let current: string[] = []
  for (const line of text.split('\n').filter((one) => one.startsWith('│'))) {
    const columns = line
      .split('│')
      .slice(1, -1)
      .map((column) => column.trim())
    const [name = '', ...rest] = columns
    if (name === '')
      rest.forEach((column, index) => (current[index] = `${current[index] ?? ''} ${column}`.trim()))
    else found.set(name, (current = rest))
  }
  return found
}

describe('the table', () => {
  it('has scenarios down and variants across, and in each cell the findings by oracle', () => {
    expect(rows(plain)).toEqual(
      new Map([
        ['scenario', ['baseline', 'good', 'bad', 'idle']],
        ['once', ['leak 1', '= leak 1', 'conflict', '= leak 1']],
        ['twice', ['ends in oops leak 1', '+ oops 1 - leak 1', 'conflict', '= leak 1']],
        [
          'all',
          [
            '2 findings',
            '- 1 fixed = 1 kept + 1 introduced rank 3',
            'conflict',
            'not exercised - 0 fixed = 2 kept + 0 introduced rank 2',
          ],
        ],
      ]),
    )
  })

  it('counts the findings of an oracle in a cell, what is introduced first', () => {
    const findings = [
      finding({ status: 'fixed' }),
      finding({ subject: 'a' }),
      finding({ subject: 'b' }),
      finding({ subject: 'c', status: 'introduced' }),
    ]
    const one = { ...comparison, cells: [cell('good', 'once', { findings })] }
    expect(rows(toText(one, { color: false })).get('once')?.[1]).toBe('+ leak 1 = leak 2 - leak 1')
  })

  it('says of a cell without findings that it is clean, and of one that did not end so', () => {
    const cells = [cell('baseline', 'once'), cell('good', 'once', { outcome: 'timeout' })]
    expect(
      rows(toText({ ...comparison, cells }, { color: false }))
        .get('once')
        ?.slice(0, 2),
    ).toEqual(['clean', 'ends in timeout'])
  })
})

describe('below the table', () => {
  it('stands each finding once, with its evidence and where which variant fixes, keeps or introduces it', () => {
    expect(plain).toContain(`
leak  /x[0]
    detached with 2 references left (f, g)
    taken for f and not dropped: f < h < vfs_write
  = good: once
  - good: twice
  = idle: all scenarios

oops  f
    it died
  + good: twice
`)
  })

  it('stands no evidence that says the same as what was shown, and at most three pieces', () => {
    const proofs = ['a', 'a', 'b', 'c', 'd'].map((text, seq) => ({ text, chain: [`f${String(seq)}`], seq }))
    const cells = [cell('good', 'once', { findings: [finding({ evidence: proofs })] })]
    const shown = toText({ ...comparison, cells }, { color: false })
    expect(shown.match(/^ {4}[a-d]: f\d$/gm)).toEqual(['    a: f0', '    b: f2', '    c: f3'])
  })

  it('stands why a variant could not be judged', () => {
    expect(plain).toContain('bad: conflict\nof.ts: hunk 1 of 1\ndoes not apply\n')
    expect(plain).toContain('idle: none of its changed lines ran in any scenario\n')
  })

  it('a variant called with spaces keeps its name', () => {
    const cells = [cell('my own patch', 'once', { findings: [finding()] })]
    expect(toText({ ...comparison, cells }, { color: false })).toContain('  = my own patch: once\n')
  })
})

describe('colour', () => {
  it('is only there if it is wanted', () => {
    expect(plain).not.toContain('\u001b')
    expect(toText(comparison, { color: true })).toContain('\u001b[31m+ oops 1\u001b[39m')
  })

  it('changes nothing else', () => {
    expect(stripVTControlCharacters(toText(comparison, { color: true }))).toBe(plain)
  })
})

describe('what comes from a patch', () => {
  const poisoned = JSON.parse(
    JSON.stringify(comparison, (key, value: unknown) =>
      typeof value === 'string' && !['status', 'outcome', 'kernel'].includes(key)
        ? `${value}${hostile}`
        : value,
    ),
  ) as typeof comparison

  it.each([false, true])('cannot send anything to the terminal but text (colour: %s)', (color) => {
    const text = toText(poisoned, { color })
    // The colours are ours.
    expect(text.replaceAll(colour, '')).not.toMatch(control)
    expect(text).toContain('\\u001b]0;title\\u0007\\u001b[32m\\u000d\\u0008\\u009b31m\\u202e')
    expect(text).not.toContain('\u001b[32m\\u000d')
  })

  it('can have several lines in a reason only', () => {
    const one = {
      ...comparison,
      variants: [variant('bad', { status: 'invalid', reason: 'a\nb' })],
      cells: [cell('bad', 'once', { findings: [finding({ message: 'a\n  - good: all scenarios' })] })],
    }
    const text = toText(one, { color: false })
    expect(text).toContain('bad: invalid\na\nb\n')
    expect(text).toContain('    a\\u000a  - good: all scenarios\n')
  })
})
