// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reportFormats } from '@pfo-workbench/report/format-names'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildCommand, pfo, scratch, shippedPatch, write } from './support.ts'

/** A patch that fixes, keeps and introduces findings; one whose run gets further; one that does not apply. */
const compared = ['wipe', 'cc-property-name', 'conflict.patch']
const scenarios = ['--scenario', 'sysfs-after-lpm', 'memory-pressure-property-name']

/** The mark of a changed checkout is left out: other tests write into the repository meanwhile. */
const stable = (text: string): string => text.replace(/(?<=\b[0-9a-f]{12})-dirty/g, '')

const forms = reportFormats.flatMap((format) => [[format], [format, '--full']])

describe('pfo report prints what pfo compare prints, byte for byte, with --format', () => {
  beforeAll(async () => {
    buildCommand()
    write('conflict.patch', shippedPatch('wipe').replace(/^-  .*$/m, '-  noSuchLine()'))
    const saved = ['--format', 'json', '--output', 'saved.json']
    expect(await pfo('compare', ...compared, ...scenarios, ...saved)).toMatchObject({ code: 0, stdout: '' })
  }, 300_000)

  it.concurrent.each(forms.map((form) => form.join(' ')))(
    '%s',
    async (form) => {
      const options = ['--format', ...form.split(' '), '--fail-on', 'introduced']
      const { code, stdout } = await pfo('compare', ...compared, ...scenarios, ...options)
      expect(code).toBe(1)
      expect(stdout).not.toBe('')
      if (!form.endsWith('--full')) {
        const printed = await pfo('report', 'saved.json', ...options)
        expect([printed.code, stable(printed.stdout)]).toEqual([code, stable(stdout)])
      } else {
        const file = `report of ${form}`
        const written = await pfo('report', 'saved.json', ...options, '--output', file)
        expect(written).toMatchObject({ code, stdout: '' })
        expect(stable(readFileSync(join(scratch, file), 'utf8'))).toBe(stable(stdout))
      }
    },
    120_000,
  )
})
