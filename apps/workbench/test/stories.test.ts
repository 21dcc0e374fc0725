// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, JudgedFinding, MinimalStacks } from '@pfo-workbench/compare'
import { oracles } from '@pfo-workbench/oracle'
import { beforeAll, describe, expect, it } from 'vitest'
import { chooseFinding } from '../src/choose-finding.ts'
import { toMinimalText } from '@pfo-workbench/report'
import { buildCommand, pfo, write, type Ended } from './support.ts'

const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))

const finding = (subject: string, status: JudgedFinding['status']): JudgedFinding => ({
  oracle: 'leak',
  kind: 'reference-held',
  subject,
  step: 1,
  count: 1,
  data: { state: 'detached', holder: 'f', references: 1 },
  evidence: [],
  status,
})

describe('a finding is chosen', () => {
  const cell = (scenario: string, findings: JudgedFinding[]): unknown => ({
    variant: 'v',
    scenario,
    findings,
  })
  const comparison = {
    oracles: [{ id: 'leak', title: '' }],
    variants: [],
    cells: [
      cell('once', [finding('/x[0] held by f', 'fixed'), finding('/x[1] held by f', 'kept')]),
      cell('twice', [finding('/x[0] held by f', 'introduced'), finding('/x[0]', 'kept')]),
    ],
  } as unknown as Comparison
  const choose = (word: string): string => {
    const chosen = chooseFinding(comparison, 'v', word)
    return `${chosen.finding.subject} in ${chosen.scenario}, ${chosen.finding.status}`
  }

  it('by its name, preferably in a scenario in which it is introduced', () => {
    expect(choose('leak:/x[0] held by f')).toBe('/x[0] held by f in twice, introduced')
    expect(choose('leak:/x[0]')).toBe('/x[0] in twice, kept')
  })

  it('as the report prints it, by a prefix, or by a part of it', () => {
    expect(choose('leak  /x[1] held by f')).toBe('/x[1] held by f in once, kept')
    expect(choose('leak:/x[1]')).toBe('/x[1] held by f in once, kept')
    expect(choose('[1] HELD')).toBe('/x[1] held by f in once, kept')
  })

  it('as the worst match, and the others are listed; without a word, as the worst of all', () => {
    const { others } = chooseFinding(comparison, 'v', 'held by')
    expect(choose('held by')).toBe('/x[0] held by f in twice, introduced')
    expect(others).toEqual(['leak:/x[1] held by f'])
    expect(choose('')).toBe('/x[0] held by f in twice, introduced')
    expect(chooseFinding(comparison, 'v', '').others).toHaveLength(2)
  })

  it('only if it exists; otherwise the message lists the findings', () => {
    expect(() => choose('leak:/x[1] heed by f')).toThrow(
      /Did you mean "leak:\/x\[1\] held by f"\? There are\n {2}'leak:/,
    )
    const nothing = { ...comparison, cells: [] }
    expect(() => chooseFinding(nothing, 'v', 'x')).toThrow('v has no findings in these scenarios')
  })

  it('even if the variant crashed in another scenario; the crash is reported only if there are no findings', () => {
    const crashed = [{ id: 'v', status: 'crashed', reason: 'thrice: out of memory' }]
    const unlucky = { ...comparison, variants: crashed } as unknown as Comparison
    expect(chooseFinding(unlucky, 'v', 'leak:/x[0]').scenario).toBe('twice')
    expect(() => chooseFinding({ ...unlucky, cells: [] }, 'v', 'leak:/x[0]')).toThrow(
      'v cannot be run: crashed\nthrice: out of memory',
    )
  })
})

describe('the smallest stacks', () => {
  const result: MinimalStacks = {
    kernel: 'v4.18',
    patches: ['a', 'b'],
    scenarios: ['once'],
    allowed: ['console'],
    evaluations: 3,
    conflicts: [['a', 'b']],
    minimal: [],
    closest: [],
  }
  const left = [{ oracle: 'leak' as const, subject: `/x${'y'.repeat(90)}[0]`, scenarios: ['once', 'twice'] }]

  it('are printed with the number of stacks evaluated and the conflicts', () => {
    const text = toMinimalText({ ...result, minimal: [{ id: 'a', patches: ['a'], left: [] }] })
    expect(text).toBe(`2 patches, 1 scenario: 3 stacks evaluated; allowed: console

Cannot be in one stack: a and b

Minimal stacks without findings:
  1 patch: a
`)
  })

  it('are replaced by the closest stacks and their findings if there are none', () => {
    const text = toMinimalText({ ...result, closest: [{ id: 'a', patches: ['a'], left }] })
    expect(text).toContain(
      'Every stack that was tried leaves findings. The closest:\n  1 patch: a\n      - leak:',
    )
    expect(text).toContain('in once and 1 more')
    expect(longest(text)).toBeLessThanOrEqual(80)
  })
})

describe('the commands', () => {
  let explained: Ended
  let ofFile: Ended
  let fixed: Ended
  let unclear: Ended
  let diff: Ended
  let minimal: Ended
  let none: Ended

  beforeAll(async () => {
    buildCommand()
    const at = ['--scenario', 'lpm-twice-hierarchy']
    const node = '/ibm,platform-facilities/ibm,random-v1[0]'
    const allowed = oracles.map(({ id }) => id).filter((id) => id !== 'duplicate-name')
    explained = await pfo('explain', 'wipe', `leak:${node} held by rng_init`, ...at)
    write('once.yaml', 'id: my-once\ntitle: One migration\nsteps: [{ migrate: {} }]\n')
    ofFile = await pfo('explain', 'baseline', `leak:${node} held by rng_init`, '--scenario', 'once.yaml')
    fixed = await pfo('explain', 'wipe', 'duplicate-name', ...at)
    unclear = await pfo('explain', 'wipe', 'leak', ...at)
    diff = await pfo('diff', 'baseline', 'wipe', 'lpm-twice-hierarchy')
    const json = ['--format', 'json', ...at]
    minimal = await pfo('minimal', 'wipe', 'rng-put', ...json, '--allow', ...allowed)
    none = await pfo('minimal', 'rng-put', ...json, '--allow', ...allowed)
  }, 600_000)

  it('explain: shows the life of the object, and where it differs from the unpatched kernel', () => {
    expect([explained.code, explained.stderr]).toEqual([0, ''])
    const text = explained.stdout
    expect(longest(text)).toBeLessThanOrEqual(80)
    expect(text).toMatch(
      /^leak:\/ibm,platform-facilities\/ibm,random-v1\[0\] held by rng_init\n {2}kept by wipe in /,
    )
    for (const part of [
      'allocated',
      'attached to the tree',
      'detached from the tree',
      'reference dropped for',
    ])
      expect(text).toContain(part)
    expect(text).toMatch(
      /^\* {2}2 {2}reference taken for rng_init\n {8}of_find_compatible_node < rng_init </m,
    )
    const parting = text.slice(text.indexOf('only unpatched:'))
    expect(parting).toContain('detached again')
  })

  it('explain: accepts a scenario file', () => {
    expect(ofFile).toMatchObject({ code: 0, stderr: '' })
    expect(ofFile.stdout).toContain('by unpatched in my-once, step 1: ')
  })

  it('explain: shows the evidence of a finding without object, and a fixed finding on the unpatched kernel', () => {
    expect([fixed.code, fixed.stderr]).toEqual([0, ''])
    expect(fixed.stdout).toMatch(/^duplicate-name:\S+\n {2}fixed by wipe in lpm-twice-hierarchy, step 3: /)
    expect(fixed.stdout).toContain('safe_name < __of_attach_node_sysfs')
  })

  it('explain: chooses the worst match and lists the others', () => {
    expect([unclear.code, unclear.stderr]).toEqual([0, ''])
    expect(unclear.stdout).toMatch(/^leak:\//)
    expect(unclear.stdout).toMatch(/\nOthers: npx pfo explain wipe \.\.\.\n {2}'?leak:\//)
  })

  it('diff: shows the events and console lines that only one run has', () => {
    expect([diff.code, diff.stderr]).toEqual([0, ''])
    expect(longest(diff.stdout)).toBeLessThanOrEqual(80)
    expect(diff.stdout).toMatch(/^- baseline ends in completed: \d+ lines\n\+ wipe ends in completed/)
    expect(diff.stdout).toMatch(/^- node\.detach \/ibm,platform-facilities\/ibm,random-v1\[0\]/m)
    const console = diff.stdout.slice(diff.stdout.indexOf('\nconsole:\n'))
    expect(console).toMatch(/^- Duplicate name in base, renamed to/m)
  })

  it('minimal: prints the smallest stack as JSON; without one, exits with 1', () => {
    expect([minimal.code, minimal.stderr]).toEqual([0, ''])
    expect(JSON.parse(minimal.stdout)).toMatchObject({
      schemaVersion: 1,
      patches: ['wipe', 'rng-put'],
      scenarios: ['lpm-twice-hierarchy'],
      conflicts: [],
      minimal: [{ id: 'wipe', patches: ['wipe'], left: [] }],
      closest: [],
    })
    expect(none.code).toBe(1)
    expect(JSON.parse(none.stdout)).toMatchObject({
      minimal: [],
      closest: [{ left: [{ oracle: 'duplicate-name', scenarios: ['lpm-twice-hierarchy'] }] }],
    })
  })
})
