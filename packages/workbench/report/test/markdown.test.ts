// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { toMarkdown } from '../src/index.ts'
import { cell, comparison, control, hostile, interacting, saying, variant } from './support.ts'

const markdown = toMarkdown(interacting)

describe('the Markdown', () => {
  it('lists the variants by rank, with reasons', () => {
    expect(markdown).toContain(`
| rank | variant | fixed | kept | introduced | why |
| ---: | --- | ---: | ---: | ---: | --- |
| 1 | \`baseline\` |  | 2 |  | has leak 2 |
| 2 | \`idle\` | 0 | 2 | 0 | not exercised: its changed statement ran in no scenario |
| 3 | \`good\` | 1 | 1 | **1** | introduces oops 1; fixes 1 of 2, leaves leak 1 |
|  | \`bad\` |  |  |  | conflict: of.ts: hunk 1 of 1 |
`)
  })

  it('has a row per variant and a column per scenario', () => {
    expect(markdown).toContain(`
| variant | S1 | S2 |
| --- | :---: | :---: |
| \`baseline\` | 1 | 1 oops |
| \`idle\` | ? | ? |
| \`good\` | = | **+1** |
| \`bad\` | x | x |
`)
  })

  it('shows introduced findings, and the others in collapsed sections', () => {
    const [open = '', closed = ''] = markdown.split('<summary>Fixed by some variants (1)</summary>')
    expect(open).toContain('## New: the unpatched kernel does not have it (1)\n\n**oops** `f`\n')
    expect(closed).toContain('**leak** `/x[0]`')
    expect(markdown).toContain('**combination**: appears only in combination\n\n- `good`: oops f')
  })

  it.each([
    ['a link', '[x](http://evil.example)'],
    ['HTML', '<img src=x onerror=alert(1)>'],
    ['a mention', '@torvalds'],
    ['an address', 'see www.evil.example'],
    ['emphasis', '**bold** _it_'],
    ['a heading', '# title'],
  ])('takes no markup from a patch: %s', (_, text) => {
    const one = {
      ...comparison,
      variants: [variant('baseline'), variant('x', { reason: text, status: 'invalid' })],
      cells: [cell('x', 'once', { findings: [saying(text, { subject: text, status: 'introduced' })] })],
    }
    const spans = toMarkdown(one)
      .replace(/```[^]*?```/g, '')
      .replace(/`[^`]*`/g, '')
    expect(spans).not.toContain(text)
  })

  it('keeps backticks and bars from a patch inside their cell and code span', () => {
    const one = { ...comparison, variants: [variant('baseline'), variant('a`|`b', { exercised: false })] }
    expect(toMarkdown(one)).toContain('| 1 | ``a`\\|`b`` | 0 |')
    const fenced = { ...comparison, variants: [variant('x', { status: 'invalid', reason: '```\nout' })] }
    expect(toMarkdown(fenced)).toContain('````\n```\nout\n````')
  })

  it('contains no control characters', () => {
    const cells = [cell('good', 'once', { findings: [saying(hostile, { subject: hostile })] })]
    expect(toMarkdown({ ...comparison, cells })).not.toMatch(control)
  })
})
