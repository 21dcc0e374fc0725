// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { linesKept } from '../src/lines-kept.ts'

describe('lines that the preprocessor keeps', () => {
  it('are those with text, in the file and at the line of the last marker', () => {
    const text = '# 1 "./a.c"\nint a;\n\n# 7 "include/b.h" 1\n#define B 1\nint b;\n# 4 "./a.c" 2\nint c;\n'
    expect(linesKept(text)).toEqual(
      new Map([
        ['a.c', new Set([1, 4])],
        ['include/b.h', new Set([7, 8])],
      ]),
    )
  })
})
