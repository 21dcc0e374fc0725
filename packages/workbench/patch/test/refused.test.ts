// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { patchLimits } from '../src/index.ts'
import { basePath, diffOf, errorOf, mailOf, parse } from './support.ts'

const refused = (text: string): { code: string; message: string } => {
  const { code, message } = errorOf(() => parse(text, 'x.patch'))
  return { code, message }
}

describe('paths', () => {
  it.each([
    ['package.json', 'is not a source file of a model'],
    ['packages/workbench/patch/src/index.ts', 'is not a source file of a model'],
    ['packages/models/of/package.json', 'is not a source file of a model'],
    ['packages/models/of/src/.gitattributes', 'is not a source file of a model'],
    ['packages/models/of/src/x.js', 'is not a source file of a model'],
    ['packages/models/../src/x.ts', "contains '.', '..', '.git' or an empty name"],
    ['packages/models/of/src/../../../../x.ts', "contains '.', '..', '.git' or an empty name"],
    ['/packages/models/of/src/x.ts', 'is absolute'],
    ['.git/hooks/pre-commit', "contains '.', '..', '.git' or an empty name"],
    ['packages/models/of/src/a"b.ts', 'contains special characters'],
  ])('%s is refused', (path, why) => {
    const error = refused(`--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n+b\n`)
    expect(error.code).toBe('path')
    expect(error.message).toContain(`'${path}' ${why}`)
    expect(error.message).toContain('Accepted: patches touch only packages/models/<model>/src/**/*.ts')
  })

  it('an absolute name is refused unchanged', () => {
    expect(refused('--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n')).toMatchObject({ code: 'path' })
  })

  it('names without a/ and b/ are refused with a hint', () => {
    const error = refused(diffOf().replaceAll(/ [ab]\/packages/g, ' packages'))
    expect(error.message).toContain('the names lack the a/ and b/')
  })

  it('one bad file among good ones is found, and reported with its line', () => {
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

  it('a file may be created, deleted, or renamed within the sources of a model', () => {
    const path = 'packages/models/of/src/new.ts'
    const text =
      `diff --git a/${path} b/${path}\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n` +
      `diff --git a/${basePath} b/${basePath}\ndeleted file mode 100644\nindex 1..0\n--- a/${basePath}\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n` +
      `diff --git a/${path} b/${basePath}\nsimilarity index 100%\nrename from ${path}\nrename to ${basePath}\n`
    expect(parse(text, 'x').patches[0]?.files).toMatchObject([
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
    ['a broken header', diffOf().replace('-10,3 +10,4', '-10,3'), 'is not a hunk header'],
  ])('with %s are refused', (_what, text, message) => {
    const error = refused(text)
    expect(error.code).toBe('malformed')
    expect(error.message).toMatch(/^x\.patch:5: /)
    expect(error.message).toContain(message)
  })

  it('may contain lines that look like file headers', () => {
    const text = `--- a/${basePath}\n+++ b/${basePath}\n@@ -1,2 +1,2 @@\n--- a/x\n-b\n+++ b/x\n+c\n@@ -9 +9 @@\n-d\n+e\n`
    expect(parse(text, 'x').patches[0]?.files[0]?.hunks.map((hunk) => hunk.lines)).toEqual([
      ['--- a/x', '-b', '+++ b/x', '+c'],
      ['-d', '+e'],
    ])
  })

  it('may have lost the blank of an empty context line', () => {
    const text = diffOf().replace('   one', '')
    expect(parse(text, 'x').patches[0]?.files[0]?.hunks[0]?.lines[0]).toBe(' ')
  })
})

describe('texts', () => {
  it('without a diff are refused', () => {
    expect(refused('')).toMatchObject({
      code: 'empty',
      message: expect.stringMatching(/^x\.patch: the file is empty\. Accepted: /) as unknown,
    })
    expect(refused('Hello,\n\nplease apply.\n').message).toContain('there is no diff in the text')
    expect(refused(mailOf('')).code).toBe('no-diff')
  })

  it('with NUL bytes are refused, even if these are encoded', () => {
    expect(refused(diffOf().replace('deux', 'de\0x'))).toMatchObject({
      code: 'not-text',
      message: expect.stringMatching(/^x\.patch:8: a NUL byte/) as unknown,
    })
    const mail = `From: a <a@b>\nSubject: x\nContent-Transfer-Encoding: quoted-printable\n\n${diffOf().replace('deux', 'de=00x')}`
    expect(refused(mail).code).toBe('not-text')
  })

  it('with a changed line that is not UTF-8 are refused, unless the mail declares its character set', () => {
    const bytes = (text: string): Buffer => Buffer.from(text.replace('deux', 'd\u00e9ux'), 'latin1')
    expect(errorOf(() => parse(bytes(diffOf())))).toMatchObject({
      code: 'encoding',
      message: `x.patch: the change of ${basePath} (hunk at line 5) has bytes that are not UTF-8. Accepted: UTF-8, or a mail that declares its character set.`,
    })
    const mail = (charset: string): Buffer =>
      bytes(mailOf(diffOf()).replace('Subject:', `Content-Type: text/plain; charset=${charset}\nSubject:`))
    expect(parse(mail('iso-8859-1')).patches[0]?.files[0]?.hunks[0]?.lines[2]).toBe('+  d\u00e9ux')
    expect(errorOf(() => parse(mail('us-ascii'))).code).toBe('encoding')
    expect(errorOf(() => parse(mail('utf-8'))).code).toBe('encoding')
  })

  it('with a message that is not UTF-8 are read like git reads them', () => {
    const bytes = Buffer.from(mailOf(diffOf()).replace('Because', 'Gr\u00fc\u00dfe, because'), 'latin1')
    expect(parse(bytes).patches[0]?.body).toMatch(/^Gr\u00fc\u00dfe, because/)
  })

  it('that are too long are refused', () => {
    expect(refused('x'.repeat(patchLimits.bytes + 1)).code).toBe('too-large')
  })
})

describe('a patch against the kernel', () => {
  const kernelPatch =
    mailOf(`diff --git a/arch/powerpc/platforms/pseries/dlpar.c b/arch/powerpc/platforms/pseries/dlpar.c
index e3010b14aea5..2122a2ca5a8f 100644
--- a/arch/powerpc/platforms/pseries/dlpar.c
+++ b/arch/powerpc/platforms/pseries/dlpar.c
@@ -272,6 +272,8 @@ int dlpar_detach_node(struct device_node *dn)
 \tif (rc)
 \t\treturn rc;
 
+\tdn->phandle = 0;
+
 \treturn 0;
 }
 
diff --git a/drivers/of/base.c b/drivers/of/base.c
--- a/drivers/of/base.c
+++ b/drivers/of/base.c
@@ -1,4 +1,4 @@ static u32 phandle_cache_mask;
 struct device_node *of_find_node_by_phandle(phandle handle)
 {
-\tone();
+\ttwo();
 }
`)

  it('is recognized, with the touched functions and what to do', () => {
    const error = errorOf(() => parse(kernelPatch, 'list.mbox'))
    expect(error).toMatchObject({
      code: 'c-patch',
      functions: ['dlpar_detach_node', 'of_find_node_by_phandle'],
    })
    expect(error.message).toContain(
      "a patch against the kernel's C sources (arch/powerpc/platforms/pseries/dlpar.c, drivers/of/base.c)",
    )
    expect(error.message).toContain('touching dlpar_detach_node(), of_find_node_by_phandle()')
    expect(error.message).toMatch(/ Look for the functions in packages\/models\/\*\/src\.$/)
  })

  it('is recognized even if the mail is damaged', () => {
    expect(errorOf(() => parse(kernelPatch.replace('-272,6 +272,8', '-272,9 +272,9'), 'x')).code).toBe(
      'c-patch',
    )
  })
})
