// SPDX-License-Identifier: GPL-2.0-only
import { beforeAll, describe, expect, it } from 'vitest'
import { buildCommand, pfo, pfoWith, write } from '../support.ts'
import { findsClang, makeFolder } from './support.ts'
import { writeKernel } from './tiny-kernel.ts'

const kernel = process.env['PFO_KERNEL'] ?? ''
const hasClang = await findsClang('Tests of bad input')

beforeAll(buildCommand)

const coverLetter = `From a@example.org Mon Sep 17 00:00:00 2001
From: Ann Author <ann@example.org>
Message-Id: <cover@example.org>
Subject: [PATCH 0/2] Two fixes

 drivers/pump.c | 2 ++
 1 file changed, 2 insertions(+)
`

const symlink = `From: Ann Author <ann@example.org>
Subject: [PATCH] A link

---
diff --git a/drivers/secret.c b/drivers/secret.c
new file mode 120000
index 0000000..1234567
--- /dev/null
+++ b/drivers/secret.c
@@ -0,0 +1 @@
+/etc/passwd
\\ No newline at end of file
`

describe('with --kernel, before a compiler is looked for, pfo refuses', () => {
  const commands = [
    ['compare', 'my.mbox'],
    ['run', 'my.mbox', 'lpm-once-hierarchy'],
    ['build', 'my.mbox'],
  ]

  const refuse = async (text: string, args: readonly string[]): ReturnType<typeof pfo> => {
    write('my.mbox', text)
    return pfoWith({ PFO_CLANG: '/no/clang' }, ...args, '--kernel', writeKernel(makeFolder()))
  }

  it.each(commands)('a cover letter alone, and says what to pass (%s)', async (...args) => {
    const { code, stdout, stderr } = await refuse(coverLetter, args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe(
      `pfo: my.mbox: '[PATCH 0/2] Two fixes' is the cover letter of a series, without a diff. Accepted: the series (on lore.kernel.org "mbox.gz"; b4 am -o - cover@example.org).\n`,
    )
  })

  it.each(commands)('a patch that adds a symbolic link (%s)', async (...args) => {
    const { code, stdout, stderr } = await refuse(symlink, args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^pfo: my\.mbox:6: drivers\/secret\.c is a symbolic link\. [^\n]*\n$/)
  })

  it.each([
    ['run', 'unpatched', 'lpm-onc'],
    ['diff', 'unpatched', 'wipe', 'lpm-onc'],
    ['diff', '--against', 'models', 'lpm-onc'],
    ['explain', 'wipe', '--scenario', 'lpm-onc-e'],
    ['minimal', '--scenario', 'lpm-onc-e'],
    ['compare', '--scenario', 'lpm-onc-e'],
  ])('a scenario that does not exist (%s %s %s)', async (...args) => {
    const { code, stdout, stderr } = await refuse('', args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^pfo: (there is no scenario "lpm-onc|"lpm-onc" may be one of )[^\n]*\n$/)
  })

  it.each(['minimal', 'compare'])('a report that cannot be written (%s)', async (command) => {
    const { code, stdout, stderr } = await refuse('', [command, '--output', '/no/folder/report.txt'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe(
      'pfo: /no/folder/report.txt: the report cannot be written: there is no folder /no/folder\n',
    )
  })

  it('porting a proposal that does not exist, or that does not fit the tree', async () => {
    for (const [id, message] of [
      [
        'vio-notifer',
        /^pfo: no proposal "vio-notifer" has a form in C\. Did you mean "vio-notifier"\?[^\n]*\n$/,
      ],
      ['wipe', /^pfo: wipe is not for 6\.6\.3 \([^)]*\): [^\n]+\n$/],
    ] as const) {
      const { code, stdout, stderr } = await pfo('port', id, '--kernel', writeKernel(makeFolder()))
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(message)
    }
  })
})

describe.runIf(hasClang)(
  'with --kernel, before a kernel is compiled, pfo refuses (skipped without clang)',
  () => {
    it.each(['compare', 'run'])(
      'a proposal that does not exist, or that does not fit the tree (%s)',
      async (command) => {
        for (const [id, message] of [
          ['vio-notifer', /^pfo: no proposal "vio-notifer" has a form in C\./],
          ['wipe', /^pfo: wipe is not for 6\.6\.3 \([^)]*\): [^\n]+\n$/],
        ] as const) {
          const scenario = command === 'run' ? ['lpm-once-hierarchy'] : []
          const { code, stdout, stderr } = await pfo(
            command,
            id,
            ...scenario,
            '--kernel',
            writeKernel(makeFolder()),
          )
          expect([code, stdout]).toEqual([2, ''])
          expect(stderr).toMatch(message)
        }
      },
    )

    it.runIf(kernel !== '')('a proposal that the real kernel has (skipped without PFO_KERNEL)', async () => {
      const { code, stdout, stderr } = await pfo('compare', 'ignore-pfo', '--kernel', kernel)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(
        /^pfo: ignore-pfo is not for [^\n]*: this kernel ignores them since 319fa1a52e43 \(v5\.16\)\n$/,
      )
    })
  },
)
