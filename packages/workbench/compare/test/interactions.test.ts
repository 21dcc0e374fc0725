// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding, type FindingOf } from '@pfo-workbench/oracle'
import type { PatchSeries } from '@pfo-workbench/patch'
import { parseScenario } from '@pfo-workbench/scenario'
import { describe, expect, it } from 'vitest'
import { findInteractions } from '../src/interactions/interactions.ts'
import type { ExaminedRun, Interaction } from '../src/index.ts'
import type { PlayedVariant } from '../src/play/player.ts'
import { stackOfPatches, type Stack } from '../src/stacks.ts'
import { emptyRun } from './empty-run.ts'

const migrate = '  - migrate: { readd: hierarchy }\n'
const once = parseScenario(`id: once\ntitle: t\nsteps:\n${migrate}`, 'once.yaml')
const twice = parseScenario(`id: twice\ntitle: t\nsteps:\n${migrate}${migrate}`, 'twice.yaml')
const other = parseScenario('id: other\ntitle: t\nsteps:\n  - read: /x\n', 'other.yaml')

/** A patch of one file; `a` and `b` change the same file. */
function patch(id: string): Stack['patches'][number] {
  const path = id === 'a' || id === 'b' ? 'shared.ts' : `${id}.ts`
  const [oldMode, newMode, oldBlob, newBlob] = [null, null, null, null]
  const file = {
    kind: 'modify',
    path,
    oldPath: path,
    oldMode,
    newMode,
    oldBlob,
    newBlob,
    hunks: [],
    text: '',
  } as const
  const mail = { subject: id, author: '', date: '', body: '', tag: null, mail: null, files: [file], diff: id }
  const series: PatchSeries = { source: `${id}.patch`, patches: [mail], skipped: [], baseCommit: null }
  return { id, series }
}

const stack = (id: string): Stack => stackOfPatches(id === 'baseline' ? [] : id.split('+').map(patch))

type LostNode = FindingOf<'node-missing'>

const finding = (subject: string, state: Partial<LostNode> = {}): LostNode => ({
  oracle: 'lost-node',
  kind: 'node-missing',
  subject,
  step: 1,
  count: 1,
  data: {},
  evidence: [],
  ...state,
})

const run = (findings: readonly (string | Finding)[], brokenOffIn: number | null = null): ExaminedRun => ({
  ...emptyRun,
  brokenOffIn,
  findings: findings.map((one) => (typeof one === 'string' ? finding(one) : one)),
})

type Runs = Readonly<Record<string, readonly (string | Finding)[] | ExaminedRun>>

/** The runs of each stack, by scenario; `conflict` for a stack that does not apply. */
type World = Readonly<Record<string, Runs | 'conflict'>>

function played(id: string, what: Runs | 'conflict' | undefined): PlayedVariant {
  const base = {
    stack: stack(id),
    reason: null,
    hash: id,
    exercise: [],
    exerciseUnknown: [],
    changedFunctions: [],
  }
  if (what === undefined) throw new Error(`nobody said what ${id} does`)
  if (what === 'conflict') return { ...base, status: 'conflict', runs: new Map() }
  const runs = Object.entries(what).map(([scenario, one]): [string, ExaminedRun] => [
    scenario,
    'findings' in one ? one : run(one),
  ])
  return { ...base, status: 'ok', runs: new Map(runs) }
}

/** Finds the interactions of these variants. `world` has the results of every stack that is asked for. */
async function interactions(
  world: World,
  variants: readonly string[],
  hashes: Readonly<Record<string, string>> = {},
): Promise<{ found: Interaction[]; asked: string[] }> {
  const asked: string[] = []
  const all = ['baseline', ...variants].map((id) => played(id, world[id]))
  const found = await findInteractions(all, [once, twice, other], {
    jobs: 1,
    play: async ({ id }, scenarios, isEnough) => {
      if (!asked.includes(id)) asked.push(id)
      const { status, runs } = played(id, world[id])
      if (status === 'ok') scenarios.find((one) => isEnough(one.id, runs.get(one.id) ?? null))
      return Promise.resolve({ status })
    },
    build: async ({ id }, depth) => {
      asked.push(`${depth} ${id}`)
      const { status } = played(id, world[id] ?? {})
      return Promise.resolve({ status, hash: hashes[id] ?? id })
    },
  })
  return { found, asked }
}

/** Short form of an interaction about a finding. */
const brief = (one: Interaction): unknown[] => [
  one.kind,
  one.patches.join(),
  ...('finding' in one ? [findingKey(one.finding)] : []),
  ...('scenario' in one ? [one.scenario] : []),
  ...('scenarios' in one ? one.scenarios : []),
]

describe('a finding of a stack', () => {
  it('is due to the combination if neither the unpatched kernel nor a single patch has it', async () => {
    const world: World = {
      baseline: { once: ['x'] },
      c: { once: ['y'] },
      d: { once: [] },
      'c+d': { once: ['x', 'y', 'z'] },
    }
    const { found, asked } = await interactions(world, ['c', 'c+d'])
    expect(found.map(brief)).toEqual([['combination', 'c,d', 'lost-node z', 'once']])
    expect(asked).toEqual(['d'])
  })

  it('is due to the patches without which it is gone', async () => {
    const world: World = {
      baseline: { once: [], twice: [] },
      c: { once: [], twice: [] },
      d: { once: [], twice: [] },
      e: { once: [], twice: [] },
      'c+d+e': { once: ['z'], twice: ['z'] },
      'd+e': { once: [], twice: [] },
      'c+e': { once: ['z'], twice: ['z'] },
      'c+d': { once: [], twice: [] },
    }
    const { found } = await interactions(world, ['c+d+e'])
    expect(found[0]).toMatchObject({
      kind: 'combination',
      patches: ['c', 'e'],
      finding: { oracle: 'lost-node', subject: 'z' },
      scenarios: ['once', 'twice'],
    })
  })

  it('is not attributed to the combination if a single patch breaks off before it could arise', async () => {
    const world: World = {
      baseline: { once: [] },
      c: { once: run([], 1) },
      d: { once: [] },
      'c+d': { once: ['z'] },
    }
    expect((await interactions(world, ['c+d'])).found).toEqual([])
  })
})

describe('a patch of a stack', () => {
  const world: World = {
    baseline: { once: ['x', 'y'] },
    c: { once: ['x'] },
    d: { once: ['x'] },
    e: { once: ['x', 'y'] },
    'c+d': { once: ['x'] },
    'c+e': { once: ['x'] },
  }

  it('is redundant if the stack has the same findings without it, because of the others or because it changes nothing', async () => {
    const { found } = await interactions(world, ['c+d', 'c+e'])
    expect(found).toEqual([
      { variant: 'c+d', kind: 'redundant', patches: ['c'], why: 'others-do-it', others: ['d'] },
      { variant: 'c+d', kind: 'redundant', patches: ['d'], why: 'others-do-it', others: ['c'] },
      { variant: 'c+e', kind: 'redundant', patches: ['e'], why: 'changes-nothing', others: ['c'] },
    ])
  })

  it('is not redundant if the others do not apply without it', async () => {
    expect((await interactions({ ...world, c: 'conflict', d: 'conflict' }, ['c+d'])).found).toEqual([])
  })
})

describe('a finding of the unpatched kernel', () => {
  const baseline = { once: ['x'], twice: ['x'], other: ['x'] }

  it('is only hidden if it returns when the scenario continues', async () => {
    const { found } = await interactions({ baseline, c: { once: [], twice: ['x'], other: ['x'] } }, ['c'])
    expect(found.map(brief)).toEqual([['returns', 'c', 'lost-node x', 'twice']])
    expect(found[0]).toMatchObject({ goneIn: 'once' })
  })

  it('is not hidden just because another scenario has it', async () => {
    const world: World = { baseline, c: { once: [], twice: [], other: ['x'] } }
    expect((await interactions(world, ['c'])).found).toEqual([])
  })

  it('is only hidden if another finding masks it', async () => {
    const stolen: Finding = {
      ...finding('s'),
      oracle: 'refcount',
      kind: 'counter-fault',
      data: { fault: 'underflow' },
      masks: ['lost-node x'],
    }
    const { found } = await interactions({ baseline: { once: ['x'] }, c: { once: [stolen] } }, ['c'])
    expect(found.map(brief)).toEqual([['masked', 'c', 'lost-node x', 'once']])
    expect(found[0]).toMatchObject({ mask: { oracle: 'refcount', subject: 's' } })
  })

  it('that a patch hides is reported for the patch, not for each stack with it', async () => {
    const hiding = { once: [], twice: ['x'] }
    const world: World = { baseline, c: hiding, d: baseline, 'c+d': { ...hiding, twice: ['x', 'x'] } }
    const { found } = await interactions(world, ['c', 'c+d'])
    expect(found.filter(({ kind }) => kind === 'returns').map(({ variant }) => variant)).toEqual(['c'])
  })
})

describe('the order of a stack', () => {
  const world: World = {
    baseline: { once: ['x'] },
    a: { once: [] },
    b: { once: [] },
    'a+b': { once: ['y'] },
  }
  const order = async (more: World, hashes?: Readonly<Record<string, string>>): Promise<string[]> => {
    const { found } = await interactions({ ...world, ...more }, ['a', 'b', 'a+b'], hashes)
    return found.flatMap((one) => (one.kind === 'order' ? [`${one.patches.join()}: ${one.becomes}`] : []))
  }

  it('matters if the patches do not apply in another order, or have other findings', async () => {
    expect(await order({ 'b+a': 'conflict' })).toEqual(['a,b: conflict'])
    expect(await order({ 'b+a': { once: [] } })).toEqual(['a,b: other-findings'])
  })

  it('does not matter if sources or findings are the same', async () => {
    expect(await order({ 'b+a': { once: [] } }, { 'b+a': 'a+b' })).toEqual([])
    expect(await order({ 'b+a': { once: ['y'] } })).toEqual([])
  })

  it('is not tried for patches of different files', async () => {
    const { asked } = await interactions({ ...world, c: { once: [] }, 'a+c': { once: ['y'] } }, [
      'a',
      'c',
      'a+c',
    ])
    expect(asked).toEqual([])
  })
})
