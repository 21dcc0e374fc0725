// SPDX-License-Identifier: GPL-2.0-only
import { rankVariants, type Comparison, type VariantSummary } from '@pfo-workbench/compare'
import { describe, expect, it } from 'vitest'
import { toHtml, toText } from '../src/index.ts'
import { cell, comparison, saying, variant } from './support.ts'

/** Joins wrapped lines. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

/** A comparison with one variant. */
function ofOne(state: Partial<VariantSummary>, cells: Comparison['cells'] = []): Comparison {
  const variants = rankVariants([variant('baseline', { patches: [] }), variant('a', state)])
  return { ...comparison, variants, cells }
}

it('the page lists a scenario that was left out, with its reason', () => {
  const leftOut = [{ id: 'big-endian', title: 'Big', reason: 'this kernel is little-endian' }]
  expect(toHtml({ ...comparison, leftOut })).toContain(
    '<dt>big-endian</dt><dd>this kernel is little-endian</dd>',
  )
})

describe('a patch that does not compile', () => {
  const source = `   50 |         return of_property_alloc(name, value, length, length, another, and_one_more);`
  const marks = `      |         ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~`
  const message = `drivers/of/dynamic.c:50:9: error: call to undeclared function 'of_property_alloc'; ISO C99 and later`
  const invalid = ofOne({ status: 'invalid', reason: [message, source, marks].join('\n') })

  it.each([
    ['the first screen', toText(invalid)],
    ['the whole text', toText(invalid, { full: true })],
  ])('keeps the lines of the compiler in %s, so that its marks stay below the code', (_where, text) => {
    expect(text).toContain(`  ${message}\n  ${source}\n  ${marks}\n`)
  })

  it('has no suggestion that would show nothing more', () => {
    expect(toText(invalid)).not.toMatch(/--full|assumed/)
  })
})

describe('a patch that never ran', () => {
  const statement = (line: number, never?: string): VariantSummary['exercise'][number] => ({
    file: 'drivers/of/base.c',
    line,
    statement: 'f();',
    scenarios: [],
    ...(never === undefined ? {} : { never }),
  })

  it('is shown with its lines and the reasons why they did not run', () => {
    const exercise = [1, 2, 3, 4, 5, 6, 7].map((line) =>
      statement(line, line === 1 ? 'not built' : undefined),
    )
    const text = toText(ofOne({ exercised: false, exercise }, [cell('a', 's')]))
    expect(flat(text)).toContain('none of its 7 changed statements ran in any scenario')
    expect(text).toContain('  drivers/of/base.c:1: f(); (not built)\n')
    expect(text).toContain('  drivers/of/base.c:5: f();\n  and 2 more\n')
  })

  it('changes no code if only comments differ', () => {
    const text = toText(ofOne({ exercised: false, exercise: [] }, [cell('a', 's')]))
    expect(text).toContain('No statement changes: only types, data, comments or deleted functions differ.')
  })
})

it('suggested commands name a variant as the user did', () => {
  const died = [saying('it died', { status: 'introduced' })]
  const one = ofOne({ introduced: 1 }, [cell('baseline', 's'), cell('a', 's', { findings: died })])
  expect(toText(one)).toContain('pfo explain a\n')
  expect(toText(one, { patchArguments: new Map([['a', './mails/a.eml']]) })).toContain(
    'pfo explain ./mails/a.eml\n',
  )
})
