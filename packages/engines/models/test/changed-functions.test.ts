// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { functionsAround } from '../src/changed-functions.ts'

const source = `import { x } from 'y'

const table = { run: sharedBody }

export function of_get(): void {
  x()
  helpOut()
}

function helpOut(): number {
  return innerMost()
}

function innerMost(): number { return 1 }

function of_put(): void {
  helpOut()
}

export function camelCase(): void {
  x()
}

function sharedBody(): void {
  x()
}
`
const around = (line: string): (string | null)[] =>
  functionsAround(source, source.split('\n').findIndex((one) => one.includes(line)) + 1)

describe('the kernel functions around a line', () => {
  it('are the function that contains it', () => {
    expect(around('  x()')).toEqual(['of_get'])
  })

  it('are the callers of a helper, because helpers appear in no call chain', () => {
    expect(around('return innerMost()')).toEqual(['of_get', 'of_put'])
    expect(around('return 1')).toEqual(['of_get', 'of_put'])
  })

  it('include null if a helper can be called from other files or if no function contains the line', () => {
    expect(around('export function camelCase')).toContain(null)
    expect(around('function sharedBody')).toContain(null)
    expect(around('const table')).toEqual([null])
  })
})
