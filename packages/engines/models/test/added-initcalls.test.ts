// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { addedInitcalls } from '../src/added-initcalls.ts'

const start = `import type { Subsystem } from '@pfo-workbench/kernel'
import { of_init, of_free } from './of.ts'

export const platform: Subsystem = {
  name: 'platform',
  initcalls: [
    { level: 'arch', fn: of_init },
    { level: 'late', fn: late_init },
  ],
}

function late_init(): void {}
`
const added = (change: (text: string) => string, ...others: string[]): string[] | null => {
  const text = change(start)
  const line = text.split('\n').findIndex((one) => one.startsWith('export const')) + 1
  return addedInitcalls(start, text, line, [text, ...others])
}
const late = "    { level: 'late', fn: late_init },\n"
const insert = (element: string) => (text: string) => text.replace(late, `${late}    ${element},\n`)

describe('the functions that a patch adds to an initcall table', () => {
  it('are those of the new elements, at any place', () => {
    expect(added(insert("{ level: 'late_sync', fn: of_free }"))).toEqual(['of_free'])
    const first = (text: string) =>
      text.replace('    { level', "    { level: 'early', fn: late_init },\n    { level")
    expect(added(first)).toEqual(['late_init'])
    expect(added((text) => insert("{ level: 'late', fn: of_free }")(first(text)))).toEqual([
      'late_init',
      'of_free',
    ])
  })

  it.each<[string, (text: string) => string]>([
    ['an element is gone', (text) => text.replace(late, '')],
    ['an element is replaced', (text) => text.replace(late, "    { level: 'late', fn: of_free },\n")],
    ['an element runs at another level', (text) => text.replace("'late'", "'early'")],
    [
      'the elements have another order',
      (text) => text.replace(late, '').replace('    { level', `${late}    { level`),
    ],
    [
      'the name changes',
      (text) => insert("{ level: 'late', fn: of_free }")(text).replace("'platform'", "'p'"),
    ],
    ['an element is spread', insert('...others')],
    ['an element has more', insert("{ level: 'late', fn: of_free, x: 1 }")],
    ['an element has a function of its own', insert("{ level: 'late', fn: () => of_free() }")],
    ['call chains do not show the function', insert("{ level: 'late', fn: helpOut }")],
    ['the function is defined nowhere', insert("{ level: 'late', fn: of_other }")],
    [
      'the function has another name where it is defined',
      (text) => insert("{ level: 'late', fn: of_put }")(text).replace('of_free', 'of_evil as of_put'),
    ],
  ])('are unknown if %s', (_what, change) => {
    expect(added(change)).toBeNull()
  })

  it('are unknown if another changed file gives the name to another function', () => {
    const change = insert("{ level: 'late', fn: of_free }")
    expect(added(change, "export { of_evil as of_free } from './evil.ts'")).toBeNull()
    expect(added(change, "export { of_free as of_evil } from './evil.ts'")).toEqual(['of_free'])
  })

  it('are unknown if the table is new', () => {
    expect(addedInitcalls(undefined, start, 4, [start])).toBeNull()
  })
})
