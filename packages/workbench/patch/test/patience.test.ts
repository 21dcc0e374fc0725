// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { definitionsIn, patchLimits, PatchError } from '../src/index.ts'
import { basePath, diffOf, mailOf, parse } from './support.ts'

/** Repeats a text up to the maximum size of a patch, less some room for the mail around it. */
const fill = (text: string): string => text.repeat((patchLimits.bytes - 2_000) / text.length)

const withHeader = (field: string): string => mailOf(diffOf()).replace('Subject: ', `${field}\nSubject: `)
const withBody = (text: string): string => mailOf(diffOf()).replace('Because', `${text}\nBecause`)

/** Texts that cause backtracking in careless regular expressions: with quadratic or cubic time they take hours. */
const texts: readonly (readonly [string, string])[] = [
  [
    'a long line of blanks in quoted-printable',
    withBody(`${fill(' ')}x`).replace('Subject: ', 'Content-Transfer-Encoding: quoted-printable\nSubject: '),
  ],
  ['a subject of opening brackets', mailOf(diffOf(), fill('['))],
  ['a subject of numbers in brackets that do not close', mailOf(diffOf(), fill('[1/1'))],
  ['a subject of digits in brackets that do not close', mailOf(diffOf(), `[${fill('1')}`)],
  ['a subject of encoded words that do not end', mailOf(diffOf(), fill('=?a?q?'))],
  ['a subject of encoded words', mailOf(diffOf(), fill('=?utf-8?q?a?= '))],
  ['a line that nearly begins a mail', withBody(`From ${fill('1:11:11')}:`)],
  ['a line of digits that nearly begins a mail', withBody(`From 1 11:11${fill('1')}:`)],
  ['a line of blanks that nearly begins a mail', withBody(`From 1 11:11${fill(' ')}:`)],
  ['a type with parameters that are none', withHeader(`Content-Type: text/plain${fill('; charset ')}`)],
  ['folded lines', withHeader(`X: y\n${fill(' y\n')}Y: y`)],
  ['a file header of many names', mailOf(`${diffOf()}diff --git ${fill('a ')}\n`)],
  ['a hunk header of many parts', diffOf().replace('@@ export', `${fill('@@ ')}export`)],
  [
    "a function of the kernel's",
    mailOf(diffOf('drivers/of/base.c')).replace('@@ export', `@@ ${fill('a ')}`),
  ],
  ['hunks', `--- a/${basePath}\n+++ b/${basePath}\n${fill('@@ -1 +1 @@\n-a\n+b\n')}`],
  ['mails', fill(mailOf(diffOf()))],
]

describe('a text designed to take long is read quickly', () => {
  it.each(texts)(
    '%s',
    (_what, text) => {
      expect(text.length).toBeLessThanOrEqual(patchLimits.bytes)
      try {
        expect(parse(text, 'x.patch').patches).not.toEqual([])
      } catch (fault) {
        expect(fault).toBeInstanceOf(PatchError)
        // The error has a few lines, whatever the text is.
        expect(fault instanceof Error ? fault.message.length : 0).toBeLessThan(2_000)
      }
    },
    20_000,
  )
})

describe('a file designed to take long is scanned quickly', () => {
  it.each([
    '(',
    'a(',
    'a(){',
    '#if\n',
    'x\n',
    'int a(int b)\n',
    'int a(void)\n{\n}\n',
    '"\n',
    '/*',
    'a=',
    'A ( ',
    'A(a)\n',
  ])(
    '%j again and again',
    (part) => {
      const text = part.repeat(500_000 / part.length)
      expect(definitionsIn('x.c', text).length).toBeLessThan(text.length)
    },
    20_000,
  )
})
