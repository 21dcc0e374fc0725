// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { diffOf, errorOf, mailOf, parse } from './support.ts'

const directory = mkdtempSync(join(tmpdir(), 'pfo-mailinfo-'))
const env = {
  PATH: process.env['PATH'],
  HOME: directory,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}
const options = { cwd: directory, env }

afterAll(() => {
  rmSync(directory, { recursive: true })
})

interface Read {
  readonly subject: string
  readonly author: string
  readonly date: string
  readonly body: string
  /** The text after the message, without the signature. */
  readonly files: unknown
}

/** The files of a diff, without the line numbers of hunks: these depend on the amount of text before the diff. */
const filesOf = (text: string): unknown =>
  parse(text, 'x').patches[0]?.files.map(({ hunks, ...file }) => ({
    ...file,
    hunks: hunks.map(({ line: _line, ...hunk }) => hunk),
  }))

/** Git's parse of one mail: the steps of `git am` before it applies the diff. */
function gitReads(mail: string): Read {
  rmSync(join(directory, '0001'), { force: true })
  execFileSync('git', ['mailsplit', '-b', `-o${directory}`], { ...options, input: mail })
  const input = readFileSync(join(directory, '0001'))
  const info = execFileSync('git', ['mailinfo', '--quoted-cr=strip', 'message', 'diff'], {
    ...options,
    input,
    encoding: 'utf8',
  })
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(info)?.[1] ?? ''
  return {
    subject: field('Subject'),
    author: `${field('Author')} <${field('Email')}>`,
    date: field('Date').trim(),
    body: readFileSync(join(directory, 'message'), 'utf8').trim(),
    files: filesOf(readFileSync(join(directory, 'diff'), 'utf8')),
  }
}

function weRead(mail: string): Read {
  const { subject, author, date, body } = parse(mail, 'x').patches[0] ?? {
    subject: '',
    author: '',
    date: '',
    body: '',
  }
  return { subject, author, date, body, files: filesOf(mail) }
}

/** A mail with its body in another encoding. */
function sent(type: string, encoding: string, encode: (body: string) => string): string {
  const mail = mailOf(diffOf())
  const split = mail.indexOf('\n\n')
  const fields = `MIME-Version: 1.0\nContent-Type: ${type}\nContent-Transfer-Encoding: ${encoding}`
  return `${mail.slice(0, split)}\n${fields}\n\n${encode(mail.slice(split + 2))}`
}

const base64 = (body: string): string => `${Buffer.from(body).toString('base64').replace(/.{76}/g, '$&\n')}\n`
const quoted = (body: string): string =>
  body.replaceAll('=', '=3D').replaceAll('  two', '  tw=\no').replace(/ $/gm, '=20')
const crlf = (text: string): string => text.replaceAll('\n', '\r\n')

/**
 * Encodes like a format=flowed mailer: adds a blank before lines that begin with a blank, and folds long lines after
 * a blank.
 */
const flowed = (body: string): string =>
  body
    .replace(/^(?= |From |>)/gm, ' ')
    .replace('Because of', 'Because \nof')
    .replace(/ $/gm, (end, at: number) => (body.length - at < 30 ? end : ''))

const umlaut = (mail: string): string => mail.replace('Because', 'Größe:')

const mails: readonly (readonly [string, string])[] = [
  ['as git format-patch writes it', mailOf(diffOf())],
  ['with carriage returns', crlf(mailOf(diffOf()))],
  ['in quoted-printable', sent('text/plain; charset=UTF-8', 'quoted-printable', quoted)],
  [
    'in quoted-printable with carriage returns',
    crlf(sent('text/plain; charset=UTF-8', 'quoted-printable', quoted)),
  ],
  [
    'in quoted-printable that encodes carriage returns',
    sent('text/plain', 'Quoted-Printable', (body) => quoted(body).replace(/(?<!=)$/gm, '=0D')),
  ],
  ['in base64', sent('text/plain; charset="utf-8"', 'base64', base64)],
  [
    'in base64 that encodes carriage returns',
    sent('text/plain; charset="utf-8"', 'base64', (body) => base64(crlf(body))),
  ],
  ['in base64 without padding', sent('text/plain', 'base64', (body) => base64(body).replaceAll('=', ''))],
  ['in 8bit', umlaut(sent('text/plain; charset=UTF-8', '8bit', (body) => body))],
  [
    'in another character set',
    sent('text/plain; charset=ISO-8859-1', 'quoted-printable', (body) =>
      quoted(body.replace('this', 'Größe')).replace('ö', '=F6').replace('ß', '=DF'),
    ),
  ],
  ['with format=flowed', sent('text/plain; charset=UTF-8; format=flowed', '7bit', flowed)],
  [
    'with format=flowed and delsp',
    sent('text/plain; charset=UTF-8; format=flowed; delsp=yes', '7bit', (body) =>
      flowed(body).replace('Because \n', 'Beca \nuse '),
    ),
  ],
  [
    'with format=flowed in quoted-printable',
    sent('text/plain; format="flowed"', 'quoted-printable', (body) => quoted(flowed(body))),
  ],
  ['that quotes From in its message', mailOf(diffOf()).replace('Because', '>From here\n\nBecause')],
  [
    'whose first header is quoted',
    mailOf(diffOf()).replace(/^From 1.*\n/, '$&>From somebody Mon Sep 17 00:00:00 2001\n'),
  ],
  ['of a series', mailOf(diffOf(), '[PATCH v3 2/5] of: do it')],
  ['that answers', mailOf(diffOf(), 'Re: [RFC PATCH] of: do it')],
  ['with brackets of its own', mailOf(diffOf(), '[PATCH] [of] do it')],
  ['with a folded subject', mailOf(diffOf(), '[PATCH] of: a long\n subject\n\tfolded')],
  [
    'with encoded words',
    mailOf(diffOf(), '=?UTF-8?q?[PATCH]_of:_Gr=C3=B6=C3=9Fe?=').replace(
      'Ann Author',
      '=?iso-8859-1?b?SvZyZw==?=',
    ),
  ],
  [
    'with a sender in the body',
    mailOf(diffOf()).replace('\n\nBecause', '\n\nFrom: Real <real@example.org>\n\nBecause'),
  ],
  [
    'with all fields in the body',
    mailOf(diffOf()).replace(
      '\n\nBecause',
      '\n\nFrom: Real <real@example.org>\nDate: Fri, 6 Jul 2018 12:00:00 +0200\nSubject: [PATCH] other\n\nBecause',
    ),
  ],
  ['without a line of three dashes', mailOf(diffOf()).replace('---\n base.ts | 3 ++-\n', '')],
  ['with a rule in the message', mailOf(diffOf()).replace('Because', '----\nBecause')],
  [
    'with scissors, which git am passes over',
    mailOf(diffOf()).replace('Because', 'Hello\n-- >8 --\nBecause'),
  ],
  [
    'with a changelog below the dashes',
    mailOf(diffOf()).replace(' base.ts', 'v2: --- better\n--- not a file\n\n base.ts'),
  ],
  ['without a signature', mailOf(diffOf()).replace(/-- \n.*\n/, '')],
  ['with the footer of a list', mailOf(diffOf()).replace(/-- \n.*\n/, '_____\ndevel mailing list\n')],
  [
    'with a last line that has no end',
    mailOf(
      diffOf()
        .replace('   four\n', '-  four\n\\ No newline at end of file\n+  four\n')
        .replace('-10,3', '-10,3'),
    ),
  ],
  ['with empty lines before it', `\n\n${mailOf(diffOf())}`.replace(/From 1.*\n/, '')],
  [
    'in one part of two',
    sent(
      'multipart/mixed; boundary="b"',
      '7bit',
      (body) =>
        `preamble\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n${base64(body)}\n--b\nContent-Type: text/plain\n\nfooter\n--b--\n`,
    ),
  ],
]

describe('a mail is read the way git reads it', () => {
  it.each(mails)('%s', (_what, mail) => {
    expect(weRead(mail)).toEqual(gitReads(mail))
  })
})

describe('a patch that git refuses as corrupt is refused as malformed', () => {
  it.each([
    ['a hunk that ends too early', diffOf().replace('   four\n', '')],
    ['a wrapped line', diffOf().replace('+  deux', '+  de\nux')],
    ['a hunk header without counts', diffOf().replace('-10,3 +10,4', '-10,x +10,4')],
    ['an empty hunk', diffOf().replace('-10,3 +10,4', '-10,0 +10,0')],
    ['a count too large', diffOf().replace('-10,3 +10,4', '-10,3 +10,5')],
    ['context without its blank', diffOf().replace('   four', 'four')],
  ])('%s', (_what, diff) => {
    const git = spawnSync('git', ['apply', '--numstat'], { ...options, input: diff, encoding: 'utf8' })
    expect([git.status, git.stderr]).toEqual([
      128,
      expect.stringMatching(/corrupt|fragment|No valid patches/),
    ])
    expect(errorOf(() => parse(diff, 'x')).code).toBe('malformed')
  })
})
