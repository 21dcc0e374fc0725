// SPDX-License-Identifier: GPL-2.0-only
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { eachPatch, idOfSubject, kernelPaths, patchLimits } from '../src/index.ts'
import { basePath, diffOf, errorOf, mailOf, parse } from './support.ts'

const withFields = (mail: string, ...fields: readonly string[]): string =>
  mail.replace('Subject: ', `${fields.join('\n')}\nSubject: `)

const refused = (input: string | Uint8Array): [code: string, message: string] => {
  const { code, message } = errorOf(() => parse(input, 'my.mbox'))
  return [code, message]
}

describe('the metadata of a mail is kept', () => {
  it('for a reply', () => {
    const mail = withFields(
      mailOf(diffOf(), '[RFC PATCH net-next v3 2/5] of: do it'),
      'Message-ID: <2@example.org>',
      'In-Reply-To: <0@example.org>',
      'References: <0@example.org>\n <1@example.org>',
      'To: =?utf-8?q?J=C3=B6rg?= <j@example.org>',
      'Cc: list@example.org,\n\tother@example.org',
    )
    expect(parse(mail).patches[0]).toMatchObject({
      subject: 'of: do it',
      tag: { series: 'RFC PATCH net-next v3 /5', version: 3, number: 2, total: 5 },
      mail: {
        subject: '[RFC PATCH net-next v3 2/5] of: do it',
        from: 'Ann Author <ann@example.org>',
        to: 'Jörg <j@example.org>',
        cc: 'list@example.org, other@example.org',
        date: 'Thu, 5 Jul 2018 12:00:00 +0200',
        messageId: '<2@example.org>',
        inReplyTo: '<0@example.org>',
        references: ['<0@example.org>', '<1@example.org>'],
      },
    })
  })

  it.each([
    ['[PATCH] x', { version: 1, number: null, total: null }],
    ['[PATCHv2 1/3] x', { version: 2, number: 1, total: 3 }],
    ['[v4,2/3] x', { version: 4, number: 2, total: 3 }],
    ['[PATCH] [4.19 02/12] x', { version: 1, number: 2, total: 12 }],
    ['[PATCH 00/12] x', { version: 1, number: 0, total: 12 }],
    ['[powerpc] x', null],
  ])('in the brackets of %s', (subject, tag) => {
    const [patch] = parse(mailOf(diffOf(), subject)).patches
    if (tag === null) expect(patch?.tag).toBeNull()
    else expect(patch?.tag).toMatchObject(tag)
  })

  it('for the base commit, wherever the series names it', () => {
    const id = '0123456789abcdef0123456789abcdef01234567'
    const based = (mail: string): string => mail.replace('-- \n', `\nbase-commit: ${id}\n-- \n`)
    const cover = mailOf('', '[PATCH 0/1] all')
    expect(parse(based(mailOf(diffOf()))).baseCommit).toBe(id)
    expect(parse(based(cover) + mailOf(diffOf(), '[PATCH 1/1] one')).baseCommit).toBe(id)
    expect(parse(mailOf(diffOf())).baseCommit).toBeNull()
  })

  it('as an id for a patch without a file', () => {
    expect(idOfSubject({ subject: 'powerpc/vio: Fix ../the leak ("again")' })).toBe(
      'powerpc-vio-Fix-.-the-leak-again',
    )
    expect(idOfSubject({ subject: '...' })).toBe('patch')
    expect(idOfSubject({ subject: 'x'.repeat(100) })).toHaveLength(52)
  })
})

describe('a series', () => {
  const cover = mailOf('', '[PATCH v2 0/2] two things')
  const reply = mailOf('> diff --git a/x b/x\n> @@ -1 +1 @@\n', 'Re: [PATCH v2 1/2] one')
  const series =
    cover + mailOf(diffOf(), '[PATCH v2 1/2] one') + reply + mailOf(diffOf(), '[PATCH v2 2/2] two')

  it('lists the mails that it skips', () => {
    const { patches, skipped } = parse(series)
    expect(patches.map(({ subject }) => subject)).toEqual(['one', 'two'])
    expect(skipped).toMatchObject([
      { subject: 'two things', why: 'cover-letter', line: 1 },
      { subject: 'one', why: 'quotes-a-diff', mail: { subject: 'Re: [PATCH v2 1/2] one' } },
    ])
  })

  it('can be split into single patches', () => {
    expect(eachPatch(parse(series)).map(({ patches }) => patches.map(({ subject }) => subject))).toEqual([
      ['one'],
      ['two'],
    ])
  })

  it('may change one file several times', () => {
    expect(parse(series).patches.map(({ files }) => files.map(({ path }) => path))).toEqual([
      [basePath],
      [basePath],
    ])
  })
})

describe('an input without a patch is recognized', () => {
  it.each([
    ['nothing', '\n \n', 'empty', /^my\.mbox: the file is empty\./],
    ['a text', 'Hello,\n\nplease apply.\n', 'no-diff', /there is no diff in the text\./],
    [
      'a cover letter alone',
      withFields(mailOf('', '[PATCH v2 0/2] two things'), 'Message-ID: <0@example.org>'),
      'cover-letter',
      /^my\.mbox: '\[PATCH v2 0\/2\] two things' is the cover letter of a series.* b4 am -o - 0@example\.org\)\.$/,
    ],
    [
      'a reply',
      withFields(
        mailOf('> diff --git a/x b/x\n> @@ -1 +1 @@\n> -a\n', 'Re: [PATCH] x'),
        'In-Reply-To: <0@example.org>',
      ),
      'quoted',
      /quotes a diff with ">" .* Accepted: the mail that it answers, <0@example\.org>\.$/,
    ],
    [
      'a web page',
      '\n<!DOCTYPE html>\n<html><pre>diff --git a/x b/x</pre></html>',
      'web-page',
      /add \/raw to its address/,
    ],
    ['a binary', `\x7fELF\x02\x01\0\0`, 'not-text', /^my\.mbox:1: a NUL byte: the file is binary\./],
    [
      'a mail in HTML',
      withFields('From: a <a@b>\nSubject: x\n\n<p>diff</p>\n', 'Content-Type: text/html'),
      'no-diff',
      /the mail is in HTML only\./,
    ],
  ])('%s', (_what, text, code, message) => {
    expect(refused(text)).toEqual([code, expect.stringMatching(message)])
  })

  it('a compressed mbox', () => {
    expect(refused(gzipSync(mailOf(diffOf())))).toEqual([
      'compressed',
      'my.mbox: the file is compressed. Accepted: the unpacked mails (gunzip, unxz or bunzip2).',
    ])
  })
})

describe('the lines are the same in any encoding', () => {
  const said = (text: string): string => text.replace('deux', 'größe 你')
  const lines = (input: string | Uint8Array): readonly string[] =>
    parse(input).patches[0]?.files[0]?.hunks[0]?.lines ?? []
  const expected = lines(said(mailOf(diffOf())))

  it.each<readonly [string, string, Uint8Array]>([
    ['UTF-16', 'utf-16le', Buffer.from(said(diffOf()), 'utf16le')],
    ['UTF-8 with a name in capitals', 'UTF-8', Buffer.from(said(diffOf()))],
    ['a charset that is none, as git send-email wrote it', 'y', Buffer.from(said(diffOf()))],
    ['ASCII, wrongly declared', 'us-ascii', Buffer.from(said(diffOf()))],
  ])('%s', (_what, charset, body) => {
    const head = `From: a <a@b>\nSubject: x\nContent-Type: text/plain; charset="${charset}"\nContent-Transfer-Encoding: base64\n\n`
    expect(lines(`${head}${Buffer.from(body).toString('base64')}\n`)).toEqual(expected)
  })

  it('a file in UTF-16, as PowerShell writes it', () => {
    expect(lines(Buffer.from(`\ufeff${said(diffOf())}`, 'utf16le'))).toEqual(expected)
    expect(lines(Buffer.from(`\ufeff${said(diffOf())}`, 'utf16le').swap16())).toEqual(expected)
  })

  it('two mails of one mbox in different character sets', () => {
    const latin = withFields(
      mailOf(diffOf().replace('deux', 'größe')),
      'Content-Type: text/plain; charset=iso-8859-1',
    )
    const mbox = Buffer.concat([
      Buffer.from(latin, 'latin1'),
      Buffer.from(mailOf(diffOf().replace('deux', 'größe'))),
    ])
    const [one, two] = parse(mbox).patches
    expect(one?.diff).toBe(two?.diff)
    expect(one?.diff).toContain('+  größe')
  })

  it('Chinese text as Chinese mailers send it', () => {
    const body = Buffer.concat([
      Buffer.from('Gr\n'),
      Buffer.from([0xc4, 0xe3, 0xba, 0xc3]),
      Buffer.from(`\n${diffOf()}`),
    ])
    const head = 'From: a <a@b>\nSubject: =?gb2312?B?xOO6ww==?=\nContent-Type: text/plain; charset=gb2312\n\n'
    const [patch] = parse(Buffer.concat([Buffer.from(head), body])).patches
    expect([patch?.subject, patch?.body]).toEqual(['你好', 'Gr\n你好'])
  })
})

describe('an attachment', () => {
  const mixed = (type: string, encoding: string, body: string): string =>
    `From: a <a@b>\nSubject: x\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nSee there.\n--b\nContent-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\n\n${body}\n--b--\n`

  it('is read if it is a patch', () => {
    const body = Buffer.from(diffOf()).toString('base64')
    for (const type of ['text/x-patch', 'application/octet-stream; name=x.patch', 'application/x-patch']) {
      expect(parse(mixed(type, 'base64', body)).patches[0]?.diff).toBe(diffOf())
    }
  })

  it('is ignored if it is not a patch', () => {
    expect(errorOf(() => parse(mixed('application/octet-stream', 'base64', 'AAECAw=='))).code).toBe('no-diff')
  })

  it('may be a mail', () => {
    expect(parse(mixed('message/rfc822', '7bit', mailOf(diffOf()))).patches[0]?.diff).toBe(diffOf())
  })

  it('that repeats the text in HTML is ignored', () => {
    const text = mixed('text/html', '7bit', '<pre>diff</pre>')
      .replace('multipart/mixed', 'multipart/alternative')
      .replace('See there.', diffOf())
    expect(parse(text).patches[0]?.files).toHaveLength(1)
  })
})

it('the error for a mail damaged by format=flowed says so', () => {
  const mail = withFields(mailOf(diffOf()), 'Content-Type: text/plain; format=flowed')
  expect(refused(mail.replace('+  deux', '+  deux '))).toEqual([
    'malformed',
    expect.stringMatching(/The mail was sent with format=flowed, and its mailer wrapped or joined lines/),
  ])
})

describe('paths', () => {
  it('that have moved are reported', () => {
    expect(refused(diffOf('packages/models/of/src/old.ts'))).toEqual([
      'moved',
      'my.mbox:1: packages/models/of/src/old.ts has moved to packages/models/of/src/base.ts. Accepted: the patch with the new path.',
    ])
  })

  it('are those of the kernel if the caller says so', () => {
    const text = diffOf('drivers/of/base.c').replace(
      'index 1111111..2222222 100644',
      'old mode 100644\nnew mode 100755',
    )
    expect(parse(text, 'x', { paths: kernelPaths }).patches[0]?.files).toMatchObject([
      { path: 'drivers/of/base.c', newMode: '100755' },
    ])
    expect(errorOf(() => parse(diffOf('../x'), 'x', { paths: kernelPaths })).code).toBe('path')
  })

  it('may have blanks and be quoted', () => {
    const path = (name: string): string | undefined =>
      parse(diffOf().replaceAll(/([ab])\/packages\S*/g, name), 'x', { paths: kernelPaths }).patches[0]
        ?.files[0]?.path
    expect(path('$1/drivers/a b.c')).toBe('drivers/a b.c')
    expect(path('"$1/drivers/gr\\303\\266\\303\\237e.c"')).toBe('drivers/größe.c')
    expect(errorOf(() => path('"$1/drivers/a\\tb.c"')).message).toContain('contains special characters')
  })
})

describe('limits', () => {
  const limited = (limits: Partial<typeof patchLimits>): [string, string] => {
    const text = mailOf(diffOf(), '[PATCH 1/2] a') + mailOf(diffOf() + diffOf(), '[PATCH 2/2] b')
    const { code, message } = errorOf(() => parse(text, 'x', { limits: { ...patchLimits, ...limits } }))
    return [code, message]
  }

  it.each([
    [{ bytes: 100 }, 'x: the file is too long. Accepted: at most 100 characters.'],
    [{ lines: 10 }, 'x: the file has 58 lines. Accepted: at most 10.'],
    [{ mails: 1 }, 'x: 2 mails. Accepted: at most 1.'],
    [{ files: 2 }, 'x: its patches change more files than are accepted: at most 2.'],
    [{ hunks: 2 }, 'x: its patches have more hunks than are accepted: at most 2.'],
  ])('are enforced: %o', (limits, message) => {
    expect(limited(limits)).toEqual(['too-large', message])
  })
})

it('the diff of a file with carriage returns keeps them', () => {
  const crlf = diffOf().replace(/^([ +-] .*)$/gm, '$1\r')
  expect(parse(crlf).patches[0]?.files[0]?.hunks[0]?.lines[0]).toBe('   one\r')
  expect(parse(diffOf().replaceAll('\n', '\r\n')).patches[0]?.files[0]?.hunks[0]?.lines[0]).toBe('   one')
})
