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

  it('by its name, where it is introduced rather than where it is kept or fixed', () => {
    expect(choose('leak:/x[0] held by f')).toBe('/x[0] held by f in twice, introduced')
    expect(choose('leak:/x[0]')).toBe('/x[0] in twice, kept')
  })

  it('as the report prints it, by its beginning, or by a part of it', () => {
    expect(choose('leak  /x[1] held by f')).toBe('/x[1] held by f in once, kept')
    expect(choose('leak:/x[1]')).toBe('/x[1] held by f in once, kept')
    expect(choose('[1] HELD')).toBe('/x[1] held by f in once, kept')
  })

  it('the worst of those that are meant, and the others are named; without a word the worst of all', () => {
    const { others } = chooseFinding(comparison, 'v', 'held by')
    expect(choose('held by')).toBe('/x[0] held by f in twice, introduced')
    expect(others).toEqual(['leak:/x[1] held by f'])
    expect(choose('')).toBe('/x[0] held by f in twice, introduced')
    expect(chooseFinding(comparison, 'v', '').others).toHaveLength(2)
  })

  it('only if there is one, else those there are are named', () => {
    expect(() => choose('leak:/x[1] heed by f')).toThrow(
      /Did you mean "leak:\/x\[1\] held by f"\? There are\n {2}'leak:/,
    )
    const nothing = { ...comparison, cells: [] }
    expect(() => chooseFinding(nothing, 'v', 'x')).toThrow('v has no findings in these scenarios')
  })

  it('also of a variant that crashed in another scenario; only where nothing is known, that is the answer', () => {
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
    leftOut: [],
    allowed: ['console'],
    evaluations: 3,
    conflicts: [['a', 'b']],
    minimal: [],
    closest: [],
  }
  const left = [{ oracle: 'leak' as const, subject: `/x${'y'.repeat(90)}[0]`, scenarios: ['once', 'twice'] }]

  it('are printed with how many stacks were evaluated and what conflicts', () => {
    const text = toMinimalText({ ...result, minimal: [{ id: 'a', patches: ['a'], left: [] }] })
    expect(text).toBe(`2 patches, 1 scenario: 3 stacks evaluated; allowed: console

Cannot be in one stack: a and b

Leave no finding, and do not without any one of their patches:
  1 patch: a
`)
  })

  it('are answered with what comes closest if there are none, and what that leaves', () => {
    const text = toMinimalText({ ...result, closest: [{ id: 'a', patches: ['a'], left }] })
    expect(text).toContain(
      'No stack that was tried leaves no finding. These leave least:\n  1 patch: a\n      - leak:',
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

  it('explain: the life of the object, and where it parts from that on the unpatched kernel', () => {
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

  it('explain: also in a scenario out of a file', () => {
    expect(ofFile).toMatchObject({ code: 0, stderr: '' })
    expect(ofFile.stdout).toContain('by unpatched in my-once, step 1: ')
  })

  it('explain: what is about no object, by its evidence; what is fixed, as it was', () => {
    expect([fixed.code, fixed.stderr]).toEqual([0, ''])
    expect(fixed.stdout).toMatch(/^duplicate-name:\S+\n {2}fixed by wipe in lpm-twice-hierarchy, step 3: /)
    expect(fixed.stdout).toContain('safe_name < __of_attach_node_sysfs')
  })

  it('explain: the worst of what may be meant, and which others there are', () => {
    expect([unclear.code, unclear.stderr]).toEqual([0, ''])
    expect(unclear.stdout).toMatch(/^leak:\//)
    expect(unclear.stdout).toMatch(/\nOthers of wipe: pfo explain wipe \.\.\.\n {2}'?leak:\//)
  })

  it('diff: what happens only in one of two runs, and on which console', () => {
    expect([diff.code, diff.stderr]).toEqual([0, ''])
    expect(longest(diff.stdout)).toBeLessThanOrEqual(80)
    expect(diff.stdout).toMatch(/^- baseline ends in completed: \d+ lines\n\+ wipe ends in completed/)
    expect(diff.stdout).toMatch(/^- node\.detach \/ibm,platform-facilities\/ibm,random-v1\[0\]/m)
    const console = diff.stdout.slice(diff.stdout.indexOf('\nconsole:\n'))
    expect(console).toMatch(/^- Duplicate name in base, renamed to/m)
  })

  it('minimal: the smallest stack, in JSON; none if there is none, with exit code 1', () => {
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
