// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { maxPatchLength } from '../src/index.ts'
import { basePath, diffOf, errorOf, mailOf, parseSeries } from './support.ts'

const refused = (text: string): { code: string; message: string } => {
  const { code, message } = errorOf(() => parseSeries(text, 'x.patch'))
  return { code, message }
}

describe('paths', () => {
  it.each([
    ['package.json', 'is not a source file of a model'],
    ['packages/workbench/patch/src/index.ts', 'is not a source file of a model'],
    ['packages/models/of/package.json', 'is not a source file of a model'],
    ['packages/models/of/src/.gitattributes', 'is not a source file of a model'],
    ['packages/models/of/src/x.js', 'is not a source file of a model'],
    ['packages/models/../src/x.ts', "contains '.' or '..'"],
    ['packages/models/of/src/../../../../x.ts', "contains '.' or '..'"],
    ['/packages/models/of/src/x.ts', 'is absolute'],
    ['.git/hooks/pre-commit', 'is not a source file of a model'],
    ['packages/models/of/src/a"b.ts', 'contains special characters'],
  ])('%s is refused', (path, why) => {
    const error = refused(`--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n+b\n`)
    expect(error.code).toBe('path')
    expect(error.message).toContain(`'${path}' ${why}`)
    expect(error.message).toContain('Accepted: patches touch only packages/models/<model>/src/**/*.ts')
  })

  it('an absolute name is refused as it stands', () => {
    expect(refused('--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n')).toMatchObject({ code: 'path' })
  })

  it('one bad file among good ones is found, and named with its line', () => {
    const good = diffOf()
    expect(refused(good + diffOf('nx.json')).message).toMatch(
      new RegExp(`^x.patch:${String(good.split('\n').length)}: 'nx.json'`),
    )
  })

  it('a file header that contradicts itself is refused', () => {
    const error = refused(diffOf().replace(`+++ b/${basePath}`, '+++ b/packages/models/of/src/other.ts'))
    expect(error.code).toBe('malformed')
  })
})

describe('kinds of change', () => {
  const git = (lines: string, path = basePath): string => `diff --git a/${path} b/${path}\n${lines}`
  const body = `--- a/${basePath}\n+++ b/${basePath}\n@@ -1 +1 @@\n-a\n+b\n`

  it.each([
    [
      'a symbolic link',
      'symlink',
      git('new file mode 120000\nindex 0000000..1111111\n--- /dev/null\n+++ b/x\n'),
    ],
    ['a changed symbolic link', 'symlink', git(`index 1111111..2222222 120000\n${body}`)],
    ['a submodule', 'submodule', git('new file mode 160000\nindex 0000000..1111111\n')],
    ['an executable file', 'mode', git('new file mode 100755\nindex 0000000..1111111\n')],
    ['a mode change', 'mode', git('old mode 100644\nnew mode 100755\n')],
    [
      'a mode change with a hunk',
      'mode',
      git(`old mode 100644\nnew mode 100755\nindex 1111111..2222222\n${body}`),
    ],
    [
      'a binary diff',
      'binary',
      git('index 1111111..2222222 100644\nGIT binary patch\nliteral 3\nKcmZQzU|;|M\n'),
    ],
    ['a binary difference', 'binary', git('index 1..2 100644\nBinary files a/x and b/x differ\n')],
    ['a header without a change', 'malformed', git('index 1..2 100644\n')],
    [
      'the diff of a merge',
      'malformed',
      `diff --cc ${basePath}\nindex 1,2..3\n--- a/${basePath}\n+++ b/${basePath}\n@@@ -1,1 -1,1 +1,1 @@@\n`,
    ],
    ['hunks without a file', 'malformed', 'Index: x\n@@ -1 +1 @@\n-a\n+b\n'],
  ])('%s is refused', (_what, code, text) => {
    expect(refused(text).code).toBe(code)
  })

  it('a file may be created, deleted, or renamed among the sources of a model', () => {
    const path = 'packages/models/of/src/new.ts'
    const text =
      `diff --git a/${path} b/${path}\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n` +
      `diff --git a/${basePath} b/${basePath}\ndeleted file mode 100644\nindex 1..0\n--- a/${basePath}\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n` +
      `diff --git a/${path} b/${basePath}\nsimilarity index 100%\nrename from ${path}\nrename to ${basePath}\n`
    expect(parseSeries(text, 'x').patches[0]?.files).toMatchObject([
      { kind: 'create', path, oldPath: null, hunks: [{ oldStart: 1, oldLines: 0 }] },
      { kind: 'delete', path: basePath, oldPath: basePath, hunks: [{ newLines: 0 }] },
      { kind: 'rename', path: basePath, oldPath: path, hunks: [] },
    ])
  })

  it('a rename out of the sources is refused, in either direction', () => {
    const rename = (from: string, to: string): string =>
      `diff --git a/${from} b/${to}\nsimilarity index 100%\nrename from ${from}\nrename to ${to}\n`
    expect(refused(rename(basePath, 'x.ts'))).toMatchObject({
      code: 'rename',
      message: expect.stringContaining(`moves or copies ${basePath} to x.ts`) as unknown,
    })
    expect(refused(rename('x.ts', basePath)).code).toBe('rename')
  })
})

describe('hunks', () => {
  it.each([
    [
      'fewer lines than promised',
      diffOf().replace('   four\n', ''),
      'promises 3 old lines and 4 new lines, but the text has 2 and 3',
    ],
    [
      'more lines than promised',
      diffOf().replace('   four\n', '   four\n+  five\n'),
      "more follow: '+  five'",
    ],
    [
      'too many new lines',
      diffOf().replace('   four\n', '+  five\n+  six\n'),
      'promises 3 old lines and 4 new lines',
    ],
    ['a wrapped line', diffOf().replace('+  deux', '+  de\nux'), 'promises 3 old lines'],
    ['no lines at all', diffOf().replace('-10,3 +10,4', '-10,0 +10,0'), 'the hunk is empty'],
    ['a broken header', diffOf().replace('-10,3 +10,4', '-10,3'), 'is no hunk header'],
  ])('with %s are refused', (_what, text, message) => {
    const error = refused(text)
    expect(error.code).toBe('malformed')
    expect(error.message).toMatch(/^x\.patch:5: /)
    expect(error.message).toContain(message)
  })

  it('may hold lines that look like file headers', () => {
    const text = `--- a/${basePath}\n+++ b/${basePath}\n@@ -1,2 +1,2 @@\n--- a/x\n-b\n+++ b/x\n+c\n@@ -9 +9 @@\n-d\n+e\n`
    expect(parseSeries(text, 'x').patches[0]?.files[0]?.hunks.map((hunk) => hunk.lines)).toEqual([
      ['--- a/x', '-b', '+++ b/x', '+c'],
      ['-d', '+e'],
    ])
  })

  it('may have lost the blank of an empty context line', () => {
    const text = diffOf().replace('   one', '')
    expect(parseSeries(text, 'x').patches[0]?.files[0]?.hunks[0]?.lines[0]).toBe(' ')
  })
})

describe('texts', () => {
  it('without a diff are refused', () => {
    expect(refused('')).toMatchObject({
      code: 'empty',
      message: expect.stringMatching(/^x\.patch: the file is empty\. Accepted: /) as unknown,
    })
    expect(refused('Hello,\n\nplease apply.\n').message).toContain('there is no diff in the text')
    expect(refused(mailOf('')).code).toBe('empty')
  })

  it('with NUL bytes are refused, also when these are encoded', () => {
    expect(refused(diffOf().replace('deux', 'de\0x'))).toMatchObject({
      code: 'nul',
      message: expect.stringMatching(/^x\.patch:8: a NUL byte/) as unknown,
    })
    const mail = `From: a <a@b>\nSubject: x\nContent-Transfer-Encoding: quoted-printable\n\n${diffOf().replace('deux', 'de=00x')}`
    expect(refused(mail).code).toBe('nul')
  })

  it('that are not UTF-8 are refused', () => {
    const bytes = Buffer.concat([Buffer.from(diffOf()), Buffer.from([0xe9])])
    expect(errorOf(() => parseSeries(bytes, 'x.patch'))).toMatchObject({
      code: 'encoding',
      source: 'x.patch',
    })
    expect(parseSeries(Buffer.from(diffOf()), 'x').patches).toHaveLength(1)
  })

  it('whose diff is in another character set are refused, as git am does not recode it', () => {
    const mail = (word: string): string =>
      `From: a <a@b>\nSubject: x\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\ngr=FC=DFe\n${diffOf().replace('deux', word)}`
    expect(refused(mail('d=E9ux'))).toEqual({
      code: 'encoding',
      message: `x.patch: the change of ${basePath} (hunk at line 6 of the decoded text) is in iso-8859-1. Accepted: diffs in UTF-8.`,
    })
    expect(parseSeries(mail('deux'), 'x').patches[0]?.body).toBe('grüße')
  })

  it('that are too long are refused', () => {
    expect(refused('x'.repeat(maxPatchLength + 1)).code).toBe('too-large')
  })
})
