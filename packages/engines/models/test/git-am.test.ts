// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseSeries } from '@pfo-workbench/patch'
import { afterAll, describe, expect, it } from 'vitest'
import { modelPaths } from '../src/index.ts'
import { base, replacing, sources, specOf, useWorkshop } from './fixture.ts'

const workshop = useWorkshop()
const limits = 'packages/models/of/src/limits.ts'

/** A maintainer's repository in which git alone applies the mails. */
const folder = mkdtempSync(join(tmpdir(), 'pfo-git-am-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const env = {
  PATH: process.env['PATH'],
  HOME: folder,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ann Author',
  GIT_AUTHOR_EMAIL: 'ann@example.org',
  GIT_COMMITTER_NAME: 'Maintainer',
  GIT_COMMITTER_EMAIL: 'maintainer@example.org',
}
const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' })

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function commit(message: string, changes: Record<string, (text: string) => string>): void {
  for (const [path, change] of Object.entries(changes))
    write(path, change(readFileSync(join(folder, path), 'utf8')))
  git('add', '--all')
  git('commit', '--quiet', `--message=${message}`)
}

for (const [path, text] of Object.entries(sources)) write(path, text)
git('init', '--quiet')
commit('The sources', {})
git('tag', 'sources')
commit('of: one\n\nFrom here on = works.\n>From quoted.\n\nA body of größe.', {
  [base]: replacing('  node.count++\n', '  // größe = 1\n  node.count++\n'),
})
commit('of: two\n\nBecause of two.', { [base]: replacing('größe = 1', 'größe = 2') })
commit('of: three', { [limits]: (text) => `${text}// the end` })
commit('of: four', { [limits]: (text) => `${text}\n// once more` })

const written = git('format-patch', '--reroll-count=3', '--cover-letter', '--stdout', 'sources')
const [cover = '', one = '', two = '', three = '', four = ''] = written.split(
  /^(?=From [0-9a-f]{40} Mon Sep)/m,
)
const diff = git('diff', 'sources', 'HEAD~3')

interface Applied {
  readonly subjects: readonly string[]
  /** The changed files. */
  readonly files: Record<string, string>
}

/** Result of `git am` for a file, or null if `git am` fails. */
function byGit(mails: string | Uint8Array): Applied | null {
  git('checkout', '--quiet', '--force', '--detach', 'sources')
  writeFileSync(join(folder, 'mails'), mails)
  try {
    git('am', '--3way', 'mails')
  } catch {
    // If `git am` could not even start, there is nothing to quit.
    if (existsSync(join(folder, '.git/rebase-apply'))) git('am', '--quit')
    return null
  }
  const paths = git('diff', '--name-only', 'sources', 'HEAD').split('\n').filter(Boolean)
  return {
    subjects: git('log', '--reverse', '--format=%s', 'sources..HEAD').trimEnd().split('\n'),
    files: Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')])),
  }
}

/** Result of the workbench for a file, or null if it refuses the file. */
async function byUs(mails: string | Uint8Array): Promise<Applied | null> {
  const series = parseSeries(mails, { source: 'x.patch', paths: modelPaths })
  const { status, sources: files } = await workshop.builder.build(specOf(['x', series]), 'applied')
  if (status !== 'ok') return null
  return {
    subjects: series.patches.map(({ subject }) => subject),
    files: Object.fromEntries([...files].map(([path, text]) => [path, text ?? ''])),
  }
}

/** Changes the encoding of a mail's body. */
function sent(mail: string, type: string, encoding: string, encode: (body: string) => string): string {
  const split = mail.indexOf('\n\n')
  const fields = mail
    .slice(0, split)
    .split('\n')
    .filter((field) => !/^(MIME|Content)-/.test(field))
  const head = [
    ...fields,
    'MIME-Version: 1.0',
    `Content-Type: ${type}`,
    `Content-Transfer-Encoding: ${encoding}`,
  ]
  return `${head.join('\n')}\n\n${encode(mail.slice(split + 2))}`
}

const utf8 = 'text/plain; charset=UTF-8'
const crlf = (text: string): string => text.replaceAll('\n', '\r\n')
const base64 = (text: string): string => `${Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n')}\n`
const quoted = (text: string): string =>
  text
    .replace(/=|[^\p{ASCII}]/gu, (char) =>
      [...Buffer.from(char)].map((byte) => `=${byte.toString(16).toUpperCase()}`).join(''),
    )
    .replace(/(.{50})(?=[^\n=]{5})/g, '$1=\n')
    .replace(/ $/gm, '=20')
/** format=flowed as correct mailers send it: no trailing spaces, and lines that start with a space get another. */
const stuffed = (text: string): string =>
  text
    .replace(/-- \n[^]*$/, '')
    .replace(/ +$/gm, '')
    .replace(/^(?= |From |>)/gm, ' ')

describe('the result is the same as that of git am', () => {
  it.each([
    ['a mail from git format-patch', one],
    ['several mails in one mbox', one + two + three + four],
    ['carriage returns', crlf(one)],
    ['quoted-printable', sent(one, utf8, 'quoted-printable', quoted)],
    ['quoted-printable with carriage returns', crlf(sent(one, utf8, 'quoted-printable', quoted))],
    ['base64', sent(one, utf8, 'base64', base64)],
    ['format=flowed', sent(one, `${utf8}; format=flowed`, '8bit', stuffed)],
    ['a last line without an end', three],
    ['a last line that gets an end', three + four],
    ['a file cut off after the last line', three.replace(/\n-- \n[^]*$/, '')],
    ['a number in a series and a version', one.replace('[PATCH v3 1/4]', '[RFC PATCH v3 2/5]')],
    ['a signature of a list', one.replace(/-- \n[^]*$/, '_____\nlist@example.org\n')],
    [
      'a mail in another character set that is not encoded',
      Buffer.from(
        sent(one, 'text/plain; charset=iso-8859-1', '8bit', (body) => body.replace('// größe', '// size')),
        'latin1',
      ),
    ],
    ['no envelope', one.replace(/^From .*\n/, '')],
    ['an envelope of a mailer', one.replace(/^From .*/, 'From ann@example.org Thu Jul  5 12:00:00 2018')],
    ['a sender in the body', one.replace('\n\nFrom here', '\n\nFrom: Real <r@example.org>\n\nFrom here')],
    ['no subject', one.replace(/^Subject: .*\n/m, '')],
    ['an empty subject', one.replace(/^Subject: .*$/m, 'Subject: [PATCH]')],
    ['an answer that says Re:', one.replace(/^Subject: .*$/m, 'Subject: Re: [PATCH v2] of: one')],
    ['the same mail twice, of which the second does nothing', one + one + two],
    [
      'a signed mail',
      sent(
        one,
        'multipart/signed; boundary=b',
        '7bit',
        (body) =>
          `--b\nContent-Type: ${utf8}\nContent-Transfer-Encoding: base64\n\n${base64(body)}--b\nContent-Type: application/pgp-signature\n\nabc\n--b--\n`,
      ),
    ],
    [
      'the patch as an attachment',
      sent(
        one,
        'multipart/mixed; boundary=b',
        '7bit',
        () =>
          `--b\nContent-Type: text/plain\n\nSee there.\n--b\nContent-Type: text/x-patch; charset=utf-8\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n${base64(one)}--b--\n`,
      ),
    ],
  ])('%s', async (_what, mails) => {
    const [theirs, ours] = [byGit(mails), await byUs(mails)]
    expect(theirs).not.toBeNull()
    expect(ours?.files).toEqual(theirs?.files)
    expect([...new Set(ours?.subjects)]).toEqual(theirs?.subjects)
  })
})

describe('the workbench refuses what git am refuses', () => {
  it.each([
    ['a wrapped line', one.replace('export function of_node_get(', 'export function\nof_node_get(')],
    ['tabs and blanks replaced', one.replace(/^ {3}/gm, ' \t')],
    ['format=flowed without space-stuffing', sent(one, `${utf8}; format=flowed`, '8bit', (body) => body)],
    ['a quoted reply', one.replace(/^(?=[ +@-])/gm, '> ')],
    ['a patch that applies only after another', two],
  ])('%s', async (_what, mails) => {
    expect(byGit(mails)).toBeNull()
    await expect(byUs(mails).catch(() => null)).resolves.toBeNull()
  })
})

/**
 * The workbench does automatically what users of git am must do by hand. The result is the same as for mails that were
 * tidied by hand.
 */
describe('the workbench accepts more than git am', () => {
  it.each([
    ['a cover letter, which has no diff', cover + one + two, one + two],
    ['mails in order of arrival, if the subjects are numbered', two + one, one + two],
    ['a diff without a mail, because no attribution is needed', diff, one],
    ['a mail without a sender, as in some archives', one.replace(/^From: .*\n/m, ''), one],
    ['an invalid date', one.replace(/^Date: .*$/m, 'Date: yesterday evening'), one],
    ['a byte order mark, as some editors add', `\ufeff${one}`, one],
    [
      'carriage returns inside base64, which git am drops with --quoted-cr=strip',
      sent(one, utf8, 'base64', (body) => base64(crlf(body))),
      one,
    ],
  ])('%s', async (_what, mails, tidy) => {
    expect(byGit(mails)).toBeNull()
    expect((await byUs(Buffer.from(mails)))?.files).toEqual(byGit(tidy)?.files)
  })
})
