// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadStacks } from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { oracles } from '@pfo-workbench/oracle'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildCommand, command, pfo, root, scratch, write } from './support.ts'

beforeAll(() => {
  buildCommand()
  write('bad.yaml', 'stacks:\n  - patches: [nothing]\n')
  write('\u001b[31m.patch', 'no patch')
}, 180_000)

describe.concurrent('pfo --help', () => {
  it('lists the commands, and the options of compare with examples', async () => {
    const [all, compare] = await Promise.all([pfo('--help'), pfo('compare', '--help')])
    expect([all.code, all.stderr, compare.code, compare.stderr]).toEqual([0, '', 0, ''])
    for (const name of ['compare', 'run', 'list', 'Exit codes']) expect(all.stdout).toContain(name)
    for (const name of ['--series', '--scenario', '--format', '--output', '--jobs', 'pfo compare my.patch'])
      expect(compare.stdout).toContain(name)
  })
})

describe.concurrent('pfo list', () => {
  const list = async (what: string): Promise<string[]> => {
    const { code, stdout, stderr } = await pfo('list', what)
    expect([code, stderr]).toEqual([0, ''])
    const lines = stdout.trimEnd().split('\n')
    for (const line of lines) expect(line).toMatch(/^\S+ {2,}\S.*$/)
    return lines.map((line) => line.split(' ')[0] ?? '')
  }

  it('lists the patches in patches/', async () => {
    const files = readdirSync(join(root, 'patches')).filter((name) => name.endsWith('.patch'))
    expect(await list('patches')).toEqual(files.map((name) => name.slice(0, -'.patch'.length)).sort())
  })

  it('lists the variants: the unpatched kernel and the stacks of the series', async () => {
    const stacks = loadStacks(join(root, 'patches/series.yaml'), new ModelEngine())
    expect(await list('variants')).toEqual(['baseline', ...stacks.map((stack) => stack.id)])
  })

  it('scenarios', async () => {
    expect(await list('scenarios')).toEqual(shippedScenarios('all').map((scenario) => scenario.id))
    const { stdout } = await pfo('list', 'scenarios')
    const sets = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ +/)[1])
    expect(sets.filter((set) => set === 'standard')).toHaveLength(shippedScenarios().length)
    expect(new Set(sets)).toEqual(new Set(['standard', 'extended']))
  })

  it('oracles', async () => {
    expect(await list('oracles')).toEqual(oracles.map((oracle) => oracle.id))
  })
})

describe.concurrent('bad command lines', () => {
  it.each([
    ['nothing to do', [], /^Usage: pfo/],
    ['an unknown command', ['frobnicate'], /^error: unknown command 'frobnicate'/],
    ['an unknown option', ['compare', '--verbose'], /^error: unknown option '--verbose'/],
    [
      'an unknown list',
      ['list', 'kernels'],
      /^pfo: "kernels" cannot be listed\. Accepted: patches, variants, scenarios, oracles/,
    ],
    [
      'an unknown variant',
      ['run', 'wiped', 'lpm-once-hierarchy'],
      /^pfo: there is no patch "wiped"\. Did you mean "wipe"\? \("pfo list patches" names all\)\n$/,
    ],
    [
      'an unknown scenario',
      ['run', 'wipe', 'lpm-twicehier'],
      /^pfo: there is no scenario "lpm-twicehier"\. Did you mean "lpm-twice-hierarchy"\? Accepted: [^\n]*\n$/,
    ],
    [
      'a patch file in the place of a scenario',
      ['run', 'wipe', 'my.patch'],
      /^pfo: there is no scenario "my\.patch"\. Accepted: ids \("pfo list scenarios" names them\), /,
    ],
    [
      'a patch file behind the oracles that are allowed',
      ['minimal', '--allow', 'console', 'my.patch'],
      /^pfo: "my\.patch" is a patch file, and --allow takes every argument that follows it: name patch files first/,
    ],
    [
      'an unknown format',
      ['compare', '--format', 'xml'],
      /^error: option '--format <format>' argument 'xml' is invalid\. Allowed choices are text, md, mail, html, json, junit/,
    ],
    [
      'no number of jobs',
      ['compare', '--jobs', 'many'],
      /^error: option '--jobs <n>' argument 'many' is invalid\. It must be a whole number from 1 to 1024\.\n/,
    ],
    [
      'more jobs than there are numbers for',
      ['compare', '--jobs', '1e99'],
      /^error: option '--jobs <n>' argument '1e99' is invalid\. It must be a whole number from 1 to 1024\.\n/,
    ],
    ['a patch that is not there', ['compare', 'none.patch'], /^pfo: none\.patch: there is no such file\.\n$/],
    [
      'a series that names no patch',
      ['compare', '--series', 'bad.yaml'],
      /^pfo: bad\.yaml:2:15: "stacks\.0\.patches\.0": there is no nothing\.patch next to the series file\n$/,
    ],
    [
      'a patch with a name for the terminal',
      ['compare', '\u001b[31m.patch'],
      /^pfo: \\u001b\[31m\.patch: there is no diff in the text\. Accepted: [^\n]*\n$/,
    ],
  ])('%s: one message on stderr, exit code 2, nothing on stdout', async (_what, args, message) => {
    const { code, stdout, stderr } = await pfo(...args)
    expect(stderr).toMatch(message)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr.match(/^(pfo|error):/gm)?.length ?? 0).toBeLessThan(2)
    expect(readdirSync(scratch).filter((name) => name.includes('.pfo-'))).toEqual([])
  })
})

describe('what pfo prints', () => {
  const list = `"${process.execPath}" "${command}" list oracles`
  const shell = (line: string): { status: number | null; stderr: string } =>
    spawnSync('bash', ['-c', `set -o pipefail; ${line}`], { encoding: 'utf8' })

  it('may go to a closed pipe', () => {
    expect(shell(`${list} | true`)).toMatchObject({ status: 0, stderr: '' })
  })

  it.skipIf(!existsSync('/dev/full'))('may not fit on the disk, which is reported once', () => {
    const { status, stderr } = shell(`${list} > /dev/full`)
    expect(status).toBe(2)
    expect(stderr).toMatch(/^pfo: the report cannot be printed: [^\n]*\n$/)
  })
})
