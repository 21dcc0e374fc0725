// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptVersion, isAtLeast, parseVersion } from '../src/version.ts'
import { makefile } from './support/sample.ts'

describe('the version of a Makefile', () => {
  it('is made of its four parts', () => {
    fc.assert(
      fc.property(
        fc.nat(99),
        fc.nat(99),
        fc.nat(999),
        fc.constantFrom('', '-rc1', 'noinline'),
        (major, minor, patch, extra) => {
          const text = `${String(major)}.${String(minor)}.${String(patch)}${extra}`
          expect(parseVersion(makefile(text))).toEqual({ major, minor, patch, extra, text })
        },
      ),
    )
  })

  it('never fails, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseVersion(`VERSION =${text}\nPATCHLEVEL = 1`)?.text ?? '0.1.0').toMatch(/^\d+\.1\.0/)
      }),
    )
  })

  it('has 0 in the place of a missing SUBLEVEL, and needs the others', () => {
    expect(parseVersion('VERSION = 6\nPATCHLEVEL = 1\n')?.text).toBe('6.1.0')
    expect(parseVersion('VERSION = 6\nSUBLEVEL = 1\n')).toBeNull()
    expect(parseVersion('VERSION = $(V)\nPATCHLEVEL = 1\n')).toBeNull()
  })

  it.each([
    ['4.18.0', true],
    ['5.0.0', true],
    ['4.17.19', false],
    ['3.20.0', false],
  ])('%s: accepted is %j', (text, accepted) => {
    const attempt = (): unknown => acceptVersion(makefile(text), 'the tree')
    if (accepted) expect(attempt()).toMatchObject({ text })
    else expect(attempt).toThrow(`the tree is Linux ${text}; accepted: 4.18 and later`)
  })

  it('is compared by numbers', () => {
    const version = acceptVersion(makefile('5.10.3'), '')
    expect([isAtLeast(version, [5, 9]), isAtLeast(version, [5, 10]), isAtLeast(version, [6, 0])]).toEqual([
      true,
      true,
      false,
    ])
  })
})
