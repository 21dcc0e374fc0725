// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { patchId } from '../src/index.ts'
import { splitMbox } from '../src/mail/mbox.ts'
import { basePath, diffOf, errorOf, mailOf, parse } from './support.ts'

describe('a mail from git format-patch', () => {
  it('yields subject, author, date, message and the diff', () => {
    const text = mailOf(diffOf())
    const { patches, source } = parse(text, 'a.patch')
    expect(source).toBe('a.patch')
    expect(patches).toHaveLength(1)
    expect(patches[0]).toMatchObject({
      subject: 'of: do it',
      author: 'Ann Author <ann@example.org>',
      date: 'Thu, 5 Jul 2018 12:00:00 +0200',
      body: 'Because of this.\n\nSigned-off-by: Ann Author <ann@example.org>',
      diff: diffOf(),
      files: [
        {
          kind: 'modify',
          path: basePath,
          oldPath: basePath,
          oldMode: '100644',
          newMode: '100644',
          oldBlob: '1111111',
          newBlob: '2222222',
          text: diffOf(),
          hunks: [
            {
              oldStart: 10,
              oldLines: 3,
              newStart: 10,
              newLines: 4,
              section: 'export function of_node_get(node: device_node): void {',
              lines: ['   one', '-  two', '+  deux', '+  trois', '   four'],
              line: 16,
            },
          ],
        },
      ],
    })
  })

  it('keeps the real sender of a forwarded patch, as git am does', () => {
    const text = mailOf(diffOf()).replace(
      '\n\nBecause',
      '\n\nFrom: Real Author <real@example.org>\n\nBecause',
    )
    expect(parse(text, 'a.patch').patches[0]).toMatchObject({
      author: 'Real Author <real@example.org>',
      body: expect.stringMatching(/^Because/) as unknown,
    })
  })

  it('decodes encoded and folded headers', () => {
    const text = mailOf(diffOf(), '[PATCH v3 2/5] =?utf-8?q?of=3A_caf?=\n =?utf-8?b?w6k=?= now').replace(
      'Ann',
      '=?ISO-8859-1?Q?J=F6rg?=',
    )
    expect(parse(text, 'a.patch').patches[0]).toMatchObject({
      subject: 'of: café now',
      author: 'Jörg Author <ann@example.org>',
    })
  })

  it('may have carriage returns, which git am drops', () => {
    const text = mailOf(diffOf()).replaceAll('\n', '\r\n')
    const patch = parse(text, 'a.patch').patches[0]
    expect(patch?.subject).toBe('of: do it')
    expect(patch?.files[0]?.hunks[0]?.lines).toContain('-  two')
  })

  it.each([
    [
      'quoted-printable',
      (body: string) =>
        body.replaceAll('=', '=3D').replaceAll('  two', '  tw=\no').replaceAll('-- \n', '--=20\n'),
    ],
    ['base64', (body: string) => Buffer.from(body).toString('base64').replace(/.{76}/g, '$&\n') + '\n'],
  ])('may be sent as %s', (encoding, encode) => {
    const mail = mailOf(diffOf())
    const split = mail.indexOf('\n\n')
    const header = `\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: ${encoding}`
    const text = `${mail.slice(0, split)}${header}\n\n${encode(mail.slice(split + 2))}`
    const patch = parse(text, 'a.patch').patches[0]
    expect(patch?.files[0]?.hunks[0]?.lines).toEqual(['   one', '-  two', '+  deux', '+  trois', '   four'])
    expect(patch?.diff).toBe(diffOf())
  })

  it('may be one part of a signed mail', () => {
    const mail = mailOf(diffOf())
    const split = mail.indexOf('\n\n')
    const text = `${mail.slice(0, split)}
Content-Type: multipart/signed; boundary="=-abc"

--=-abc
Content-Type: text/plain; charset="UTF-8"
Content-Transfer-Encoding: quoted-printable

${mail.slice(split + 2).replaceAll('=', '=3D')}
--=-abc
Content-Type: application/pgp-signature

iQIzBAABCAAdFiEE
--=-abc--
`
    expect(parse(text, 'a.patch').patches[0]?.files.map((file) => file.path)).toEqual([basePath])
  })

  it('may lack the trailing newline', () => {
    const text = mailOf(diffOf())
      .trimEnd()
      .replace(/\n-- \n.*$/, '')
    expect(parse(text, 'a.patch').patches[0]?.files[0]?.hunks).toHaveLength(1)
  })

  it('may lack a sender', () => {
    const text = mailOf(diffOf()).replace(/^From: .*\n/m, '')
    expect(parse(text, 'a.patch').patches[0]?.author).toBe('')
  })

  it('is refused if it cannot be decoded', () => {
    const head =
      'From: a <a@b>\nSubject: x\nContent-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n'
    expect(errorOf(() => parse(`${head}YWI0\n`, 'a.patch'))).toMatchObject({
      code: 'encoding',
      message:
        "a.patch:1: the text is not valid utf-16le. Accepted: the encoding that the mail's header declares.",
    })
    expect(errorOf(() => parse(`${head}YW*j\n`, 'a.patch')).code).toBe('encoding')
  })
})

describe('an mbox', () => {
  const series = [
    mailOf('', '[PATCH 0/2] cover'),
    mailOf(diffOf(), '[PATCH 1/2] first'),
    mailOf(diffOf('packages/models/vio/src/bus.ts'), '[PATCH 2/2] second'),
  ].join('')

  it('yields its patches in order and skips the cover letter', () => {
    const { patches } = parse(series, 'series.mbox')
    expect(patches.map((patch) => patch.subject)).toEqual(['first', 'second'])
    expect(patches[1]?.diff).toBe(diffOf('packages/models/vio/src/bus.ts'))
    expect(patches[1]?.files[0]?.hunks[0]?.line).toBe(
      series.slice(0, series.lastIndexOf('@@ -10')).split('\n').length,
    )
  })

  it('yields the patches of a series in the order of their numbers', () => {
    const mails = [
      '[PATCH v3 2/10] b',
      '[PATCH v3 10/10] c',
      '[PATCH v3 1/10] a',
      '[PATCH] z',
      '[PATCH 1/2] y',
    ]
    const { patches } = parse(mails.map((subject) => mailOf(diffOf(), subject)).join(''), 'series.mbox')
    expect(patches.map((patch) => patch.subject)).toEqual(['a', 'b', 'c', 'z', 'y'])
  })

  it('is split at the same lines as by git mailsplit', () => {
    const tricky = [
      'From a@b Mon Sep 17 00:00:00 2001\nSubject: 1\n\nFrom here on, at 12:30:00 it is not a mail\n',
      'From x Thu Jan  1 00:00:00 1970\nSubject: 2\n\n>From quoted Mon Sep 17 00:00:00 2001\nFrom c Mon Sep 17 00:00:00 80\n',
      'From nobody Thu Jan 1 1:02:03 2020 +0100\nSubject: 3\n\nx\n',
      'From a@b Mon Sep 17 00:00:00 2001\nSubject: 4\n\n From e Mon Sep 17 00:00:00 2001\n',
    ].join('')
    const directory = mkdtempSync(join(tmpdir(), 'pfo-mailsplit-'))
    try {
      writeFileSync(join(directory, 'mbox'), tricky)
      execFileSync('git', ['mailsplit', '-b', `-o${directory}`, join(directory, 'mbox')], { stdio: 'pipe' })
      const files = readdirSync(directory).filter((name) => name !== 'mbox')
      const expected = files.sort().map((name) => readFileSync(join(directory, name), 'utf8'))
      expect(splitMbox(tricky).map((mail) => mail.text)).toEqual(expected)
      expect(expected.length).toBeGreaterThan(2)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('a diff without a mail', () => {
  it('is named after its file', () => {
    const patch = parse(diffOf(), 'some/where/my-fix.patch').patches[0]
    expect(patch).toMatchObject({
      subject: 'my-fix.patch',
      author: '',
      date: '',
      body: '',
      mail: null,
      tag: null,
    })
    expect(patch?.diff).toBe(diffOf())
  })

  it('may have text before it, which becomes the message', () => {
    const patch = parse(`commit 1234\nAuthor: A <a@b>\n\n    Why.\n\n${diffOf()}`, 'x').patches[0]
    expect(patch?.body).toBe('commit 1234\nAuthor: A <a@b>\n\n    Why.')
  })

  it('may come from diff -u, with time stamps and any first path component', () => {
    const path = basePath
    const text = `--- old/${path}\t2018-07-05 12:00:00\n+++ new/${path}\t2018-07-05 12:01:00\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n`
    expect(parse(text, 'x').patches[0]?.files[0]).toMatchObject({
      path,
      hunks: [{ oldLines: 1, newLines: 1, lines: ['-a', '+b', '\\ No newline at end of file'] }],
    })
  })
})

it('a patch id is the file name without .patch', () => {
  expect(patchId('/some/where/wipe.patch')).toBe('wipe')
  expect(patchId('wipe.mbox')).toBe('wipe.mbox')
})
