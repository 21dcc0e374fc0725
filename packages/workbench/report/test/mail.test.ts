// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  rankVariants,
  summaryOf,
  type Comparison,
  type JudgedFinding,
  type PatchDiff,
} from '@pfo-workbench/compare'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toMail } from '../src/index.ts'
import { quotedHunk } from '../src/mail/hunk.ts'
import {
  cell,
  chainOf,
  comparison,
  control,
  finding,
  hostile,
  manyVariants,
  saying,
  variant,
} from './support.ts'

const mail: NonNullable<PatchDiff['mail']> = {
  subject: '[PATCH v2] of: Drop the reference',
  from: 'Jörg Example <joerg@example.org>',
  to: 'list@example.org',
  cc: '',
  date: 'Thu, 5 Jul 2018 10:00:00 +0200',
  messageId: '<2@example.org>',
  inReplyTo: '<1@example.org>',
  references: ['<0@example.org>', '<1@example.org>'],
}

const diff = [
  'diff --git a/base.c b/base.c',
  '--- a/base.c',
  '+++ b/base.c',
  '@@ -1,2 +1,3 @@',
  ' #include <a.h>',
  '+#include <b.h>',
  '+#include <c.h>',
  '@@ -10,9 +12,9 @@ void g(void)',
  ...Array.from({ length: 4 }, (_, n) => ` line ${String(n)}`),
  '-  f(dn);',
  '+  f(NULL);',
  ' }',
  '',
].join('\n')

const patch = (state: Partial<PatchDiff> = {}): PatchDiff => ({
  id: 'good',
  subject: 'of: Drop the reference',
  author: 'Jörg Example <joerg@example.org>',
  date: 'Thu, 5 Jul 2018 10:00:00 +0200',
  mail,
  body: '',
  text: diff,
  ...state,
})

const died = (name: string): JudgedFinding => ({
  ...saying('it died', { status: 'introduced', subject: name }),
  evidence: [
    {
      kind: 'task-killed',
      data: { reason: 'it died' },
      chain: chainOf([name, ...Array.from({ length: 20 }, (_, n) => `caller_${String(n)}`)].join(' < ')),
      seq: 9,
    },
  ],
})

/** A comparison with a single variant that has these findings. */
function of(findings: readonly JudgedFinding[], diffs: readonly PatchDiff[] = [patch()]): Comparison {
  const cells = [
    cell('baseline', 'once', { findings: [finding()] }),
    cell('good', 'once', { findings, steps: [] }),
  ]
  const summaries = [variant('baseline', { patches: [] }), variant('good', { diffs })].map((one) => ({
    ...one,
    ...summaryOf(one.id, cells),
  }))
  return {
    ...comparison,
    variants: rankVariants(summaries),
    scenarios: comparison.scenarios.slice(0, 1),
    cells,
  }
}

const options = { commands: ['npx pfo compare my.patch'], workbench: { version: '0.1.0', commit: 'abc' } }

describe('the reply to one patch', () => {
  const text = toMail(of([died('f'), finding({ status: 'fixed' })]), options)

  it('has a reply header, the relevant hunk, the verdict, the bug, and the commands to reproduce it', () => {
    expect(text).toBe(`To: Jörg Example <joerg@example.org>
Subject: Re: [PATCH v2] of: Drop the reference
In-Reply-To: <2@example.org>
References: <0@example.org> <1@example.org> <2@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

On Thu, 5 Jul 2018 10:00:00 +0200, Jörg Example wrote:
> @@ -10,9 +12,9 @@ void g(void)
>  line 0
>  line 1
>  line 2
>  line 3
> -  f(dn);
> +  f(NULL);
>  }

Do not merge alone: it fixes 1 of 1 finding, and adds a bug that kills
or hangs a task in a scenario that worked.

1. Oops in f (1 scenario)
     f
     caller_0
     caller_1
     caller_2
     caller_3
     [...]

Fixed: leak 1.

Played on an executable model of Linux v4.18, not on hardware. To
reproduce, in a checkout of the PFO Workbench 0.1.0 (abc):

    npm ci && npx pfo compare my.patch
`)
  })

  it('quotes the part of a long hunk that ran, and marks the omissions above and below', () => {
    const lines = Array.from({ length: 30 }, (_, n) => `+  line_${String(n)}()`)
    const long = patch({ text: ['--- a/x.c', '+++ b/x.c', '@@ -1,0 +1,30 @@ f', ...lines].join('\n') })
    const quoted = quotedHunk([long], [], 6, ['line_20()'])
    expect(quoted).toEqual([
      '> @@ -1,0 +1,30 @@ f',
      '[...]',
      ...[19, 20, 21, 22, 23].map((n) => `> +  line_${String(n)}()`),
      '[...]',
    ])
    const other = patch({ text: ['--- a/y.c', '+++ b/y.c', '@@ -1,0 +1,1 @@ g', '+  g()'].join('\n') })
    expect(quotedHunk([long, other], [], 6, ['g()'])).toEqual(['> @@ -1,0 +1,1 @@ g', '> +  g()'])
  })

  it('can be parsed by git', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pfo-mail-'))
    onTestFinished(() => {
      rmSync(folder, { recursive: true })
    })
    const info = execFileSync('git', ['mailinfo', join(folder, 'msg'), join(folder, 'patch')], {
      input: `From: me <me@example.org>\n${text}`,
      encoding: 'utf8',
    })
    expect(info).toContain('Subject: of: Drop the reference\n')
    expect(readFileSync(join(folder, 'msg'), 'utf8')).toContain('it fixes 1 of 1 finding')
  })

  it('names the kernel and the compiler if C code ran', () => {
    const c = { ...of([]), compiler: 'clang version 19', kernel: '6.1.192' }
    expect(toMail(c).replace(/\s+/g, ' ')).toContain(
      'Played on the C of Linux 6.1.192, compiled by clang version 19 and run in a sandbox, not on hardware.',
    )
  })

  it('contains no Tested-by, and quotes only lines of the diff', () => {
    expect(text).not.toMatch(/Tested-by/i)
    expect(text.match(/^> .*/gm)?.every((line) => diff.includes(line.slice(2)))).toBe(true)
  })

  it('has no recipient if the patch did not come as a mail', () => {
    const plain = toMail(of([], [patch({ mail: null, author: '', date: '', subject: 'my.patch' })]))
    expect(plain.startsWith('Subject: Re: my.patch\n\n> @@ ')).toBe(true)
    expect(plain).not.toContain('In-Reply-To')
  })

  it('has at most 35 lines, and only header, quotes and call chains exceed 72 columns', () => {
    const leaks = Array.from({ length: 40 }, (_, n) =>
      finding({
        subject: `/n[${String(n)}]`,
        status: 'introduced',
        data: { state: 'detached', holder: `holder_${String(n)}`, references: 1 },
        evidence: [
          {
            kind: 'taken',
            data: { holder: 'x' },
            chain: chainOf(`get_${String(n)} < a < b < c < d`),
            seq: n,
          },
        ],
      }),
    )
    const many = of(
      [...leaks, finding({ status: 'revealed', subject: 'r' }), finding()],
      [
        patch({
          mail: {
            ...mail,
            subject: 'word '.repeat(40),
            references: Array.from({ length: 50 }, (_, n) => `<${String(n)}@example.org>`),
          },
        }),
      ],
    )
    const lines = toMail(many, options).trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(35)
    const body = lines.slice(lines.indexOf('') + 1).filter((line) => !line.startsWith('> '))
    expect(body.filter((line) => line.length > 72)).toEqual([])
    expect(lines).toContainEqual(expect.stringMatching(/^\[\.\.\.\] 3[789] more bugs$/))
  })

  it('takes no header and no control character from a patch', () => {
    const evil = patch({
      mail: { ...mail, subject: `x\nBcc: all@example.org${hostile}`, from: `a\r\nBcc: b${hostile}` },
      text: `@@ -1 +1 @@\n+${hostile}\n`,
    })
    const shown = toMail(of([], [evil]))
    expect(shown).not.toMatch(/^Bcc/m)
    expect(shown).not.toMatch(control)
  })
})

describe('a mail about several patches', () => {
  const text = toMail(manyVariants, options)

  it('lists all variants by verdict in at most 72 columns', () => {
    const lines = text.split('\n')
    expect(lines[0]).toMatch(/^Linux v4\.18: /)
    expect(text).toContain('NOT JUDGED\n')
    expect(text).not.toContain('[...]')
    expect(lines.filter((line) => line.length > 72)).toEqual([])
  })

  it('breaks a long command with backslashes', () => {
    const command = `npx pfo compare ${'a-long-patch-name.patch '.repeat(4)}--scenario once`
    const lines = toMail(comparison, { commands: [command] }).split('\n')
    const first = lines.findIndex((line) => line.startsWith('    npx'))
    const whole = lines
      .slice(first, lines.indexOf('', first))
      .map((line) => line.replace(/ \\$/, ''))
      .join(' ')
    expect(whole.trim().replaceAll(/\s+/g, ' ')).toBe(command)
  })
})
