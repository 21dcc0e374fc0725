// SPDX-License-Identifier: GPL-2.0-only
import type { JudgedFinding } from '@pfo-workbench/compare'
import { describe, expect, it } from 'vitest'
import { toMail } from '../src/index.ts'
import { findingKinds } from '../src/view/kinds.ts'
import { tell } from '../src/wording/told.ts'
import { cell, comparison, control, hostile, interacting, manyVariants, saying, variant } from './support.ts'

const mail = toMail(interacting)

/** A console line that no width could hold. */
const longLine = `NIP [c000000000a3b4c5] ${'x'.repeat(90)}`

describe('the mail', () => {
  it('tells the result, the table, the evidence, what was tested and how to do it again', () => {
    expect(mail).toBe(`I played 2 scenarios on 3 patches and stacks of patches and on the
unpatched kernel, and held the outcomes against each other. The kernel
is an executable model of Linux v4.18: OF core, pseries, VIO bus and the
drivers of the platform facilities, with the firmware below them. No
POWER server was used.

Result, the best first
----------------------
rank  patches    why
   1  unpatched  has leak 2
   2  idle       not exercised: none of its changed lines ran in any
                 scenario
   3  good       introduces oops 1; fixes 1 of 2, leaves leak 1
   -  bad        conflict: of.ts: hunk 1 of 1

Patches and scenarios (named below)
-----------------------------------
           S1  S2
unpatched   1  O1
idle        ?   ?
good        =  +1
bad         x   x

+N introduces N findings; = as on the unpatched kernel; ? none of its
changed lines ran in any scenario; x not played; O ends in oops.
unpatched: number of findings.

What the patches do to each other
---------------------------------
  combination (appears only in combination)
    good: good and idle together die

+ introduces it, - fixes it, ~ fixes it in part, = keeps it (in n
scenarios).

New: the unpatched kernel does not have it
------------------------------------------
* oops: f
    it died (good, twice)
  + good (1)

> Oops: 7

Fixed by some
-------------
* leak: /x[0]
  ~ good
  = idle

What was tested
---------------
Patches:
  good
      Does good
  bad
      Does bad
  idle
      Does idle

Scenarios:
  S1  once: One migration
  S2  twice: Two migrations

Looked for: oops, deadlock, use-after-free, refcount, stale-lookup,
leak, memory-leak, duplicate-name, lost-node, lost-device, stale-device,
lost-service, lost-notification, left-over, missed-update, broken-sysfs,
interruption, sleep-in-atomic, console.

How to reproduce
----------------
In a checkout of the PFO Workbench, on any machine with Node 20 and git:

    npm ci
    npx pfo compare

The same patches give the same result on every machine.
`)
  })

  it('tells the first new finding of an oracle, and names what else of it is new', () => {
    const leaked = (subject: string, message: string): JudgedFinding =>
      saying(message, { subject, status: 'introduced' })
    const one = {
      ...comparison,
      cells: [
        cell('good', 'once', { findings: [leaked('/x', 'held by f'), leaked('/y', 'seen by nobody')] }),
        cell('good', 'twice', { findings: [leaked('/z', 'lost for good')] }),
      ],
    }
    const mail = toMail(one)
    expect(mail).toContain('* oops: /x\n    held by f (good, once)\n')
    expect(mail).toContain('New as well:\n* oops: /y, and 1 more\n  + good\n')
    expect(mail).not.toContain('seen by nobody')
  })

  it('has no line of more than 72 columns but lines of the console, which are quoted whole', () => {
    const died = cell('good', 'once', {
      console: [longLine],
      findings: [saying('word '.repeat(40), { status: 'introduced' })],
    })
    const wide = { ...manyVariants, cells: [died, ...manyVariants.cells] }
    const lines = toMail(wide, { command: `npx pfo compare ${'a-long-patch-name.patch '.repeat(9)}` }).split(
      '\n',
    )
    expect(lines.filter((line) => line.length > 72)).toEqual([`> ${longLine}`])
  })

  it('tells of a finding once that a variant keeps in other words', () => {
    const [before, now] = [
      'a device of a node that is released',
      'a device of a node that is detached',
    ] as const
    const kept = saying(now, { unpatched: { state: 'differs', finding: saying(before) } })
    const cells = [
      cell('baseline', 'once', { findings: [saying(before)] }),
      cell('good', 'once', { findings: [kept] }),
    ]
    const [, told = ''] = toMail({ ...comparison, cells }).split('Fixed by none')
    expect(told.match(/^\* oops: .*\n {2}= good$/gm)).toHaveLength(1)
    expect(told.match(/^\* /gm)).toHaveLength(1)
  })

  it('tells what the unpatched kernel did not come to finding by finding', () => {
    const unpatched = { state: 'not-reached', endedIn: 2 } as const
    const findings = ['it leaks', 'it is lost'].map((message, index) =>
      saying(message, { subject: `/${String(index)}`, status: 'introduced', unpatched }),
    )
    const cells = [cell('baseline', 'once'), cell('good', 'once', { findings })]
    const told = findingKinds(tell({ ...comparison, cells })).map(({ message }) => message)
    expect(told).toEqual(['it leaks', 'it is lost'])
  })

  it('breaks a long command where a shell takes it up again', () => {
    const command = `npx pfo compare ${'a-long-patch-name.patch '.repeat(4)}--scenario once`
    const lines = toMail(comparison, { command }).split('\n')
    const first = lines.findIndex((line) => line.startsWith('    npx pfo'))
    expect(lines[first]).toMatch(/ \\$/)
    const whole = lines.slice(first, lines.indexOf('', first)).join('\n').replaceAll('\\\n', '')
    expect(whole.trim().replaceAll(/\s+/g, ' ')).toBe(command)
  })

  it('holds nothing of a patch but text', () => {
    const one = {
      ...comparison,
      variants: [
        ...comparison.variants,
        variant('x', { title: hostile, reason: hostile, status: 'invalid' }),
      ],
      cells: [cell('good', 'once', { findings: [saying(hostile, { subject: hostile })] })],
    }
    expect(toMail(one)).not.toMatch(control)
  })
})
