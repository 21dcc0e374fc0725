// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toHtml } from '../src/index.ts'
import { cell, comparison, control, finding, hostile, variant } from './support.ts'

const page = toHtml(comparison)

/** The texts between two tags. */
function between(html: string, open: string, close: string): string[] {
  return html
    .split(open)
    .slice(1)
    .map((rest) => rest.slice(0, rest.indexOf(close)))
}

describe('the page', () => {
  it('lets nothing run or load but its own script and style sheet, which it names by their hashes', () => {
    const [policy = ''] = between(page, 'http-equiv="Content-Security-Policy" content="', '"')
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const scripts = between(page, '<script>', '</script>')
    const styles = between(page, '<style>', '</style>')
    expect(scripts).toHaveLength(1)
    expect(styles).toHaveLength(1)
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      ...styles.map((text) => `style-src ${hash(text)}`),
      ...scripts.map((text) => `script-src ${hash(text)}`),
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ])
  })

  it('has no address in it and no style or script in an attribute', () => {
    const tags = page.replace(/<(style|script)>[^]*?<\/\1>/g, '').match(/<[a-z](?:"[^"]*"|[^">])*>/g) ?? []
    expect(tags.filter((tag) => /\b(?:src|style|on\w+|srcset|action)=/.test(tag))).toEqual([])
    expect(tags.filter((tag) => /\bhref="(?!#|data:,")/.test(tag))).toEqual([])
  })

  it('has a cell for each variant and scenario, which leads to what was found there', () => {
    expect(page).toContain('href="#good/twice" title="good, twice: introduces 1, fixes 1"')
    expect(page).toContain('<div id="good/twice"')
    expect(page).toContain('href="#variant:bad" title="bad, once: not played"')
  })

  it('has the same bytes for the same comparison', () => {
    expect(toHtml(structuredClone(comparison))).toBe(page)
  })
})

describe('what a patch can contain', () => {
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

  it.each(attacks)('is text wherever it stands: %j', (text) => {
    const diff = `Subject: x\n\n${text}\n---\n\ndiff --git a/${text} b/x\n--- a/${text}\n+++ b/x\n@@ -1,2 +1,2 @@ ${text}\n-${text}\n+x${text}\n ${text}\n`
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
        variant(text, { title: text, patches: [text], diffs: [{ id: text, subject: text, text: diff }] }),
        variant('y', { status: 'invalid', reason: text }),
      ],
      scenarios: [{ id: 'once', title: text }],
      cells: [
        cell('baseline', 'once'),
        cell(text, 'once', {
          console: [text],
          steps: [{ index: 0, title: text, result: text }],
          story: { trees: { before: [], after: [node] }, counts: [{ node: text, points }] },
          findings: [
            finding({ subject: text, message: text, before: text, evidence: [{ text, chain: [text] }] }),
          ],
        }),
      ],
      interactions: [{ variant: text, kind: 'order' as const, patches: [text], message: text }],
    }
    const shown = toHtml(one, { command: text })
    const without = shown.replace(/<(style|script)>[^]*?<\/\1>/g, '')
    expect(without).not.toMatch(/<(?:script|img|svg\/)/)
    const attributes = (without.match(/<[a-z](?:"[^"]*"|[^">])*>/g) ?? []).join('').replace(/"[^"]*"/g, '""')
    expect(attributes).not.toMatch(/\bon\w+=/)
    expect(without).not.toMatch(control)
    if (text.startsWith('&')) expect(without).not.toContain(text)
  })
})
