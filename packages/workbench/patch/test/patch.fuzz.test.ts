// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PatchError, pathFault, type PatchSeries } from '../src/index.ts'
import { diffOf, mailOf, parse, testPaths } from './support.ts'

/** Set `FUZZ_RUNS=10000` for a longer search. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 500)

/** The parser's result for a text: a series or a typed error, and nothing else. */
function read(text: string | Uint8Array): PatchSeries | PatchError {
  try {
    return parse(text, 'fuzz')
  } catch (fault) {
    if (fault instanceof PatchError) return fault
    throw fault
  }
}

const first = mailOf(diffOf(), '[PATCH 1/2] first')
const cut = first.indexOf('\n\n') + 2

/** The mail with its body in another encoding. */
const sent = (type: string, encoding: string, body: string): string =>
  `${first.slice(0, cut - 1)}Content-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\n\n${body}`

const body = first.slice(cut)
const base64 = `${Buffer.from(body).toString('base64').replace(/.{76}/g, '$&\n')}\n`
const quoted = body.replaceAll('=', '=3D').replace(/ $/gm, '=20').replaceAll('  two', '  tw=\no')

/** Real mails, each of which is accepted without an edit. */
const mails = [
  first + mailOf(diffOf('packages/models/vio/src/bus.ts'), '[PATCH 2/2] second'),
  first.replaceAll('\n', '\r\n'),
  sent('text/plain; charset=UTF-8', 'quoted-printable', quoted),
  sent('text/plain; charset=iso-8859-1', 'base64', base64),
  sent('text/plain; format=flowed; delsp=yes', '7bit', body.replace(/^ /gm, '  ')),
  sent(
    'multipart/mixed; boundary=b',
    '7bit',
    `--b\n\n${body}--b\nContent-Transfer-Encoding: base64\n\n${base64}--b--\n`,
  ),
  diffOf(),
]

it.each(mails.map((mail, index) => [index, mail]))(
  'the mail number %i is a patch as it stands',
  (_index, mail) => {
    expect(read(mail)).not.toBeInstanceOf(PatchError)
  },
)

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
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
      '=\n',
      '=0D=0A',
      '[PATCH 9/9] ',
      'charset=utf-16; ',
      '--b\n',
      'rename from a\nrename to b\n',
      'From a Mon Sep 17 00:00:00 2001\n',
      'Content-Transfer-Encoding: base64\n',
    ),
  ),
})

it('after any edit, a patch is accepted or refused with a typed error, and only model sources are accepted', () => {
  fc.assert(
    fc.property(fc.constantFrom(...mails), fc.array(edit, { minLength: 1, maxLength: 6 }), (mail, edits) => {
      let text = mail
      for (const { at: where, remove, insert } of edits) {
        const at = Math.floor(where * text.length)
        text = text.slice(0, at) + insert + text.slice(at + remove)
      }
      const result = read(text)
      if (result instanceof PatchError) {
        expect(result.message).toMatch(/^fuzz(:\d+)?/)
        return
      }
      for (const file of result.patches.flatMap((patch) => patch.files)) {
        expect(pathFault(file.path, testPaths)).toBeNull()
        if (file.oldPath !== null) expect(pathFault(file.oldPath, testPaths)).toBeNull()
      }
    }),
    { numRuns },
  )
})

it('arbitrary bytes are refused with a typed error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(read(bytes)).toBeInstanceOf(PatchError)
    }),
    { numRuns },
  )
})
