// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseSeries, PatchError, pathFault, type PatchSeries } from '../src/index.ts'
import { diffOf, mailOf } from './support.ts'

/** What the parser says of a text: a series or a typed error, and nothing else. */
function read(text: string): PatchSeries | PatchError {
  try {
    return parseSeries(text, 'fuzz')
  } catch (fault) {
    if (fault instanceof PatchError) return fault
    throw fault
  }
}

const series =
  mailOf(diffOf(), '[PATCH 1/2] first') +
  mailOf(diffOf('packages/models/vio/src/bus.ts'), '[PATCH 2/2] second')

const edit = fc.record({
  at: fc.nat(series.length),
  remove: fc.nat(40),
  insert: fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      '\n',
      '\n\n',
      '@@ -1,2 +1,2 @@\n',
      '--- a/x\n+++ b/x\n',
      'diff --git a/x b/x\n',
      '\0',
      '=?utf-8?q?=FF?=',
      '../',
      'old mode 100644\n',
      '\r\n',
      'From a Mon Sep 17 00:00:00 2001\n',
      'Content-Transfer-Encoding: base64\n',
    ),
  ),
})

it('whatever is done to a patch, it is read or refused with a typed error, and only model sources get through', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      let text = series
      for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove)
      const result = read(text)
      if (result instanceof PatchError) {
        expect(result.message).toMatch(/^fuzz(:\d+)?/)
        return
      }
      for (const file of result.patches.flatMap((patch) => patch.files)) {
        expect(pathFault(file.path)).toBeNull()
        if (file.oldPath !== null) expect(pathFault(file.oldPath)).toBeNull()
      }
    }),
    { numRuns: 2000 },
  )
})

it('any text is read or refused with a typed error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(read(text)).toBeInstanceOf(PatchError)
    }),
  )
})
