// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toHtml } from '../src/index.ts'
import { piecesOf, storiesOf, wholeOf } from './packed.ts'
import { cell, chainOf, comparison, control, finding, hostile, proof, saying, variant } from './support.ts'

const page = toHtml(comparison)

/** Fields of a cell besides findings and steps. */
const told = {
  console: ['a line of the console'],
  story: {
    trees: {
      before: [],
      after: [
        {
          node: '/x[0]',
          path: '/x',
          life: 'allocated' as const,
          inTree: false,
          flags: ['OF_DETACHED'],
          refcount: 1,
          phandle: 1,
          sysfs: null,
          device: null,
          driver: null,
        },
      ],
    },
    counts: [{ node: '/x[0]', points: [{ seq: 1, step: 0, count: 1, change: 1, by: 'f' }] }],
  },
}

/** The texts between two tags. */
function between(html: string, open: string, close: string): string[] {
  return html
    .split(open)
    .slice(1)
    .map((rest) => rest.slice(0, rest.indexOf(close)))
}

describe('the page', () => {
  it('allows only its own scripts and style sheet, identified by their hashes', () => {
    const [policy = ''] = between(page, 'http-equiv="Content-Security-Policy" content="', '"')
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const scripts = between(page, '<script>', '</script>')
    const styles = between(page, '<style>', '</style>')
    expect(scripts).toHaveLength(6)
    expect(styles).toHaveLength(1)
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      ...styles.map((text) => `style-src ${hash(text)}`),
      `script-src ${scripts.map(hash).join(' ')}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types pfo-report',
    ])
  })

  it('contains no external address, and no style or script in an attribute', () => {
    const tags = page.replace(/<(style|script)>[^]*?<\/\1>/g, '').match(/<[a-z](?:"[^"]*"|[^">])*>/g) ?? []
    expect(tags.filter((tag) => /\b(?:src|style|on\w+|srcset|action)=/.test(tag))).toEqual([])
    expect(tags.filter((tag) => /\bhref="(?!#|data:,")/.test(tag))).toEqual([])
  })

  it('says what was played, and that it was not hardware', () => {
    expect(page).toContain('Played on an executable model of Linux v4.18, not on hardware.')
    expect(toHtml({ ...comparison, compiler: 'clang 19' })).toContain(
      'Played on the C of Linux v4.18, compiled by clang 19 and run in a sandbox, not on hardware.',
    )
  })

  it('has a cell for each variant and scenario that links to its details', () => {
    expect(page).toMatch(/href="#good\/twice"[^>]* aria-label="\+ good, twice: introduces 1, fixes 1">\+</)
    expect(storiesOf(page)['good/twice']).toContain('data-finding="oops:f"')
    expect(page).toContain('title="bad, once: not played"')
  })

  it('uses the singular for a count of one', () => {
    const one = { ...comparison, scenarios: comparison.scenarios.slice(0, 1) }
    expect(toHtml(one)).toContain('3 patches, 1 scenario')
    expect(toHtml(one)).toContain('aria-label="unpatched, once: 1 finding"')
  })

  it('explains exactly the signs that it contains', () => {
    const [legend = ''] = between(page, '<ul class="legend" aria-label="Signs">', '</ul>')
    const signs = between(legend, '<b>', '</b>')
    expect(signs).toEqual(['+', '=', '?', '×', 'O'])
  })

  it('has the same bytes for the same comparison', () => {
    expect(toHtml(structuredClone(comparison))).toBe(page)
  })
})

describe('content that many cells share', () => {
  const leak = finding({ evidence: [proof('taken at boot', 'f')] })
  const ids = ['one', 'two', 'three']
  const result = { kind: 'load', modules: [] } as const
  const played = [{ index: 0, step: { load: ['boot up'] }, result, failure: null }]
  const alike = {
    ...comparison,
    variants: ['baseline', ...ids].map((id) => variant(id)),
    cells: ['baseline', ...ids].map((id) => cell(id, 'once', { ...told, findings: [leak], steps: played })),
  }
  const shown = toHtml(alike)
  const whole = wholeOf(shown)

  it.each(['taken at boot', 'boot up', 'a line of the console', '<svg', 'OF_DETACHED'])(
    'is stored once in the page: %s',
    (text) => {
      expect(whole.split(text)).toHaveLength(2)
    },
  )

  it('is linked from each cell', () => {
    for (const kind of ['findings', 'steps', 'console', 'tree']) {
      expect(whole.split(`href="#${kind}-1"`)).toHaveLength(1 + alike.cells.length)
      expect(piecesOf(shown)).toHaveProperty(`${kind}-1`)
    }
  })

  it('names each finding, so that a URL can point to it', () => {
    const findings = ['/x', '/y'].map((subject) =>
      saying('dies', { subject, status: 'introduced', evidence: [proof('a', 'f')] }),
    )
    const page = toHtml({ ...alike, cells: [cell('baseline', 'once'), cell('one', 'once', { findings })] })
    expect(between(storiesOf(page)['one/once'] ?? '', 'data-finding="', '"')).toEqual(['oops:/x', 'oops:/y'])
  })
})

it('draws a deadlock with the waiting task, the lock and its holder', () => {
  const deadlock = {
    oracle: 'deadlock',
    kind: 'waits-forever',
    subject: 'of_mutex',
    step: 1,
    count: 1,
    data: { task: 'init/1', holder: 'its own call chain' },
    evidence: [],
    status: 'introduced',
  } as const
  const cells = [cell('baseline', 'once'), cell('good', 'once', { findings: [deadlock] })]
  const story = storiesOf(toHtml({ ...comparison, cells }))['good/once'] ?? ''
  expect(between(story, 'aria-label="', '"')).toContain(
    'init/1 waits for of_mutex, which its own call chain holds',
  )
})

describe('a console', () => {
  const lines = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => `line ${String(from + index)}`)
  const consoleOf = (before: readonly string[], after: readonly string[]): string => {
    const cells = [cell('baseline', 'once', { console: before }), cell('good', 'once', { console: after })]
    return between(wholeOf(toHtml({ ...comparison, cells })), '<pre class="console">', '</pre>').at(-1) ?? ''
  }

  it('shortens equal lines to the context of the differences', () => {
    const after = [...lines(0, 20), 'new', ...lines(20, 24), 'newer', ...lines(24, 40)]
    expect(consoleOf(lines(0, 40), after)).toBe(`<i>  … 17 lines as on the unpatched kernel
</i>  line 17
  line 18
  line 19
<ins>+ new
</ins>  line 20
  line 21
  line 22
  line 23
<ins>+ newer
</ins>  line 24
  line 25
  line 26
<i>  … 13 lines as on the unpatched kernel
</i>`)
  })

  it('shows only the first of the removed lines', () => {
    expect(consoleOf(['a', ...lines(0, 20)], ['a'])).toBe(`  a
<del>− line 0
− line 1
− line 2
<i>− … 17 lines of the unpatched kernel
</i></del>`)
  })

  it('is shown in full if nothing differs', () => {
    expect(consoleOf(lines(0, 40), lines(0, 40)).trim().split('\n')).toHaveLength(40)
  })
})

describe('reference counts', () => {
  const counts = (last: number) => [
    {
      node: '/x[0]',
      points: [0, 1, last].map((step) => ({ seq: step, step, count: step + 1, change: 1, by: 'f' })),
    },
  ]
  const steps = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      index,
      step: { load: ['a module'] },
      result: { kind: 'load', modules: [] } as const,
      failure: null,
    }))
  const story = (last: number) => ({ trees: { before: [], after: [] }, counts: counts(last) })
  const [drawn = ''] = between(
    wholeOf(
      toHtml({
        ...comparison,
        cells: [
          cell('baseline', 'once', { steps: steps(6), story: story(5) }),
          cell('good', 'once', { steps: steps(3), story: story(2) }),
        ],
      }),
    ),
    '<svg viewBox="0 0 720 132" role="img"><title>/x[0]: first 1, at most 3',
    '</svg>',
  )

  it('end where the run ended, although the unpatched run continued', () => {
    const ends = [...drawn.matchAll(/<path class="(count|unpatched)" d="[^"]*H(\d+)"/g)].map(
      ([, line, x]) => [line, Number(x)],
    )
    expect(ends).toEqual([
      ['unpatched', 708],
      ['count', 369],
    ])
    expect(Math.max(...[...drawn.matchAll(/H(\d+)/g)].map(([, x]) => Number(x)))).toBe(708)
  })

  it('are reported missing for nodes that the run did not reach', () => {
    const more = {
      ...story(2),
      counts: [...counts(2), { node: '/y[1]', points: counts(2)[0]?.points ?? [] }],
    }
    const page = wholeOf(
      toHtml({
        ...comparison,
        cells: [
          cell('baseline', 'once', { steps: steps(3), story: more }),
          cell('good', 'once', { steps: steps(3), story: story(2) }),
        ],
      }),
    )
    expect(page).not.toContain('as on the unpatched kernel</a>.')
    expect(page).toContain(
      '1 node of the <a href="#baseline/once">unpatched run</a> does not appear or change here.',
    )
  })
})

it.each([
  [{ unmodelled: { function: 'x_init', chain: chainOf('f < g') } }, 'Cut short: x_init is not modelled'],
  [{}, 'Cut short: the machine ran out of memory'],
])('the details of a cell say why its run was cut short', (fields, text) => {
  const cut = cell('good', 'once', { outcome: 'unmodelled', ...fields })
  const page = toHtml({ ...comparison, cells: [cell('baseline', 'once'), cut] })
  expect(storiesOf(page)['good/once']).toContain(text)
})

it('a patch file with several mails shows all of them', () => {
  const diffs = ['first', 'second'].map((subject) => ({
    id: 'good',
    subject,
    author: 'A <a@example.org>',
    date: '',
    mail: null,
    body: subject === 'first' ? 'Why it is <good>.\n\nSigned-off-by: A <a@example.org>' : '',
    text: `diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+${subject} line\n`,
  }))
  const one = {
    ...comparison,
    variants: [variant('baseline'), variant('good', { diffs }), variant('better', { diffs })],
  }
  const page = toHtml(one)
  const [entries = ''] = between(page, '<h2 id="patches">', '</section>')
  expect(between(entries, '<summary>', '</summary>')).toEqual(['<b>good</b> series of 2'])
  const patches = piecesOf(page)['patch-1'] ?? ''
  expect(between(patches, '<h3>', '</h3>')).toEqual(['first', 'second'])
  expect(between(patches, '<pre class="message">', '</pre>')).toEqual([
    'Why it is &lt;good>.\n\nSigned-off-by: A &lt;a@example.org>',
  ])
  expect(between(patches, '<mark>', '</mark>')).toEqual(expect.arrayContaining(['first line', 'second line']))
})

describe('hostile text from a patch', () => {
  const attacks = [
    '<script>alert(1)</script>',
    '</script><script>alert(1)</script>',
    '</title></style><img src=x onerror=alert(1)>',
    '" onload="alert(1)',
    "' onclick='alert(1)",
    '<svg/onload=alert(1)>',
    '&lt;b&gt;',
    hostile,
  ]

  it.each(attacks)('remains text everywhere on the page: %j', (text) => {
    const diff = `Subject: x\n\n${text}\n---\n\ndiff --git a/${text} b/x\n--- a/${text}\n+++ b/x\n@@ -1,2 +1,2 @@ ${text}\n-${text}\n+x${text}\n ${text}\n`
    const mail = {
      subject: text,
      from: text,
      to: text,
      cc: text,
      date: text,
      messageId: text,
      inReplyTo: text,
      references: [text],
    }
    const points = [{ seq: 1, step: 0, count: 1, change: 1, by: text }]
    const node = {
      node: text,
      path: text,
      life: 'allocated' as const,
      inTree: true,
      flags: [text],
      refcount: 1,
      phandle: 1,
      sysfs: text,
      device: text,
      driver: text,
    }
    const one = {
      ...comparison,
      variants: [
        variant('baseline'),
        variant(text, {
          title: text,
          patches: [text],
          diffs: [{ id: text, subject: text, author: text, date: text, mail, body: text, text: diff }],
        }),
        variant('y', { status: 'invalid', reason: text }),
      ],
      scenarios: [{ id: 'once', title: text }],
      cells: [
        cell('baseline', 'once'),
        cell(text, 'once', {
          console: [text],
          steps: [
            {
              index: 0,
              step: { read: [text] },
              result: { kind: 'read', files: [{ path: text, content: text, errno: 0 }] },
              failure: { chain: chainOf(text) },
            },
          ],
          story: { trees: { before: [], after: [node] }, counts: [{ node: text, points }] },
          findings: [
            saying(text, {
              subject: text,
              unpatched: { state: 'hidden', finding: saying(text) },
              evidence: [proof(text, text)],
            }),
          ],
        }),
      ],
      interactions: [
        { variant: text, kind: 'order' as const, patches: [text, text], becomes: 'conflict' as const },
      ],
    }
    const shown = toHtml(one, { commands: [text] })
    const without = wholeOf(shown)
    expect(without).not.toMatch(/<(?:script|img|svg\/)/)
    const attributes = (without.match(/<[a-z](?:"[^"]*"|[^">])*>/g) ?? []).join('').replace(/"[^"]*"/g, '""')
    expect(attributes).not.toMatch(/\bon\w+=/)
    expect(without).not.toMatch(control)
    if (text.startsWith('&')) expect(without).not.toContain(text)
  })
})
